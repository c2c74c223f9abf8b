import { declareCommand, requestCodes } from "../../command/declaration.js";
import { optional } from "../../command/flags.js";
import { operationFlags, resultFields } from "../../operations/change-flags.js";
import { nameFlags, readSelection } from "../../operations/selection/selection-flags.js";

export const command = declareCommand({
  effect: "destroys",
  isFrozen: ({ dryRun }) => !dryRun,
  arguments: { change: optional("change", 'an id from herm history, or "last"', { completes: "changes" }) },
  flags: { ...nameFlags, ...operationFlags },
  help: {
    about: "Undo a change, skipping anything edited since.",
    use: "Revert a change that went wrong, to one automation or a fleet. It skips and lists anything changed since. A deleted automation is created again, with a new id; a created one is deleted if it never ran. Started runs aren't undone.",
    notes:
      "Without an id, it shows the last change and asks for confirmation; last does the same, and also finishes an interrupted undo. Selectors and --except narrow it down; to undo the rest, run it again without them. It covers only changes made with this data folder, and can itself be undone. Undoing an incident's pause resumes its automations; undoing its resume pauses them again, in the same incident.",
    inPipe: resultFields,
    exitCodes: requestCodes({
      0: "done, or nothing to undo",
      1: "you answered no",
      2: "--yes or an id is missing and herm can't ask, or the change belongs to another API",
      4: "no such change, or a selector matches nothing in it",
      6: "a freeze, it can't be recorded, its history file was altered, or it was still being sent after --max-wait",
      8: "some failed: run it again; or somebody else created one too",
      12: "the outcome of some is unknown",
    }),
    examples: ["herm undo", "herm undo last --dry-run", 'herm undo c_7f3kq9 --match "Weekly*" --yes'],
  },
  async run(context, input): Promise<void> {
    const chosen = { ...input, selection: readSelection(context, input) };
    const { undo } = await import("./run-undo.js");
    return undo(context, chosen);
  },
});
