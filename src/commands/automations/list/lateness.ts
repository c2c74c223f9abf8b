import { NotFoundError } from "../../../api/errors.js";
import type { Automation } from "../../../api/types.js";
import type { Context } from "../../../context.js";
import { readTouches } from "../../../fleet/touches.js";
import { lastSignMs, owedFireMs } from "../../../observe/overdue.js";

export interface LateQuestion {
  automation: Automation;
  deploymentId: string;
}

/** Whether a listed automation is late; reads it by itself where the list doesn't tell. */
export type IsLate = (question: LateQuestion, signal?: AbortSignal) => Promise<boolean>;

/**
 * Whether an automation should have run more than its grace ago and didn't (src/commands/README.md, "Flags"): by its
 * schedule as we read it, so an estimate. What was due before it was made or last changed doesn't count.
 */
export interface Lateness {
  /** When one was due that seems late by how it was listed, ms since 1970; undefined: it isn't late. */
  seemsDueMs(automation: Automation): number | undefined;
  /** Whether a list item tells all that there is to know: when it was last changed, and when it last ran. */
  isTold(automation: Automation): boolean;
  /** The same by all that was read of it too; only this, or what `isTold`, says that it is late. */
  dueMs(question: LateQuestion, read: Automation): number | undefined;
}

/** Late is what is more than `graceMs` late at this moment. */
export function latenessOf(context: Context, graceMs: number): Lateness {
  const touched = lastTouches(context);
  const owedSince = (automation: Automation, sinceMs: number) =>
    owedFireMs(automation, { sinceMs, nowMs: context.serverNow().getTime(), graceMs });
  return {
    seemsDueMs: (automation) => owedSince(automation, lastSignMs(automation) ?? 0),
    isTold: ({ updated_at, last_run_at }) => Boolean(updated_at) && last_run_at !== undefined,
    dueMs: ({ automation, deploymentId }, read) => {
      const { automation_id: id, created_at, updated_at, last_run_at } = automation;
      const listed = lastSignMs(
        { created_at, updated_at, last_run_at },
        touched.get(`${deploymentId}/${id}`),
      );
      const sinceMs = lastSignMs(read, listed);
      return sinceMs === undefined ? undefined : owedSince(read, sinceMs);
    },
  };
}

/** Tells of an automation whether it is late; only one that seems so, and of which the list doesn't tell enough, is read. */
export async function loadIsLate(context: Context, graceMs: number): Promise<IsLate> {
  const client = await context.client();
  const lateness = latenessOf(context, graceMs);
  return async (question, signal = context.signal) => {
    const { automation, deploymentId } = question;
    if (lateness.seemsDueMs(automation) === undefined) return false;
    if (lateness.isTold(automation)) return lateness.dueMs(question, automation) !== undefined;
    try {
      const read = await client.automations.get(deploymentId, automation.automation_id, { signal });
      return lateness.dueMs(question, read) !== undefined;
    } catch (error) {
      if (error instanceof NotFoundError) return false;
      throw error;
    }
  };
}

/** When this data folder last changed each. */
function lastTouches(context: Context): ReadonlyMap<string, number> {
  const touches = readTouches(context.settings);
  return new Map(
    touches.map(({ deploymentId, automationId, at, servedAt = at }) => [
      `${deploymentId}/${automationId}`,
      servedAt.getTime(),
    ]),
  );
}
