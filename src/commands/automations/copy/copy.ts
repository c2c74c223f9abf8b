import { several } from "../../../command/arguments.js";
import { declareCommand } from "../../../command/declaration.js";
import { advanced, duration, flag, text, texts } from "../../../command/flags.js";
import { requestCodes } from "../../../command/help.js";
import { operationFlags } from "../../operations/flags.js";
import { selectionFlags } from "../../targets/selection.js";

export const command = declareCommand({
  effect: "changes",
  isFrozen: ({ dryRun }) => !dryRun,
  arguments: { refs: several("ref", "ids, exact names, or <deployment>/<name>", { completes: "refs" }) },
  flags: {
    to: texts("deployment", "where to, by id or exact name", {
      completes: "deployments",
      excludes: ["toCustomer", "toAllDeployments"],
    }),
    toCustomer: text("id", "to the deployments of one customer", {
      completes: "customers",
      excludes: ["toAllDeployments"],
    }),
    toAllDeployments: flag("to every deployment of the account"),
    paused: flag("create them paused; with --update also pause what exists"),
    update: flag("change what has the same name there and differs"),
    ...selectionFlags,
    ...operationFlags,
    waitReady: advanced(duration("how long to wait until a deployment of --to is ready", { usual: "2m" })),
  },
  help: {
    about: "Copy automations to other deployments. Copying again changes nothing.",
    use: "To use elsewhere what works in one deployment. What has the same name there and differs is skipped, and listed, unless --update is given. A paused one stays paused in its copy. Threads and runs aren't copied.",
    notes:
      "From: refs, or a selection; -d alone means every automation there. --except also skips deployments of --to-customer and --to-all-deployments.",
    inPipe: "name, result, id, why (with several targets the deployment's id first)",
    exitCodes: requestCodes({
      0: "done, or nothing to do, also where some were skipped",
      1: "you answered no",
      2: "copied onto itself, or two of one name that differ; nothing was changed",
      4: "a ref or a selector matches nothing",
      6: "a freeze, a name that matches several, another herm still at work there after --max-wait, or somebody else made the only change first",
      8: "some failed, and the hint finishes it; or another machine created the same",
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
