import type { Automation } from "../../api/types.js";
import type { Context } from "../../context/context.js";
import { prefetch } from "../../fleet/prefetch.js";
import { RunsReader } from "../../operations/rows/runs-reader.js";
import { type Failures, failuresInARow } from "../../runs/failures.js";
import { firstDueMs } from "../../runs/proven-times.js";
import { usualGraceMs } from "../../runs/state.js";
import { readSincePause } from "../automations/shared/known-changes.js";
import { type OverdueQuestion, OverdueRuns } from "../automations/shared/overdue.js";
import { hasRunProblem, type TopRow, topRow } from "./top-row.js";

/** Finds the part of a row's state that isn't in its list item. */
export class RowFacts {
  readonly #overdue: OverdueRows;
  readonly #unexpected: UnexpectedRows;
  readonly #failing: FailingRows;
  readonly #withFacts = new WeakMap<TopRow, TopRow>();

  constructor(context: Context) {
    this.#overdue = new OverdueRows(context);
    this.#unexpected = new UnexpectedRows(context);
    this.#failing = new FailingRows(context);
  }

  async update(rows: readonly TopRow[], signal: AbortSignal): Promise<void> {
    await this.#unexpected.update(rows, signal);
    await this.#overdue.update(rows.filter(mayBeOverdue), signal);
    await this.#failing.update(rows, signal);
  }

  /** Returns the row with its facts; for the same row, returns the same object. */
  withFacts(row: TopRow): TopRow {
    const isUnexpected = this.#unexpected.isUnexpected(row);
    const dueMs = mayBeOverdue(row) ? this.#overdue.dueMsOf(row) : undefined;
    const failures = this.#failing.failuresOf(row) ?? row.failures;
    if (!isUnexpected && dueMs === undefined && failures === row.failures) return row;
    const before = this.#withFacts.get(row);
    if (before?.isUnexpected === isUnexpected && before.dueMs === dueMs && before.failures === failures)
      return before;
    const known = topRow({ ...row, isUnexpected, dueMs, failures }, row);
    this.#withFacts.set(row, known);
    return known;
  }

  whole(): { isOverdueComplete: boolean; isUnexpectedComplete: boolean } {
    return { isOverdueComplete: this.#overdue.isComplete, isUnexpectedComplete: this.#unexpected.isComplete };
  }
}

function mayBeOverdue(row: TopRow): boolean {
  return !row.isStale && !hasRunProblem(row);
}

/** Maximum automations to read in full in one update. */
const mostReadings = 100;
/** Number of schedules to read in one go, between key presses. */
const inOneGo = 250;

/** Facts valid until an automation's list item changes. */
interface Known {
  signature: string;
  firstDueMs: number | undefined;
  /** The list item, or the result of a GET if the item isn't enough; null if the automation no longer exists. */
  read?: Automation | null;
  dueMs?: number | undefined;
}

/** Finds overdue automations in the same way as `automations list --overdue`; reads each likely one only once. */
class OverdueRows {
  #known = new Map<string, Known>();
  readonly #runs: OverdueRuns;
  isComplete = true;

  constructor(private readonly context: Context) {
    this.#runs = new OverdueRuns(context, usualGraceMs);
  }

  async update(listed: readonly TopRow[], signal: AbortSignal): Promise<void> {
    const known = new Map<string, Known>();
    for (const [at, each] of listed.entries()) {
      if (at % inOneGo === inOneGo - 1) await this.context.sleep(0);
      known.set(each.key, this.#knownOf(each));
    }
    this.#known = known;
    const deadlineMs = this.context.serverNow().getTime() - usualGraceMs;
    const due = listed.flatMap(({ automation, deployment_id, key }) => {
      const known = this.#known.get(key);
      const isDue = known?.firstDueMs !== undefined && known.firstDueMs <= deadlineMs;
      return isDue ? [{ automation, deployment_id, known }] : [];
    });
    const toRead = due.filter(({ known }) => known.read === undefined);
    await this.#read(toRead.slice(0, mostReadings), signal);
    this.isComplete = toRead.length <= mostReadings;
    for (const { known, deployment_id } of due)
      if (known.read) known.dueMs = await this.#runs.dueMsOf({ deployment_id, automation: known.read });
  }

  dueMsOf({ key, automation }: TopRow): number | undefined {
    const known = this.#known.get(key);
    return known?.signature === signatureOf(automation) ? known.dueMs : undefined;
  }

  #knownOf({ key, automation }: TopRow): Known {
    const signature = signatureOf(automation);
    const before = this.#known.get(key);
    if (before?.signature === signature) return before;
    const known: Known = { signature, firstDueMs: firstDueMs(automation) };
    return this.#runs.isComplete(automation) ? { ...known, read: automation } : known;
  }

  async #read(toRead: readonly (OverdueQuestion & { known: Known })[], signal: AbortSignal): Promise<void> {
    if (toRead.length === 0) return;
    const readingOf = (question: OverdueQuestion) => this.#runs.readingOf(question, signal);
    for await (const { item, result } of prefetch(toRead, readingOf, signal)) {
      // If the read failed, it is repeated next time.
      if (result.status === "fulfilled") item.known.read = result.value ?? null;
    }
  }
}

function signatureOf({ enabled, schedule, last_run_at, created_at, updated_at }: Automation): string {
  return [enabled, schedule, last_run_at, created_at, updated_at].join("\n");
}

/** Counts how often in a row a failing automation has failed; reads it once after each of its runs. */
class FailingRows {
  readonly #known = new Map<string, { lastRunAt: unknown; failures: Failures }>();

  constructor(private readonly context: Context) {}

  async update(rows: readonly TopRow[], signal: AbortSignal): Promise<void> {
    const toRead = rows.filter(
      (row) =>
        row.automation.last_run_status === "error" &&
        !row.isStale &&
        (this.failuresOf(row) ?? row.failures) === undefined,
    );
    if (toRead.length === 0) return;
    const { automations } = await this.context.client();
    const read = ({ deployment_id, automation }: TopRow) =>
      automations.get(deployment_id, automation.automation_id, { signal });
    for await (const { item, result } of prefetch(toRead.slice(0, mostReadings), read, signal)) {
      // If the read failed, it is repeated next time.
      if (result.status === "rejected") continue;
      const nowMs = this.context.serverNow().getTime();
      const failures = failuresInARow(result.value.recent_runs, { nowMs });
      this.#known.set(item.key, { lastRunAt: item.automation.last_run_at, failures });
    }
  }

  failuresOf({ key, automation }: TopRow): Failures | undefined {
    const known = this.#known.get(key);
    return known?.lastRunAt === automation.last_run_at ? known?.failures : undefined;
  }
}

class UnexpectedRows {
  #reader: RunsReader | undefined;
  /** `last_run_at` of each row with an unexpected run. */
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
    this.#reader ??= new RunsReader(await this.context.client());
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
