import { declareCommand } from "../../../command/declaration.js";
import { requestCodes } from "../../../command/help.js";
import { copyInput } from "./input.js";

export const command = declareCommand({
  effect: "changes",
  isFrozen: ({ dryRun }) => !dryRun,
  ...copyInput,

  help: {
    about: "Copy automations to other deployments. Copying again changes nothing.",
    use: "Reuse what works in one deployment. One that differs from its namesake there is skipped, and listed, unless --update is given. Copies of paused ones are paused. Threads and runs aren't copied.",
    notes:
      "From: refs, or a selection; -d alone means every automation there. --except also skips deployments of --to-customer and --to-all-deployments.",
    inPipe: "name, result, id, why (with several targets the deployment's id first)",
    exitCodes: requestCodes({
      0: "done, or nothing to do, even if some were skipped",
      1: "you answered no",
      2: "copied onto itself, or two differ under one name; nothing was changed",
      4: "a ref or a selector matches nothing",
      6: "a freeze, a name that matches several, another herm still busy there after --max-wait, or somebody else made the only change first",
      8: "some failed: run the hint's command; or another machine created the same",
      12: "the outcome of some is unknown; the hint finishes it",
    }),
    examples: [
      'herm automations copy "Weekly video variations" --to dep_9mW3x1',
      "herm automations copy --deployment dep_7xK9s2 --to-customer cus_9 --paused",
      'herm automations copy "Weekly video variations" --to-all-deployments --update --dry-run',
    ],
  },
  async run(context, input): Promise<void> {
    const { copyAutomations } = await import("./operation.js");
    return copyAutomations(context, input);
  },
});
