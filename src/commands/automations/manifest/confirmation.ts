import { UsageError } from "../../../errors.js";
import type { Task } from "../../../manifest/fleet-plan.js";

/** How many deletions in one deployment are carried out unless told otherwise. */
export const defaultMostDeletes = 5;

/** Throws UsageError where something would be deleted, `--yes` wasn't given and nobody can be asked. */
export function checkConfirmation(tasks: readonly Task[], mayChange: boolean): void {
  const deletions = tasks.filter(({ change }) => change.action === "delete").length;
  if (deletions === 0 || mayChange) return;
  const what = deletions === 1 ? "1 deletion needs" : `${deletions} deletions need`;
  throw new UsageError(`${what} --yes when there is nobody to ask; nothing was changed`);
}
