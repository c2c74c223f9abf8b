import type { Database } from "./database.js";
import {
  integer,
  nullable,
  type PageRequest,
  plain,
  type RowOf,
  storedFlag,
  storedText,
  Table,
} from "./table.js";

const kinds = {
  seq: integer,
  automation_id: plain,
  deployment_id: plain,
  name: storedText,
  schedule: storedText,
  /** The cron that it means: five fields, UTC. */
  cron: plain,
  instructions: storedText,
  thread_id: plain,
  enabled: storedFlag,
  /** The due time that fires next, in ms; null when paused. */
  next_run_at: nullable(integer),
  created_at: integer,
  updated_at: integer,
};

export type StoredAutomation = RowOf<typeof kinds>;

export class AutomationTable {
  readonly #table: Table<typeof kinds>;
  readonly #due: Table<Pick<typeof kinds, "cron"> & { next_run_at: typeof integer }>;

  constructor(private readonly database: Database) {
    this.#table = new Table(database, "automations", kinds);
    this.#due = new Table(database, "automations", { cron: plain, next_run_at: integer });
  }

  insert(automation: Omit<StoredAutomation, "seq">): number {
    return this.#table.insert(automation);
  }

  update({ seq, ...automation }: StoredAutomation): void {
    this.#table.update({ seq }, automation);
  }

  /** The schedule went on: `next_run_at` alone moves, `updated_at` doesn't. */
  setNextRunAt(automation_id: string, next_run_at: number | null): void {
    this.#table.update({ automation_id }, { next_run_at });
  }

  /** Past runs, their threads and events stay. */
  remove(automation_id: string): void {
    this.database.run("DELETE FROM automations WHERE automation_id = ?", automation_id);
  }

  find(deployment_id: string, automation_id: string): StoredAutomation | undefined {
    return this.#table.find({ automation_id, deployment_id });
  }

  /** Newest first. */
  list(deployment_id: string, page: PageRequest): StoredAutomation[] {
    return this.#table.page(deployment_id, page);
  }

  paused(): StoredAutomation[] {
    return this.#table.all("WHERE enabled = 0 ORDER BY seq");
  }

  /** The one that fires next: earliest due time, then age. */
  nextDue(): (StoredAutomation & { next_run_at: number }) | undefined {
    const next = this.#table.get("WHERE next_run_at IS NOT NULL ORDER BY next_run_at, seq LIMIT 1");
    return next && { ...next, next_run_at: integer.read(next.next_run_at) };
  }

  /** The crons of all that are due up to a time, with their next due times. */
  dueUntil(time: number): { cron: string; next_run_at: number }[] {
    return this.#due.all("WHERE next_run_at <= ?", time);
  }
}
