import { UsageError } from "../../../../errors.js";
import type { Task } from "../../../../manifest/plan/fleet-plan.js";

export const defaultMostDeletes = 5;

/** Throws UsageError where somebody sits there, can't be asked, and something is to be changed. */
export function checkAttended(tasks: readonly Task[]): void {
  if (tasks.length === 0) return;
  const what = tasks.length === 1 ? "this change needs" : `these ${tasks.length} changes need`;
  throw new UsageError(`stdin has the manifest, and no terminal could be opened: ${what} --yes`, {
    hint: "nothing was changed",
  });
}

/** Throws UsageError where something would be deleted, without `--yes` and anybody to ask. */
export function checkConfirmation(tasks: readonly Task[], mayChange: boolean): void {
  const deletions = tasks.filter(({ change }) => change.action === "delete").length;
  if (deletions === 0 || mayChange) return;
  const what = deletions === 1 ? "1 deletion needs" : `${deletions} deletions need`;
  throw new UsageError(`${what} --yes when there is nobody to ask; nothing was changed`);
}
