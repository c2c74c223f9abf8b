import { declareCommand, requestCodes } from "../../command/declaration.js";
import { advanced, reasonFlag } from "../../command/flags.js";
import { selectionFlags } from "../../operations/selection/selection-flags.js";

export const command = declareCommand({
  effect: "changes",
  flags: { ...selectionFlags, reason: advanced(reasonFlag) },
  help: {
    about: "Watch the fleet on one live screen, and act on it.",
    use: "See what is happening now; rows that need attention come first. Visible rows update immediately, the others every two seconds, or less often in a large fleet. It shows all deployments, even if you've chosen one; use -d to narrow it down.",
    notes:
      "The first lines say which open incident holds automations, or that all are paused. p pauses, r resumes and t triggers, each confirmed by y; a answers, Enter follows a run, ? shows all keys, q quits. Rows of an unresponsive deployment are marked ~. An automation missing from the list keeps its row, marked not listed, until the API says it is gone.",
    exitCodes: requestCodes({ 2: "no interactive terminal" }),
    examples: ["herm top", "herm top --deployment Acme", 'herm top --customer cus_9 --match "Report*"'],
  },
  async run(context, input): Promise<void> {
    const { showTop } = await import("./run-top.js");
    return showTop(context, input);
  },
});
