import { NotFoundError } from "../../../api/errors.js";
import type { Automation } from "../../../api/types.js";
import type { Context } from "../../../context.js";
import { readTouches } from "../../../fleet/touches.js";
import { loadNextTimes } from "../../../schedule/next.js";
import { readSchedule } from "../../../schedule/read.js";

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
  const next = await loadNextTimes();
  const touched = lastTouches(context);
  const client = await context.client();
  const deadline = context.serverNow().getTime() - graceMs;
  const isDueAfter = (automation: Automation, from: number | undefined) => {
    const reading = readSchedule(automation.schedule ?? "");
    if (!reading.ok) return false;
    const [due] = next(reading.cron, new Date(from ?? 0), 1);
    return due !== undefined && due.getTime() <= deadline;
  };
  return async ({ automation, deploymentId }) => {
    const known = [automation.last_run_at, automation.created_at, automation.updated_at];
    if (!automation.enabled || !isDueAfter(automation, latest(known))) return false;
    try {
      const { automation_id: id } = automation;
      const read = await client.automations.get(deploymentId, id, { signal: context.signal });
      const runs = read.recent_runs.map((run) => run.started_at);
      const touch = touched.get(`${deploymentId}/${id}`);
      const from = latest([read.last_run_at, read.created_at, read.updated_at, ...runs, ...known, touch]);
      return read.enabled === true && from !== undefined && isDueAfter(read, from);
    } catch (error) {
      if (error instanceof NotFoundError) return false;
      throw error;
    }
  };
}

function latest(times: readonly (string | null | undefined)[]): number | undefined {
  const moments = times.flatMap((time) => (time ? [new Date(time).getTime()] : []));
  return moments.length === 0 ? undefined : Math.max(...moments);
}

function lastTouches(context: Context): ReadonlyMap<string, string> {
  const touches = readTouches(context.settings);
  return new Map(
    touches.map(({ deploymentId, automationId, at }) => [
      `${deploymentId}/${automationId}`,
      at.toISOString(),
    ]),
  );
}
