import type { Database } from "./database.js";
import { flag, integer, nullable, type PageRequest, plain, type RowOf, Table, text } from "./table.js";

const kinds = {
  seq: integer,
  automationId: plain,
  deploymentId: plain,
  name: text,
  /** As it was given. */
  schedule: text,
  /** How it is read: five fields, UTC. */
  cron: plain,
  instructions: text,
  threadId: plain,
  enabled: flag,
  /** The due time that fires next, in ms; null when paused. */
  nextRunAt: nullable(integer),
  createdAt: integer,
  updatedAt: integer,
};

export type StoredAutomation = RowOf<typeof kinds>;

export class AutomationTable {
  readonly #table: Table<typeof kinds>;
  readonly #due: Table<Pick<typeof kinds, "cron"> & { nextRunAt: typeof integer }>;

  constructor(private readonly database: Database) {
    this.#table = new Table(database, "automations", kinds);
    this.#due = new Table(database, "automations", { cron: plain, nextRunAt: integer });
  }

  insert(automation: Omit<StoredAutomation, "seq">): number {
    return this.#table.insert(automation);
  }

  update({ seq, ...automation }: StoredAutomation): void {
    this.#table.update({ seq }, automation);
  }

  /** The schedule went on: `next_run_at` alone moves, `updated_at` doesn't. */
  setNextRunAt(automationId: string, nextRunAt: number | null): void {
    this.#table.update({ automationId }, { nextRunAt });
  }

  /** Past runs, their threads and events stay. */
  remove(automationId: string): void {
    this.database.run("DELETE FROM automations WHERE automation_id = ?", automationId);
  }

  find(deploymentId: string, automationId: string): StoredAutomation | undefined {
    return this.#table.find({ automationId, deploymentId });
  }

  /** Newest first. */
  list(deploymentId: string, page: PageRequest): StoredAutomation[] {
    return this.#table.page(deploymentId, page);
  }

  /** Of all deployments, the oldest first. */
  paused(): StoredAutomation[] {
    return this.#table.all("WHERE enabled = 0 ORDER BY seq");
  }

  /** The one that fires next: earliest due time, then age. */
  nextDue(): (StoredAutomation & { nextRunAt: number }) | undefined {
    const next = this.#table.get("WHERE next_run_at IS NOT NULL ORDER BY next_run_at, seq LIMIT 1");
    return next && { ...next, nextRunAt: integer.read(next.nextRunAt) };
  }

  /** The crons of all that are due up to a time, with their next due times. */
  dueUntil(time: number): { cron: string; nextRunAt: number }[] {
    return this.#due.all("WHERE next_run_at <= ?", time);
  }
}
