import { advanced, count, flag, inGroup, reasonFlag } from "../command/flags.js";

export const operationFlags = {
  ...inGroup("Safety", {
    dryRun: flag("show what it would do without changing anything"),
    yes: flag("don't ask for confirmation"),
  }),
  ...inGroup("Output", {
    verbose: advanced(flag("a row for every automation")),
  }),
  concurrency: advanced(count("how many to process at once (default 8)")),
  reason: advanced(reasonFlag),
};

export const atOnce = { dryRun: false, yes: true };

export const resultFields = "name, result, id, why (with several deployments the deployment's id first)";
