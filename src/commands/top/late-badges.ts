import type { Automation } from "../../api/types.js";
import type { Context } from "../../context.js";
import { prefetch } from "../../fleet/prefetch.js";
import { lastSignMs, overdueMs } from "../../observe/overdue.js";
import { type IsLate, loadIsLate } from "../automations/list/lateness.js";
import { usualGraceMs } from "../automations/shared/status-column.js";

const mostReadings = 100;
/** Schedules that are read in one go: keys are answered in between. */
const inOneGo = 250;

interface Listed {
  key: string;
  automation: Automation;
  deployment_id: string;
}

/** Known of an automation until its list item changes. */
interface Known {
  signature: string;
  /** The due time of its missed run, once the grace is over. */
  dueMs: number | undefined;
  isLate?: boolean | undefined;
}

/**
 * Finds who is late by the rule of `automations list --late`, and reads from the server, once, only one that seems
 * late.
 */
export class LateBadges {
  #known = new Map<string, Known>();
  isWhole = true;

  constructor(private readonly context: Context) {}

  async update(listed: readonly Listed[], signal: AbortSignal): Promise<void> {
    const known = new Map<string, Known>();
    for (const [at, each] of listed.entries()) {
      if (at % inOneGo === inOneGo - 1) await this.context.sleep(0);
      known.set(each.key, this.#knownOf(each));
    }
    this.#known = known;
    const deadlineMs = this.context.serverNow().getTime() - usualGraceMs;
    const toRead = listed.filter(({ key }) => {
      const { dueMs = Number.POSITIVE_INFINITY, isLate } = known.get(key) ?? {};
      return dueMs <= deadlineMs && isLate === undefined;
    });
    if (toRead.length > 0) await this.#read(toRead.slice(0, mostReadings), signal);
    this.isWhole = toRead.length <= mostReadings;
  }

  isLate({ key, automation }: Listed): boolean {
    const known = this.#known.get(key);
    return known?.isLate === true && known.signature === signatureOf(automation);
  }

  #knownOf({ key, automation }: Listed): Known {
    const signature = signatureOf(automation);
    const before = this.#known.get(key);
    if (before?.signature === signature) return before;
    const ever = { nowMs: Number.POSITIVE_INFINITY, graceMs: 0 };
    return { signature, dueMs: overdueMs(automation, { ...ever, sinceMs: lastSignMs(automation) ?? 0 }) };
  }

  async #read(toRead: readonly Listed[], signal: AbortSignal): Promise<void> {
    const isLate: IsLate = await loadIsLate(this.context, usualGraceMs);
    for await (const { item, result } of prefetch(toRead, isLate, signal)) {
      const known = this.#known.get(item.key);
      // One that can't be read now is asked for again at the next look.
      if (known !== undefined && result.status === "fulfilled") known.isLate = result.value;
    }
  }
}

function signatureOf({ enabled, schedule, last_run_at, created_at, updated_at }: Automation): string {
  return [enabled, schedule, last_run_at, created_at, updated_at].join("\n");
}
