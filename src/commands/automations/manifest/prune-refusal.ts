import { NotPossibleError } from "../../../errors.js";

/** What a command ends with because it was to prune and couldn't know what, for the `trouble` of the record. */
export function pruneRefusal(trouble: string): NotPossibleError {
  // By now it is begun.
  const then = trouble.replace(/ isn't there$/, " wasn't there").replace(/ is empty$/, " was empty");
  return new NotPossibleError(`nothing was pruned: ${then}`, {
    hint: (herm) =>
      `a first run begins the record, and the next one prunes by it; one that was lost comes back from git or the cache, or ${herm("automations", "adopt")} takes in what was made`,
  });
}
