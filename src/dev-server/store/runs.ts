import type { Database } from "./database.js";
import { integer, nullable, plain, type RowOf, storedText, Table, word } from "./table.js";

const kinds = {
  run_id: plain,
  deployment_id: plain,
  automation_id: nullable(plain),
  thread_id: plain,
  /** The cause of its start. Only the first two belong to an automation. */
  origin: word("schedule", "manual", "message"),
  /** The instructions at its start, whatever becomes of the automation. */
  instructions: storedText,
  status: word("running", "waiting_on_human", "completed", "error"),
  questions: integer,
  started_at: integer,
  completed_at: nullable(integer),
  error: nullable(storedText),
};

const { started_at, status } = kinds;
const lastKinds = { started_at, status };

export type StoredRun = RowOf<typeof kinds>;

export class RunTable extends Table<typeof kinds> {
  readonly #lasts = new Table(this.database, "runs", lastKinds);

  constructor(database: Database) {
    super(database, "runs", kinds);
  }

  recent(automation_id: string, rows: number): StoredRun[] {
    return this.all("WHERE automation_id = ? ORDER BY seq DESC LIMIT ?", automation_id, rows);
  }

  last(automation_id: string): RowOf<typeof lastKinds> | undefined {
    return this.#lasts.get("WHERE automation_id = ? ORDER BY seq DESC LIMIT 1", automation_id);
  }

  /** The run that a message on this thread is for: one that waits before one that is running, then the newest. */
  inFlight(thread_id: string): StoredRun | undefined {
    return this.get(
      `WHERE thread_id = ? AND completed_at IS NULL
       ORDER BY status = 'waiting_on_human' DESC, seq DESC LIMIT 1`,
      thread_id,
    );
  }

  /** Oldest first, at most `rows` of them. */
  running(rows: number): StoredRun[] {
    return this.all("WHERE completed_at IS NULL AND status = 'running' ORDER BY seq LIMIT ?", rows);
  }
}
