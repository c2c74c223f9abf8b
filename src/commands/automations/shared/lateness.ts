import type { Automation } from "../../../api/types.js";
import type { Context } from "../../../context.js";
import { unlessGone } from "../../../fleet/read-many.js";
import type { ChangesOf } from "../../../incident/ledger-index.js";
import { firstDueMs, isGraceOver, isMissed, lateSinceMs } from "../../../observe/proven-times.js";
import type { StateFacts } from "../../../observe/state.js";
import { loadKnownChanges } from "./known-changes.js";

export interface LateQuestion {
  automation: Automation;
  deployment_id: string;
}

/** Empty where nothing is due. */
export type LateFacts = Pick<StateFacts, "dueMs" | "isMissed">;

/**
 * Lateness by the schedule as we read it, so an estimate (src/commands/README.md, "Flags"), by the rule of
 * src/observe/README.md, "Late now".
 */
export class Lateness {
  #changesOf: Promise<ChangesOf> | undefined;

  constructor(
    private readonly context: Context,
    private readonly graceMs: number,
  ) {}

  /** Says since when a run is due, by this reading and what is known here. Throws where that can't be read. */
  async factsOf(question: LateQuestion): Promise<LateFacts> {
    const dueMs = await this.#dueMs(question);
    return dueMs === undefined
      ? {}
      : { dueMs, isMissed: isMissed(question.automation, dueMs, this.#nowMs()) };
  }

  async #dueMs({ automation, deployment_id }: LateQuestion): Promise<number | undefined> {
    if (!this.mayBeLate(automation)) return undefined;
    const times = { nowMs: this.#nowMs(), graceMs: this.graceMs };
    const dueMs = lateSinceMs(automation, times);
    // What was due first can't have been due earlier.
    if (dueMs === firstDueMs(automation)) return dueMs;
    this.#changesOf ??= loadKnownChanges(this.context, { includesEarlier: true });
    const changes = (await this.#changesOf)({ deployment_id, automation_id: automation.automation_id });
    return changes.length === 0 ? dueMs : lateSinceMs(automation, { ...times, changes });
  }

  /** Gives the facts of the list item, or of a GET where that isn't enough. */
  async read({ deployment_id, automation: listed }: LateQuestion): Promise<LateFacts> {
    if (!this.mayBeLate(listed)) return {};
    const automation = await this.readingOf({ deployment_id, automation: listed }, this.context.signal);
    return automation === undefined ? {} : this.factsOf({ deployment_id, automation });
  }

  /** The list item, or a GET where that isn't enough; undefined where it no longer exists. */
  async readingOf(
    { automation, deployment_id }: LateQuestion,
    signal: AbortSignal,
  ): Promise<Automation | undefined> {
    if (this.isComplete(automation)) return automation;
    const { automations } = await this.context.client();
    return unlessGone(automations.get(deployment_id, automation.automation_id, { signal }));
  }

  /** False where a list item alone shows that nothing is due. */
  mayBeLate(automation: Automation): boolean {
    const dueMs = firstDueMs(automation);
    return dueMs !== undefined && isGraceOver(dueMs, { nowMs: this.#nowMs(), graceMs: this.graceMs });
  }

  /** True when a list item says when it was last changed and last ran. */
  isComplete({ updated_at, last_run_at }: Automation): boolean {
    return Boolean(updated_at) && last_run_at !== undefined;
  }

  #nowMs(): number {
    return this.context.serverNow().getTime();
  }
}
