import { NotFoundError } from "../../../api/errors.js";
import { changedSincePlan, checkUnchanged, type PlannedChange } from "../../../changes/planned.js";
import type { Context } from "../../../context.js";
import { NotPossibleError } from "../../../errors.js";
import type { Task } from "../../../manifest/fleet-plan.js";
import { groupBy } from "../../../manifest/group-by.js";
import type { MadeIn } from "../../sending/made-twice.js";
import type { TaskResult } from "./rows.js";

/** What a task rests on: what was read when it was planned. */
export function planOf(
  { target: { deploymentId }, change: { automationId = "", before } }: Task,
  { isSaved = false }: { isSaved?: boolean | undefined },
): PlannedChange {
  return { deploymentId, automationId, planned: before ?? {}, isSaved };
}

/**
 * What a twin is deleted for was as it is when that was planned, and has to be so still. Throws NotPossibleError where it
 * isn't, or is gone.
 */
export async function checkTwin(
  context: Context,
  { target: { deploymentId }, change: { stays, before } }: Task,
): Promise<void> {
  if (stays === undefined || before === undefined) return;
  const { name, schedule, instructions, enabled } = before;
  const planned = { name, schedule, instructions, enabled };
  const plan = { deploymentId, automationId: stays, planned, isSaved: true };
  await checkUnchanged(context, plan).catch((error: unknown) => {
    throw error instanceof NotFoundError ? goneError(plan) : error;
  });
}

/** Why what was to be changed can't be: it isn't there any more. */
export function goneError({ automationId, isSaved }: PlannedChange): NotPossibleError {
  return isSaved === true ? changedSincePlan("it is gone") : new NotPossibleError(`${automationId} is gone`);
}

/** Where something was created. */
export function placesMade(results: readonly TaskResult[]): MadeIn[] {
  const made = results.filter(
    ({ item, outcome }) => item.change.action === "create" && outcome.result === "done",
  );
  return [...groupBy(made, ({ item }) => item.target.deploymentId)].flatMap(([deploymentId, theirs]) => {
    const [first] = theirs;
    if (first === undefined) return [];
    const { target, known } = first.item;
    const names = new Set(theirs.map(({ item }) => item.change.name));
    return [{ deploymentId, deployment: target.name, names, known }];
  });
}
