import { several } from "../../../command/arguments.js";
import type { InputOf } from "../../../command/declaration.js";
import { advanced, duration, flag, text, texts } from "../../../command/flags.js";
import { operationFlags } from "../../../operations/flags.js";
import { selectionFlags } from "../../../operations/selection/selection.js";

export const copyInput = {
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
};

export type CopyInput = InputOf<typeof copyInput>;
