import { declareCommand, requestCodes } from "../../../command/declaration.js";
import { count, several, time } from "../../../command/flags.js";
import { operationFlags, resultFields } from "../../../operations/change-flags.js";
import { changeFlags, readSelection } from "../../../operations/selection/selection-flags.js";

export const command = declareCommand({
  effect: "changes",
  isFrozen: ({ dryRun }) => !dryRun,
  arguments: { refs: several("ref", "ids, exact names, or <deployment>/<name>", { completes: "refs" }) },
  flags: {
    since: time("how far to look back: 24h, yesterday, mon 06:00"),
    max: count("start at most this many runs, longest waiting first"),
    ...changeFlags,
    ...operationFlags,
  },
  help: {
    about: "Start one run for each automation that provably missed a run.",
    use: "Use it after a platform outage. Each automation starts once, however many runs it missed. It skips and lists automations that have run since, are still running, are waiting for an answer or are paused, and runs missed in the last hour, because the platform may still start them.",
    notes:
      "audit counts the same way, and shows which runs were missed, and why some are unknown. After an incident, use resume --incident with --catch-up.",
    inPipe: `${resultFields}; if a run started, its id instead of a reason`,
    exitCodes: requestCodes({
      0: "done, or nothing to start, even if some were skipped",
      1: "you answered no",
      4: "a ref or a selector matches nothing",
      6: "a freeze, a name that matches several, or another herm process still catching up after --max-wait",
      8: "some failed, could not be read, or were also started by somebody else",
      12: "some runs may have been started",
    }),
    examples: [
      "herm automations catch-up --since 24h",
      "herm automations catch-up --all-deployments --since yesterday --dry-run",
      'herm automations catch-up --match "Report*" --since 24h --max 20 --yes',
    ],
  },
  async run(context, input): Promise<void> {
    const selection = readSelection(context, input);
    await (await import("./run-catch-up.js")).catchUp(context, { input, selection });
  },
});
