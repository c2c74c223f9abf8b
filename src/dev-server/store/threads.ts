import type { Database } from "./database.js";
import { integer, nullable, plain, type RowOf, storedText, Table, word } from "./table.js";

const threadKinds = {
  seq: integer,
  thread_id: plain,
  deployment_id: plain,
  title: storedText,
  /** The status of the run in flight on it, or idle. */
  status: {
    ...word("running", "waiting_on_human", "idle"),
    sql: `SELECT coalesce((SELECT status FROM runs
      WHERE runs.thread_id = threads.thread_id AND completed_at IS NULL
      ORDER BY status = 'waiting_on_human' DESC, seq DESC LIMIT 1), 'idle')`,
  },
  message_count: {
    ...integer,
    sql: "SELECT count(*) FROM messages WHERE messages.thread_id = threads.thread_id",
  },
  last_activity_at: integer,
};

const messageKinds = {
  seq: integer,
  thread_id: plain,
  role: word("user", "agent"),
  /** null while the agent is still writing it: its text is the run's tokens after `after_event`. */
  content: nullable(storedText),
  run_id: plain,
  after_event: integer,
  created_at: integer,
};

export type StoredThread = RowOf<typeof threadKinds>;
export type StoredMessage = RowOf<typeof messageKinds>;

export class ThreadTable extends Table<typeof threadKinds> {
  readonly #messages = new Table(this.database, "messages", messageKinds);

  constructor(database: Database) {
    super(database, "threads", threadKinds);
  }

  addMessage(message: Omit<StoredMessage, "seq">): void {
    this.#messages.insert(message);
    this.database.run(
      "UPDATE threads SET last_activity_at = max(last_activity_at, ?) WHERE thread_id = ?",
      message.created_at,
      message.thread_id,
    );
  }

  unfinished(run_id: string): StoredMessage | undefined {
    return this.#messages.get("WHERE run_id = ? AND content IS NULL", run_id);
  }

  completeMessage(seq: number, content: string): void {
    this.#messages.update({ seq }, { content });
  }

  /** Oldest first. */
  messages(thread_id: string): StoredMessage[] {
    return this.#messages.all("WHERE thread_id = ? ORDER BY seq", thread_id);
  }
}
