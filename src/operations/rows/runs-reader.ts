/** Reads recent runs, and reports those since a pause. */

import type { HermClient } from "../../api/client.js";
import { isUnderWay, msOf } from "../../api/schema.js";
import type { Automation, AutomationDetail, Run } from "../../api/types.js";
import { errorsOf } from "../../fleet/outcome.js";
import { readMany, unlessGone } from "../../fleet/read-many.js";
import { itemKey } from "../../fleet/refs.js";
import type { Candidate } from "../../incident/scope.js";
import { counted } from "../../output/count.js";
import { formatRfc3339 } from "../../output/time.js";
import { hasRunSince, type RunDoubt, runsSincePause, type SincePause } from "../../runs/unexpected.js";

export interface ListedItem extends Candidate {
  automation: Automation;
}

/** An item with the time of its pause, in ms since 1970. */
export interface PausedItem extends ListedItem {
  pausedMs: number | undefined;
}

export interface Unread<Item> {
  item: Item;
  error: unknown;
}

export interface RunsUnderWay<Item> {
  going: { item: Item; runs: readonly Run[] }[];
  unreadable: Unread<Item>[];
}

export interface SinceReading<Item> {
  /** Runs by `<deployment>/<automation>`; automations without runs have no entry. */
  since: Map<string, SincePause>;
  unreadable: Unread<Item>[];
  skipped: number;
}

export interface RunsReading<Item> {
  signal: AbortSignal;
  concurrency?: number | undefined;
  onRead?(): void;
  onDetail?(item: Item, automation: AutomationDetail): void;
}

/** An automation's list row at the time when its runs were read; without `runs`, it no longer existed. */
interface Known extends Pick<Automation, "last_run_at" | "last_run_status" | "updated_at"> {
  runs: readonly Run[] | undefined;
}

export interface RecentRuns extends Pick<Automation, "updated_at"> {
  runs: readonly Run[];
}

export function countRuns(going: readonly { runs: readonly Run[] }[]): number {
  return going.reduce((sum, { runs }) => sum + runs.length, 0);
}

/**
 * Reads recent runs with one GET per automation, several at once, but skips the GET if the list row shows no later run.
 * A failure doesn't stop the others; after Ctrl-C it resolves with the runs read so far.
 */
export class RunsReader {
  readonly #known = new Map<string, Known>();

  constructor(private readonly client: HermClient) {}

  /** Finds every unfinished run. A list shows only the newest, so automations that may have others are read. */
  async underWay<Item extends ListedItem>(
    items: readonly Item[],
    reading: RunsReading<Item>,
  ): Promise<RunsUnderWay<Item>> {
    const doubtful = items.filter((item) => item.automation.last_run_at !== null && !this.#isQuiet(item));
    const unreadable = await this.#read(doubtful, reading);
    const failed = new Set(unreadable.map(({ item }) => item));
    const going = doubtful
      .filter((item) => !failed.has(item))
      .map((item) => ({ item, runs: this.#known.get(itemKey(item))?.runs?.filter(isUnderWay) ?? [] }));
    return { going: going.filter(({ runs }) => runs.length > 0), unreadable };
  }

  /** Finds runs of paused automations; `most` limits the number of reads. */
  async sincePause<Item extends PausedItem>(
    items: readonly Item[],
    { most, ...reading }: RunsReading<Item> & { most?: number },
  ): Promise<SinceReading<Item>> {
    const asked = items.filter(({ automation, pausedMs }) => hasRunSince(automation, pausedMs));
    // A waiting run may have ended, which lists don't show if there is a newer run.
    const mayHaveEnded = (runs: readonly Run[]) => runs.some(({ status }) => status === "waiting_on_human");
    const unknown = asked.filter((item) => mayHaveEnded(this.runsOf(item) ?? []) || !this.runsOf(item));
    const toRead = unknown.slice(0, most);
    const unreadable = await this.#read(toRead, reading);
    const since = new Map(asked.flatMap((item) => this.#judge(item)));
    return { since, unreadable, skipped: unknown.length - toRead.length };
  }

  /** Reads the recent runs of each existing automation, with its `updated_at`. */
  async recentRuns<Item extends ListedItem>(
    items: readonly Item[],
    reading: RunsReading<Item>,
  ): Promise<{ read: Map<Item, RecentRuns>; unreadable: Unread<Item>[] }> {
    const unreadable = await this.#read(
      items.filter((item) => !this.#isQuiet(item)),
      reading,
    );
    const read = items.flatMap((item) => {
      const { runs, updated_at } = this.#known.get(itemKey(item)) ?? {};
      if (runs === undefined) return [];
      return [[item, { runs, updated_at: updated_at ?? item.automation.updated_at }] as const];
    });
    return { read: new Map(read), unreadable };
  }

  async #read<Item extends ListedItem>(
    items: readonly Item[],
    { onRead, onDetail, ...reading }: RunsReading<Item>,
  ): Promise<Unread<Item>[]> {
    const { client } = this;
    const { signal } = reading;
    const results = await readMany<Item, void>(items, {
      client,
      ...reading,
      onRead: () => onRead?.(),
      read: async (item) => {
        const { deployment_id, automation_id } = item;
        const { last_run_at, last_run_status } = item.automation;
        const read = await unlessGone(client.automations.get(deployment_id, automation_id, { signal }));
        const { recent_runs: runs, updated_at } = read ?? {};
        this.#known.set(itemKey(item), { last_run_at, last_run_status, updated_at, runs });
        if (read !== undefined) onDetail?.(item, read);
      },
    });
    const failed = results.filter(({ outcome }) => !("value" in outcome));
    for (const { item } of failed) this.#known.delete(itemKey(item));
    const [firstError = signal.reason] = errorsOf(failed);
    return failed.map(({ item, outcome }) => ({
      item,
      error: "error" in outcome ? outcome.error : firstError,
    }));
  }

  #isQuiet({ automation: { last_run_at: at, last_run_status }, ...item }: ListedItem): boolean {
    const known = this.#known.get(itemKey(item));
    if (known === undefined || at === undefined) return false;
    const isAsBefore = known.last_run_at === at && known.last_run_status === last_run_status;
    return isAsBefore && known.runs?.some(isUnderWay) !== true;
  }

  /** Returns the recent runs from the last read; undefined if it ran since, or wasn't read. */
  runsOf({ automation: { last_run_at: last }, ...item }: ListedItem): readonly Run[] | undefined {
    const known = this.#known.get(itemKey(item));
    return known?.last_run_at === last ? known?.runs : undefined;
  }

  #judge({ pausedMs, ...item }: PausedItem): [string, SincePause][] {
    const recent_runs = this.runsOf(item);
    if (recent_runs === undefined || pausedMs === undefined) return [];
    const key = itemKey(item);
    const since = runsSincePause({ ...item.automation, recent_runs }, pausedMs);
    // The newest run isn't listed yet, so the next call reads the automation again.
    if (since.doubt === "run_not_listed") this.#known.delete(key);
    return [[key, since]];
  }
}

/** Describes the runs since a pause: `run_x started at 2025-12-01T09:00:00Z by its schedule`, or "". Plain text. */
export function sinceText(
  { unexpected, runs, doubt, mayHaveBeenEnabled }: SincePause,
  timeOf: (at: Date) => string = formatRfc3339,
): string {
  if (doubt !== undefined) return `may have run since: ${doubts[doubt]}`;
  const shown = unexpected.length > 0 ? unexpected : runs;
  const [newest] = shown;
  if (newest === undefined) return "";
  const what = `${startText(newest, timeOf)} ${unexpected.length > 0 ? "by its schedule" : "by hand"}`;
  const all = shown.length > 1 ? `${what}, the last of ${shown.length}` : what;
  return mayHaveBeenEnabled ? `ran since the pause; was it enabled in between? ${all}` : all;
}

function startText({ run_id, started_at }: Run, timeOf: (at: Date) => string): string {
  const ms = msOf(started_at);
  return ms === undefined ? run_id : `${run_id} started at ${timeOf(new Date(ms))}`;
}

const doubts: Readonly<Record<RunDoubt, string>> = {
  run_without_trigger: "a run doesn't report its trigger",
  run_without_start: "a run doesn't say when it started",
  run_not_listed: "its last run isn't listed",
  before_oldest_run: "not all its runs since the pause are known",
};

export function doubtText(count: number): string {
  return `${counted(count, "paused automation")} may have run since the pause`;
}

/** Its part of the JSON, where `unexpected` is null if unknown. */
export function sinceJson(since: SincePause | undefined): object {
  if (since === undefined) return {};
  return {
    unexpected: since.doubt === undefined ? since.unexpected.length : null,
    runs_since: since.runs.map(({ run_id, trigger, started_at, status }) => ({
      run_id,
      trigger,
      started_at,
      status,
    })),
  };
}
