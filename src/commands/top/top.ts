import { declareCommand } from "../../command/declaration.js";
import { reasonFlag, seldom } from "../../command/flags.js";
import { requestCodes } from "../../command/help.js";
import { selectionFlags } from "../targets/selection.js";

export const command = declareCommand({
  effect: "changes",
  flags: { ...selectionFlags, reason: seldom(reasonFlag) },
  help: {
    about: "Watch a deployment or a whole fleet on one live screen that sorts, filters and scrolls.",
    use: "To see what happens now: what waits, ran although it is paused, fails or is late stands first. What runs do in the deployments in sight shows at once; all is read again every two seconds, a large fleet less often. Without a selection: the deployment in use or, where none is chosen, all.",
    notes:
      "p pauses, r resumes and t triggers after a y, a answers, Enter follows a run and comes back; ? shows all keys, q leaves. A deployment that doesn't answer is greyed and marked ~ until it does. kill -9 leaves the terminal as it was drawn: herm top and q mend it.",
    exitCodes: requestCodes({ 2: "there is no terminal to draw on" }),
    examples: ["herm top", "herm top --all-deployments", 'herm top --customer cus_9 --match "Report*"'],
  },
  async run(context, input): Promise<void> {
    const { showTop } = await import("./run-top.js");
    return showTop(context, input);
  },
});
