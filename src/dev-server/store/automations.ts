import type { Database } from "./database.js";
import { integer, nullable, plain, type RowOf, storedFlag, storedText, Table } from "./table.js";

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

export class AutomationTable extends Table<typeof kinds> {
  readonly #due = new Table(this.database, "automations", { cron: plain, next_run_at: integer });

  constructor(database: Database) {
    super(database, "automations", kinds);
  }

  /** Past runs, their threads and events stay. */
  remove(automation_id: string): void {
    this.database.run("DELETE FROM automations WHERE automation_id = ?", automation_id);
  }

  paused(): StoredAutomation[] {
    return this.all("WHERE enabled = 0 ORDER BY seq");
  }

  /** The one that fires next: earliest due time, then age. */
  nextDue(): (StoredAutomation & { next_run_at: number }) | undefined {
    const next = this.get("WHERE next_run_at IS NOT NULL ORDER BY next_run_at, seq LIMIT 1");
    return next && { ...next, next_run_at: integer.read(next.next_run_at) };
  }

  /** The crons of all that are due up to a time, with their next due times. */
  dueUntil(time: number): { cron: string; next_run_at: number }[] {
    return this.#due.all("WHERE next_run_at <= ?", time);
  }
}
