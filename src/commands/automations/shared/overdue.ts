import type { Automation } from "../../../api/types.js";
import type { Context } from "../../../context/context.js";
import { unlessGone } from "../../../fleet/read-many.js";
import type { ChangesOf } from "../../../incident/ledger-index.js";
import { firstDueMs, isGraceOver, overdueSinceMs } from "../../../runs/proven-times.js";
import { loadKnownChanges } from "./known-changes.js";

export interface OverdueQuestion {
  automation: Automation;
  deployment_id: string;
}

/**
 * Finds overdue runs. When a run is due is an estimate, made from the schedule (src/commands/README.md, "Flags"). The
 * rule is in src/runs/README.md, "Overdue".
 */
export class OverdueRuns {
  #changesOf: Promise<ChangesOf> | undefined;

  constructor(
    private readonly context: Context,
    private readonly graceMs: number,
  ) {}

  /** The time since which a run has been overdue, from this item and local records. Throws if they can't be read. */
  async dueMsOf({ automation, deployment_id }: OverdueQuestion): Promise<number | undefined> {
    if (!this.maybe(automation)) return undefined;
    const times = { nowMs: this.#nowMs(), graceMs: this.graceMs };
    const dueMs = overdueSinceMs(automation, times);
    // If so, no earlier run was due.
    if (dueMs === firstDueMs(automation)) return dueMs;
    this.#changesOf ??= loadKnownChanges(this.context);
    const changes = (await this.#changesOf)({ deployment_id, automation_id: automation.automation_id });
    return changes.length === 0 ? dueMs : overdueSinceMs(automation, { ...times, changes });
  }

  /** Like `dueMsOf`, for a list item; uses a GET if the item isn't enough. */
  async read({ deployment_id, automation: listed }: OverdueQuestion): Promise<number | undefined> {
    if (!this.maybe(listed)) return undefined;
    const automation = await this.readingOf({ deployment_id, automation: listed }, this.context.signal);
    return automation && this.dueMsOf({ deployment_id, automation });
  }

  /** The list item, or the result of a GET if the item isn't enough; undefined if the automation no longer exists. */
  async readingOf(
    { automation, deployment_id }: OverdueQuestion,
    signal: AbortSignal,
  ): Promise<Automation | undefined> {
    if (this.isComplete(automation)) return automation;
    const { automations } = await this.context.client();
    return unlessGone(automations.get(deployment_id, automation.automation_id, { signal }));
  }

  /** False if a list item alone rules out an overdue run. */
  maybe(automation: Automation): boolean {
    const dueMs = firstDueMs(automation);
    return dueMs !== undefined && isGraceOver(dueMs, { nowMs: this.#nowMs(), graceMs: this.graceMs });
  }

  /** True if the list item includes its last change and its last run. */
  isComplete({ updated_at, last_run_at }: Automation): boolean {
    return Boolean(updated_at) && last_run_at !== undefined;
  }

  #nowMs(): number {
    return this.context.serverNow().getTime();
  }
}
