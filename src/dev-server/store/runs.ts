import type { RunStatus } from "../../api/types.js";
import {
  type Database,
  readInteger,
  readNullable,
  readPlain,
  readText,
  type StoredRow,
  toText,
} from "./database.js";

/** What made a run start. Only the first two belong to an automation. */
type RunOrigin = "schedule" | "manual" | "message";

export interface StoredRun {
  runId: string;
  deploymentId: string;
  automationId: string | null;
  threadId: string;
  origin: RunOrigin;
  /** What the agent was told, whatever becomes of the automation. */
  instructions: string;
  status: RunStatus;
  /** How many questions it has asked so far. */
  questions: number;
  startedAt: number;
  completedAt: number | null;
  error: string | null;
}

/** When a run ended; of two at one time the one with the smaller `seq` comes first. */
export interface RunEnd {
  runId: string;
  completedAt: number;
  seq: number;
}

const origins: readonly RunOrigin[] = ["schedule", "manual", "message"];
const statuses: readonly RunStatus[] = ["running", "waiting_on_human", "completed", "error"];

export class RunTable {
  constructor(private readonly database: Database) {}

  insert(
    run: Pick<
      StoredRun,
      "runId" | "deploymentId" | "automationId" | "threadId" | "origin" | "instructions" | "startedAt"
    >,
  ): void {
    this.database.run(
      `INSERT INTO runs (run_id, deployment_id, automation_id, thread_id, origin, instructions, status, started_at)
       VALUES (?, ?, ?, ?, ?, ?, 'running', ?)`,
      run.runId,
      run.deploymentId,
      run.automationId,
      run.threadId,
      run.origin,
      toText(run.instructions),
      run.startedAt,
    );
  }

  /** The run asked something and waits, or goes on. */
  setInFlight(runId: string, status: "running" | "waiting_on_human", questions: number): void {
    this.database.run("UPDATE runs SET status = ?, questions = ? WHERE run_id = ?", status, questions, runId);
  }

  finish(
    runId: string,
    end: { status: "completed" | "error"; completedAt: number; error: string | null },
  ): void {
    this.database.run(
      "UPDATE runs SET status = ?, completed_at = ?, error = ? WHERE run_id = ?",
      end.status,
      end.completedAt,
      end.error === null ? null : toText(end.error),
      runId,
    );
  }

  find(runId: string): StoredRun | undefined {
    const row = this.database.get("SELECT * FROM runs WHERE run_id = ?", runId);
    return row && toRun(row);
  }

  /** Of an automation, newest first. */
  recent(automationId: string, rows: number): StoredRun[] {
    const found = this.database.all(
      "SELECT * FROM runs WHERE automation_id = ? ORDER BY seq DESC LIMIT ?",
      automationId,
      rows,
    );
    return found.map(toRun);
  }

  last(automationId: string): { startedAt: number; status: RunStatus } | undefined {
    const row = this.database.get(
      "SELECT started_at, status FROM runs WHERE automation_id = ? ORDER BY seq DESC LIMIT 1",
      automationId,
    );
    return row && { startedAt: readInteger(row, "started_at"), status: readStatus(row) };
  }

  /** The run that a message on this thread is for: one that waits before one that is running, then the newest. */
  inFlight(threadId: string): StoredRun | undefined {
    const row = this.database.get(
      `SELECT * FROM runs WHERE thread_id = ? AND completed_at IS NULL
       ORDER BY status = 'waiting_on_human' DESC, seq DESC LIMIT 1`,
      threadId,
    );
    return row && toRun(row);
  }

  /** The first that ended after another one, before a time. */
  nextEnd(after: Omit<RunEnd, "runId">, before: number): RunEnd | undefined {
    const row = this.database.get(
      `SELECT run_id, completed_at, seq FROM runs
       WHERE completed_at IS NOT NULL AND (completed_at, seq) > (?, ?) AND completed_at < ?
       ORDER BY completed_at, seq LIMIT 1`,
      after.completedAt,
      after.seq,
      before,
    );
    return (
      row && {
        runId: readPlain(row, "run_id"),
        completedAt: readInteger(row, "completed_at"),
        seq: readInteger(row, "seq"),
      }
    );
  }

  /** Oldest first, at most `rows` of them. */
  running(rows: number): StoredRun[] {
    const found = this.database.all(
      "SELECT * FROM runs WHERE completed_at IS NULL AND status = 'running' ORDER BY seq LIMIT ?",
      rows,
    );
    return found.map(toRun);
  }
}

function toRun(row: StoredRow): StoredRun {
  return {
    runId: readPlain(row, "run_id"),
    deploymentId: readPlain(row, "deployment_id"),
    automationId: readNullable(row, "automation_id", readPlain),
    threadId: readPlain(row, "thread_id"),
    origin: readWord(row, "origin", origins),
    instructions: readText(row, "instructions"),
    status: readStatus(row),
    questions: readInteger(row, "questions"),
    startedAt: readInteger(row, "started_at"),
    completedAt: readNullable(row, "completed_at", readInteger),
    error: readNullable(row, "error", readText),
  };
}

function readStatus(row: StoredRow): RunStatus {
  return readWord(row, "status", statuses);
}

function readWord<T extends string>(row: StoredRow, column: string, words: readonly T[]): T {
  const found = words.find((word) => word === row[column]);
  if (found === undefined) throw new TypeError(`${column} holds an unknown word`);
  return found;
}
