import type { RunStatus } from "../../../api/types.js";
import { optional } from "../../../command/arguments.js";
import { declareCommand, type InputOf } from "../../../command/declaration.js";
import { advanced, choice, count, flag, inGroup, time, wordList } from "../../../command/flags.js";
import { requestCodes } from "../../../command/help.js";
import type { Context } from "../../../context/context.js";
import { readSelection, selectionFlags } from "../../../operations/selection/selection.js";
import { deploymentFirst, pipedFields } from "../../../output/columns.js";
import { runColumns, runFields, runKeys } from "./columns.js";
import { printRuns, type RunListOptions } from "./print.js";

const columnKeys = [...runKeys, ...runFields];
const shownKeys = [...runKeys, "question", ...runFields];

export const command = declareCommand({
  effect: "reads",
  arguments: {
    ref: optional("ref", "an automation: id, exact name or <deployment>/<name>", {
      completes: "refs",
    }),
  },
  flags: {
    ...inGroup("Which ones", {
      failed: flag("only those that failed"),
      waiting: flag("only those that wait for an answer, with what they ask"),
      running: flag("only those that are still going"),
      completed: advanced(flag("only those that completed")),
      since: time("only those that started since: 12h, yesterday, 9am, mon"),
      until: advanced(time("only those that started before")),
    }),
    ...selectionFlags,
    // Here it means the runs.
    failing: flag("the same as --failed", { isHidden: true }),
    ...inGroup("Output", {
      watch: flag("redraw in place and mark what changes, until q or Ctrl-C", { excludes: ["exitCode"] }),
      verbose: advanced(flag("every run by itself, also failures with the same error")),
      exitCode: advanced(flag("exit with 9 if anything is listed")),
      sort: advanced({
        ...choice("column", `by ${runKeys.join(", ")}, or by a field of the JSON`, columnKeys),
        offers: runKeys,
      }),
      columns: advanced(
        wordList(`only these, in this order; also fields of the JSON: ${runFields.join(", ")}`, shownKeys),
      ),
      limit: advanced(count("at most this many (default: all)")),
    }),
  },
  help: {
    about: "List recent runs, newest first: of an automation, a deployment, or many.",
    use: "Find out what ran and how it ended, such as what failed last night; then open one with runs show. --failed, --completed, --running and --waiting together list whatever matches any of them. The API keeps only an automation's last runs; if --since asks for more, a line says how far back they go.",
    notes:
      "A time is a duration ago (2h), a day from 00:00 (yesterday, mon, a date), the last time of day (9am), both (mon 9am), or RFC 3339; local unless it names a zone.",
    inPipe: `${pipedFields(runColumns(new Date(0), { withDeployment: false }))} ${deploymentFirst}; with --waiting alone also the question`,
    exitCodes: requestCodes({
      8: "some deployments could not be read",
      9: "--exit-code, and something is listed",
    }),
    examples: [
      'herm runs list "Weekly video variations"',
      "herm runs list --failed --since 12h --all-deployments",
      "herm runs list --waiting --all-deployments",
    ],
  },
  run: (context, input): Promise<void> => printRuns(context, readInput(context, input)),
});

function readInput(context: Context, input: InputOf<typeof command>): RunListOptions {
  return {
    ...input,
    selection: readSelection(context, { ...input, failing: false }),
    statuses: statusesOf(input),
  };
}

/** Empty: all. */
function statusesOf({ failed, failing, completed, running, waiting }: InputOf<typeof command>): RunStatus[] {
  const statuses: [RunStatus, boolean][] = [
    ["error", failed || failing],
    ["completed", completed],
    ["running", running],
    ["waiting_on_human", waiting],
  ];
  return statuses.flatMap(([status, isGiven]) => (isGiven ? [status] : []));
}
