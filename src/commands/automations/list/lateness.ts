import { NotFoundError } from "../../../api/errors.js";
import type { Automation } from "../../../api/types.js";
import type { Context } from "../../../context.js";
import { readTouches } from "../../../fleet/touches.js";
import { lastSignMs, owedFireMs } from "../../../observe/overdue.js";

export interface LateQuestion {
  automation: Automation;
  deploymentId: string;
}

export type IsLate = (question: LateQuestion) => Promise<boolean>;

/**
 * Tells of an automation whether it should have run more than `graceMs` ago and didn't (src/commands/README.md, "Flags"): by its
 * schedule as we read it, so an estimate. What was due before it was made or last changed doesn't count; only for one
 * that seems late is that read from the server.
 */
export async function loadIsLate(context: Context, graceMs: number): Promise<IsLate> {
  const touched = lastTouches(context);
  const client = await context.client();
  const now = { nowMs: context.serverNow().getTime(), graceMs };
  return async ({ automation, deploymentId }) => {
    if (owedFireMs(automation, { ...now, sinceMs: lastSignMs(automation) ?? 0 }) === undefined) return false;
    try {
      const { automation_id: id, created_at, updated_at, last_run_at } = automation;
      const read = await client.automations.get(deploymentId, id, { signal: context.signal });
      const touchedMs = touched.get(`${deploymentId}/${id}`);
      const listed = lastSignMs({ created_at, updated_at, last_run_at }, touchedMs);
      const sinceMs = lastSignMs(read, listed);
      return sinceMs !== undefined && owedFireMs(read, { ...now, sinceMs }) !== undefined;
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
    touches.map(({ deploymentId, automationId, at }) => [`${deploymentId}/${automationId}`, at.getTime()]),
  );
}
