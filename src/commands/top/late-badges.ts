import type { Automation } from "../../api/types.js";
import type { Context } from "../../context.js";
import { readAhead } from "../../fleet/read-ahead.js";
import { lastSignMs, owedFireMs } from "../../observe/overdue.js";
import { type IsLate, loadIsLate } from "../automations/list/lateness.js";
import { usualGraceMs } from "../automations/shared/status-column.js";

/** So many that seem late are read at a look; the others' turn comes at the next. */
const mostReadings = 100;
/** So many schedules are read in one go: keys are answered in between. */
const inOneGo = 250;

interface Listed {
  key: string;
  automation: Automation;
  deployment_id: string;
}

/** Known of an automation for as long as its list says the same of it. */
interface Known {
  signature: string;
  /** The fire that it owes, once its grace is over. */
  dueMs: number | undefined;
  /** Whether reading it confirmed that; undefined: not read yet. */
  isLate?: boolean | undefined;
}

/**
 * Who is late, look after look, by the rule of `automations list --late`. What the list says of an automation decides when it
 * will seem late, worked out once for as long as that stays; only one that seems late is read from the server, once too.
 */
export class LateBadges {
  #known = new Map<string, Known>();
  /** None is left that seems late and wasn't read yet. */
  isWhole = true;

  constructor(private readonly context: Context) {}

  /** Learns of all that are listed: what `isLate` then says of each. */
  async update(listed: readonly Listed[], signal: AbortSignal): Promise<void> {
    const known = new Map<string, Known>();
    for (const [at, each] of listed.entries()) {
      if (at % inOneGo === inOneGo - 1) await this.context.sleep(0);
      known.set(each.key, this.#knownOf(each));
    }
    this.#known = known;
    const deadlineMs = this.context.serverNow().getTime() - usualGraceMs;
    const unread = listed.filter(({ key }) => {
      const { dueMs = Number.POSITIVE_INFINITY, isLate } = known.get(key) ?? {};
      return dueMs <= deadlineMs && isLate === undefined;
    });
    if (unread.length > 0) await this.#read(unread.slice(0, mostReadings), signal);
    this.isWhole = unread.length <= mostReadings;
  }

  /** By the last look; one of which the list tells something else by now isn't late. */
  isLate({ key, automation }: Listed): boolean {
    const known = this.#known.get(key);
    return known?.isLate === true && known.signature === signatureOf(automation);
  }

  #knownOf({ key, automation }: Listed): Known {
    const signature = signatureOf(automation);
    const before = this.#known.get(key);
    if (before?.signature === signature) return before;
    const ever = { nowMs: Number.POSITIVE_INFINITY, graceMs: 0 };
    return { signature, dueMs: owedFireMs(automation, { ...ever, sinceMs: lastSignMs(automation) ?? 0 }) };
  }

  async #read(unread: readonly Listed[], signal: AbortSignal): Promise<void> {
    const isLate: IsLate = await loadIsLate(this.context, usualGraceMs);
    for await (const { item, result } of readAhead(unread, isLate, signal)) {
      const known = this.#known.get(item.key);
      // One that can't be read now is asked for again at the next look.
      if (known !== undefined && result.status === "fulfilled") known.isLate = result.value;
    }
  }
}

/** What decides when it will seem late. */
function signatureOf({ enabled, schedule, last_run_at, created_at, updated_at }: Automation): string {
  return [enabled, schedule, last_run_at, created_at, updated_at].join("\n");
}
