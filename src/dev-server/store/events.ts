import { isObject } from "../../api/json.js";
import type { Database } from "./database.js";
import { integer, plain, type RowOf, Table } from "./table.js";

export type EventType = "token" | "tool_call" | "tool_result" | "steering_request" | "run_status";

export const longestTextBytes = 4 * 1024 * 1024;

/** Tokens read at once to assemble a text. */
const textRows = 64;

interface NewEvent {
  deployment_id: string;
  run_id: string;
  thread_id: string;
  type: EventType;
  /** The fields of src/api/README.md, "Events", except `run_id`, which every event has. */
  data: Record<string, unknown>;
}

const kinds = {
  seq: integer,
  deployment_id: plain,
  run_id: plain,
  thread_id: plain,
  type: plain,
  /** The event's data as JSON, on one line. */
  data: plain,
};

export type StoredEvent = RowOf<typeof kinds>;

export interface EventFilter {
  deployment_id: string;
  run_id?: string | undefined;
  thread_id?: string | undefined;
}

export function fits(event: StoredEvent, filter: EventFilter): boolean {
  return (
    event.deployment_id === filter.deployment_id &&
    (filter.run_id === undefined || event.run_id === filter.run_id) &&
    (filter.thread_id === undefined || event.thread_id === filter.thread_id)
  );
}

export class EventTable {
  readonly #table: Table<typeof kinds>;
  #uncommitted: StoredEvent[] = [];
  #newest: number;

  constructor(private readonly database: Database) {
    this.#table = new Table(database, "events", kinds);
    // Not the seq of the newest remaining event, because ids are never reused, even after removals.
    const row = database.get("SELECT seq FROM sqlite_sequence WHERE name = 'events'");
    this.#newest = row ? integer.read(row.seq) : 0;
  }

  /** Requires a transaction of the store. */
  append(event: NewEvent): void {
    const data = JSON.stringify({ run_id: event.run_id, ...event.data });
    const stored = { ...event, seq: this.newest() + 1, data };
    this.#table.insert(stored);
    this.#uncommitted.push(stored);
  }

  /** The seq of the newest event ever stored; 0 if there was none. */
  newest(): number {
    return this.#newest + this.#uncommitted.length;
  }

  /** Returns the events appended since the last call, for the store's transaction. */
  settle(outcome: "committed" | "rolled back"): StoredEvent[] {
    const events = this.#uncommitted;
    this.#uncommitted = [];
    if (outcome === "rolled back") return [];
    this.#newest += events.length;
    return events;
  }

  /** Reads at most `rows` events after `seq`, in order. */
  after(seq: number, filter: EventFilter, rows: number): StoredEvent[] {
    const [column, value] = narrowest(filter);
    return this.#table.all(`WHERE ${column} = ? AND seq > ? ORDER BY seq LIMIT ?`, value, seq, rows);
  }

  textAfter(run_id: string, seq: number): string {
    return [...this.#deltas(run_id, seq)].join("");
  }

  /**
   * Removes at most `rows` events of runs that ended in a period, earliest first. Returns the end of the last of
   * these runs; undefined if there were none.
   */
  removeSome({ from, before }: { from: number; before: number }, rows: number): number | undefined {
    const removed = this.database.all(
      `DELETE FROM events WHERE seq IN (SELECT events.seq FROM runs JOIN events USING (run_id)
       WHERE completed_at >= ? AND completed_at < ? ORDER BY completed_at LIMIT ?)
       RETURNING (SELECT completed_at FROM runs WHERE runs.run_id = events.run_id) AS ended`,
      from,
      before,
      rows,
    );
    return removed.length === 0 ? undefined : Math.max(...removed.map(({ ended }) => integer.read(ended)));
  }

  *#deltas(run_id: string, after: number): Generator<string> {
    for (let seq = after; ; ) {
      const rows = this.database.all(
        "SELECT seq, data FROM events WHERE run_id = ? AND seq > ? AND type = 'token' ORDER BY seq LIMIT ?",
        run_id,
        seq,
        textRows,
      );
      for (const row of rows) yield readDelta(plain.read(row.data));
      const last = rows.at(-1);
      if (last === undefined || rows.length < textRows) return;
      seq = integer.read(last.seq);
    }
  }
}

/** The filter's most selective indexed column; `fits` checks the other fields. */
function narrowest(filter: EventFilter): [column: string, value: string] {
  if (filter.run_id !== undefined) return ["run_id", filter.run_id];
  if (filter.thread_id !== undefined) return ["thread_id", filter.thread_id];
  return ["deployment_id", filter.deployment_id];
}

function readDelta(data: string): string {
  const token: unknown = JSON.parse(data);
  return isObject(token) && typeof token.delta === "string" ? token.delta : "";
}
