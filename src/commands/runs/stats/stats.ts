import { several } from "../../../command/arguments.js";
import { declareCommand, type InputOf } from "../../../command/declaration.js";
import { choice, count, seldom, time, wordList } from "../../../command/flags.js";
import { requestCodes } from "../../../command/help.js";
import type { Context } from "../../../context.js";
import { readSelection, selectionFlags } from "../../targets/selection.js";
import { groupings, printStats, statsKeys, usualSince } from "./print.js";

export const command = declareCommand({
  effect: "reads",
  arguments: {
    refs: several("ref", "automations: ids, exact names, or <deployment>/<name>", { completes: "refs" }),
  },
  flags: {
    since: time(`only runs since then: 7d, yesterday, mon (default ${usualSince})`),
    by: choice("what", `a row for each: automation (default), deployment, error`, groupings),
    sort: choice("column", "the most first; success the lowest, names by their letters", statsKeys),
    columns: seldom(wordList(`only these, in this order: ${statsKeys.join(", ")}`, statsKeys)),
    concurrency: seldom(count("how many are read at once (default 8)")),
    ...selectionFlags,
  },
  help: {
    about: "Show how runs went: how many, how well, how long, and what the schedule lets expect a week.",
    use: "To find what fails, gets slow or costs most. Without --sort what fails now comes first. The API keeps only an automation's last runs: a line says how far back they go.",
    notes:
      "OK is of the runs that ended. P95: 95 of 100 took no longer. STREAK: so many failures in a row until now. LAST RUNS: bars by duration, the newest on the right, ✗ failed; digits where the terminal has no Unicode. A forecast is the schedule's fires, on average over the next 52 weeks, times the median; ≥: it isn't known of all.",
    inPipe:
      "name, runs, success in per cent, median ms, p95 ms, failures in a row, last runs (8: the longest, x: failed), runs a week, agent-minutes a week, last error, automation id (with several deployments the deployment's id first; by deployment its id, how many automations, then the same from runs on, without the id; by error: error, failed, automations, first, last, run id)",
    exitCodes: requestCodes({ 8: "some deployments could not be read" }),
    examples: [
      'herm runs stats "Weekly video variations" --since 7d',
      "herm runs stats --all-deployments --by error --since 24h",
      "herm runs stats --all-deployments --by deployment --sort minutes",
    ],
  },
  run: (context, input): Promise<void> => statsOf(context, input),
});

function statsOf(context: Context, input: InputOf<typeof command>): Promise<void> {
  const { by = "automation" } = input;
  return printStats(context, { ...input, by, selection: readSelection(context, input) });
}
