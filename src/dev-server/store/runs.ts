import type { Database } from "./database.js";
import { integer, nullable, plain, type RowOf, Table, text, word } from "./table.js";

const kinds = {
  runId: plain,
  deploymentId: plain,
  automationId: nullable(plain),
  threadId: plain,
  /** What made it start. Only the first two belong to an automation. */
  origin: word("schedule", "manual", "message"),
  /** What the agent was told, whatever becomes of the automation. */
  instructions: text,
  status: word("running", "waiting_on_human", "completed", "error"),
  /** How many questions it has asked so far. */
  questions: integer,
  startedAt: integer,
  completedAt: nullable(integer),
  error: nullable(text),
};

const { runId, startedAt, status } = kinds;
const lastKinds = { startedAt, status };
const endKinds = { runId, completedAt: integer, seq: integer };

export type StoredRun = RowOf<typeof kinds>;

/** When a run ended; of two at one time the one with the smaller `seq` comes first. */
export type RunEnd = RowOf<typeof endKinds>;

export class RunTable {
  readonly #table: Table<typeof kinds>;
  readonly #lasts: Table<typeof lastKinds>;
  readonly #ends: Table<typeof endKinds>;

  constructor(database: Database) {
    this.#table = new Table(database, "runs", kinds);
    this.#lasts = new Table(database, "runs", lastKinds);
    this.#ends = new Table(database, "runs", endKinds);
  }

  insert(run: Omit<StoredRun, "status" | "questions" | "completedAt" | "error">): void {
    this.#table.insert({ ...run, status: "running" });
  }

  /** The run asked something and waits, or goes on. */
  setInFlight(runId: string, status: "running" | "waiting_on_human", questions: number): void {
    this.#table.update({ runId }, { status, questions });
  }

  finish(
    runId: string,
    end: { status: "completed" | "error"; completedAt: number; error: string | null },
  ): void {
    this.#table.update({ runId }, end);
  }

  find(runId: string): StoredRun | undefined {
    return this.#table.find({ runId });
  }

  /** Of an automation, newest first. */
  recent(automationId: string, rows: number): StoredRun[] {
    return this.#table.all("WHERE automation_id = ? ORDER BY seq DESC LIMIT ?", automationId, rows);
  }

  last(automationId: string): RowOf<typeof lastKinds> | undefined {
    return this.#lasts.get("WHERE automation_id = ? ORDER BY seq DESC LIMIT 1", automationId);
  }

  /** The run that a message on this thread is for: one that waits before one that is running, then the newest. */
  inFlight(threadId: string): StoredRun | undefined {
    return this.#table.get(
      `WHERE thread_id = ? AND completed_at IS NULL
       ORDER BY status = 'waiting_on_human' DESC, seq DESC LIMIT 1`,
      threadId,
    );
  }

  /** The first that ended after another one, before a time. */
  nextEnd(after: Omit<RunEnd, "runId">, before: number): RunEnd | undefined {
    return this.#ends.get(
      `WHERE completed_at IS NOT NULL AND (completed_at, seq) > (?, ?) AND completed_at < ?
       ORDER BY completed_at, seq LIMIT 1`,
      after.completedAt,
      after.seq,
      before,
    );
  }

  /** Oldest first, at most `rows` of them. */
  running(rows: number): StoredRun[] {
    return this.#table.all("WHERE completed_at IS NULL AND status = 'running' ORDER BY seq LIMIT ?", rows);
  }
}
