import type { Automation } from "../../../api/types.js";
import type { Context } from "../../../context.js";
import { unlessGone } from "../../../fleet/read-many.js";
import { itemKey } from "../../../fleet/refs.js";
import type { AutomationIds, ChangesOf } from "../../../incident/ledger-index.js";
import { lastSignMs, overdueMs } from "../../../observe/overdue.js";
import { changesHere, loadIncidentSwitches } from "../shared/known-changes.js";

export interface LateQuestion {
  automation: Automation;
  deployment_id: string;
}

/** Reads the automation where the list item isn't enough. */
export type IsLate = (question: LateQuestion, signal?: AbortSignal) => Promise<boolean>;

/**
 * Lateness by the schedule as we read it, so an estimate (src/commands/README.md, "Flags"). What was due before the
 * automation was created or last changed doesn't count.
 */
export interface Lateness {
  /** Milliseconds since 1970 when one was due that seems late by its list item. */
  seemsDueMs(automation: Automation): number | undefined;
  /** True when a list item says when it was last changed and last ran. */
  isComplete(automation: Automation): boolean;
  /** Milliseconds since 1970; only this, by all that was read, says that it is late. */
  dueMs(question: LateQuestion, read: Automation): Promise<number | undefined>;
}

export function latenessOf(context: Context, graceMs: number): Lateness {
  const lastChanges = new LastChanges(context);
  const missedSince = (automation: Automation, sinceMs: number) =>
    overdueMs(automation, { sinceMs, nowMs: context.serverNow().getTime(), graceMs });
  return {
    seemsDueMs: (automation) => missedSince(automation, lastSignMs(automation) ?? 0),
    isComplete: ({ updated_at, last_run_at }) => Boolean(updated_at) && last_run_at !== undefined,
    dueMs: async ({ automation, deployment_id }, read) => {
      const { automation_id: id, created_at, updated_at, last_run_at } = automation;
      const signMs = lastSignMs(read, lastSignMs({ created_at, updated_at, last_run_at }));
      const dueMs = signMs === undefined ? undefined : missedSince(read, signMs);
      if (signMs !== undefined && dueMs === undefined) return undefined;
      const changedMs = await lastChanges.of({ deployment_id, automation_id: id }, dueMs);
      if (changedMs === undefined) return dueMs;
      return missedSince(read, Math.max(changedMs, signMs ?? changedMs));
    },
  };
}

/** Reads only an automation that seems late and whose list item isn't enough. */
export async function loadIsLate(context: Context, graceMs: number): Promise<IsLate> {
  const client = await context.client();
  const lateness = latenessOf(context, graceMs);
  return async (question, signal = context.signal) => {
    const { automation, deployment_id } = question;
    if (lateness.seemsDueMs(automation) === undefined) return false;
    const read = lateness.isComplete(automation)
      ? automation
      : await unlessGone(client.automations.get(deployment_id, automation.automation_id, { signal }));
    return read !== undefined && (await lateness.dueMs(question, read)) !== undefined;
  };
}

/** Times of the last change by this data folder, by the server's clock; loaded only when something seems late. */
class LastChanges {
  #fromMs = Number.POSITIVE_INFINITY;
  #here: ReturnType<typeof changesHere> | undefined;
  #inIncidents: Promise<ChangesOf> | undefined;

  constructor(private readonly context: Context) {}

  /** Milliseconds since 1970, as far as it was since `servedMs`, or ever. */
  async of(ids: AutomationIds, servedMs = Number.NEGATIVE_INFINITY): Promise<number | undefined> {
    const { context } = this;
    const nowMs = context.now().getTime();
    const fromMs = servedMs - (context.serverNow().getTime() - nowMs);
    if (fromMs < this.#fromMs) {
      // Twice as far back as before: however many ask for a bit more each, it is read again a few times only.
      this.#fromMs = Math.min(fromMs, nowMs - 2 * (nowMs - Math.min(this.#fromMs, nowMs)));
      this.#here = changesHere(context, { sinceMs: this.#fromMs, ofIncidents: false });
    }
    this.#inIncidents ??= loadIncidentSwitches(context, { includesEarlier: false });
    const [here, inIncidents] = await Promise.all([this.#here, this.#inIncidents]);
    const changes = [...(here?.get(itemKey(ids)) ?? []), ...inIncidents(ids)];
    return changes.length === 0 ? undefined : Math.max(...changes.map(({ atMs }) => atMs));
  }
}
