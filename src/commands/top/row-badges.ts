import type { Automation } from "../../api/types.js";
import type { Context } from "../../context.js";
import { prefetch } from "../../fleet/prefetch.js";
import { lastSignMs, overdueMs } from "../../observe/overdue.js";
import { type IsLate, loadIsLate } from "../automations/list/lateness.js";
import { readSincePause } from "../automations/shared/known-changes.js";
import { type Badge, lateBadge, unexpectedBadge, usualGraceMs } from "../automations/shared/status-column.js";
import { SincePauseReader } from "../fleet/since-pause.js";
import { hasRunProblem, type TopRow, topRow } from "./top-row.js";

export class RowBadges {
  readonly #late: LateBadges;
  readonly #unexpected: UnexpectedBadges;
  readonly #withBadges = new WeakMap<TopRow, TopRow>();

  constructor(context: Context) {
    this.#late = new LateBadges(context);
    this.#unexpected = new UnexpectedBadges(context);
  }

  async update(rows: readonly TopRow[], signal: AbortSignal): Promise<void> {
    await this.#unexpected.update(rows, signal);
    await this.#late.update(rows.filter(mayBeLate), signal);
  }

  /** The row with its badge: the same object for the same row. */
  withBadge(row: TopRow): TopRow {
    const badge = this.#badgeOf(row);
    if (badge === undefined) return row;
    const known =
      this.#withBadges.get(row) ?? topRow({ ...row, badges: [...(row.badges ?? []), badge] }, row);
    this.#withBadges.set(row, known);
    return known;
  }

  whole(): { isLateComplete: boolean; isUnexpectedComplete: boolean } {
    return { isLateComplete: this.#late.isComplete, isUnexpectedComplete: this.#unexpected.isComplete };
  }

  #badgeOf(row: TopRow): Badge | undefined {
    if (this.#unexpected.isUnexpected(row)) return unexpectedBadge;
    return mayBeLate(row) && this.#late.isLate(row) ? lateBadge : undefined;
  }
}

function mayBeLate(row: TopRow): boolean {
  return !row.isStale && !hasRunProblem(row);
}

/** Automations that are read by themselves in one update. */
const mostReadings = 100;
/** Schedules that are read in one go: keys are answered in between. */
const inOneGo = 250;

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
class LateBadges {
  #known = new Map<string, Known>();
  isComplete = true;

  constructor(private readonly context: Context) {}

  async update(listed: readonly TopRow[], signal: AbortSignal): Promise<void> {
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
    this.isComplete = toRead.length <= mostReadings;
  }

  isLate({ key, automation }: TopRow): boolean {
    const known = this.#known.get(key);
    return known?.isLate === true && known.signature === signatureOf(automation);
  }

  #knownOf({ key, automation }: TopRow): Known {
    const signature = signatureOf(automation);
    const before = this.#known.get(key);
    if (before?.signature === signature) return before;
    const ever = { nowMs: Number.POSITIVE_INFINITY, graceMs: 0 };
    return { signature, dueMs: overdueMs(automation, { ...ever, sinceMs: lastSignMs(automation) ?? 0 }) };
  }

  async #read(toRead: readonly TopRow[], signal: AbortSignal): Promise<void> {
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

class UnexpectedBadges {
  #reader: SincePauseReader | undefined;
  /** `last_run_at` of each row that ran unexpectedly. */
  #found: ReadonlyMap<string, unknown> = new Map();
  #quietSignature: string | undefined;
  isComplete = true;

  constructor(private readonly context: Context) {}

  async update(rows: readonly TopRow[], signal: AbortSignal): Promise<void> {
    const items = rows.flatMap(({ key, automation, deployment_id, isStale }) => {
      const { automation_id, enabled, last_run_at } = automation;
      if (isStale || enabled !== false || !last_run_at) return [];
      return [{ key, deployment_id, automation_id, automation }];
    });
    const listed = items.map(({ key, automation: { last_run_at, updated_at } }) => [
      key,
      last_run_at,
      updated_at,
    ]);
    const signature = listed.join("\n");
    if (signature === this.#quietSignature) return;
    this.#reader ??= new SincePauseReader(await this.context.client());
    const options = { reader: this.#reader, signal, most: mostReadings };
    const { since, unreadable, skipped } = await readSincePause(this.context, items, options);
    const isRead = unreadable.length === 0 && skipped === 0;
    this.#found = new Map(
      items.flatMap(({ key, automation }) =>
        since.get(key)?.unexpected.length ? [[key, automation.last_run_at] as const] : [],
      ),
    );
    this.isComplete = isRead && [...since.values()].every(({ doubt }) => doubt === undefined);
    const mayChange = [...since.values()].some(({ doubt }) => doubt === "run_not_listed");
    this.#quietSignature = isRead && !mayChange && this.#found.size === 0 ? signature : undefined;
  }

  isUnexpected({ key, automation: { enabled, last_run_at } }: TopRow): boolean {
    return enabled === false && this.#found.has(key) && this.#found.get(key) === last_run_at;
  }
}
