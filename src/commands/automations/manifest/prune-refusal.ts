import { NotPossibleError } from "../../../errors.js";

/** What a command ends with because it was to prune and couldn't know what, for the `trouble` of the record. */
export function pruneRefusal(trouble: string): NotPossibleError {
  return new NotPossibleError(`nothing was pruned: ${trouble}`, {
    hint: (herm) =>
      `bring the record back from git or the cache, or let ${herm("automations", "adopt")} take in what was made`,
  });
}
