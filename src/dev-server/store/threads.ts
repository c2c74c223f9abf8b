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
import type { PageRequest } from "./page.js";

export interface StoredThread {
  seq: number;
  threadId: string;
  deploymentId: string;
  title: string;
  /** That of the run that is in flight on it, or idle. */
  status: Extract<RunStatus, "running" | "waiting_on_human"> | "idle";
  messageCount: number;
  lastActivityAt: number;
}

export interface StoredMessage {
  seq: number;
  role: "user" | "agent";
  /** null while the agent is still writing it: its text is the run's tokens after `afterEvent`. */
  content: string | null;
  runId: string;
  afterEvent: number;
  createdAt: number;
}

const columns = `threads.*,
  (SELECT count(*) FROM messages WHERE messages.thread_id = threads.thread_id) AS message_count,
  (SELECT status FROM runs WHERE runs.thread_id = threads.thread_id AND completed_at IS NULL
   ORDER BY status = 'waiting_on_human' DESC, seq DESC LIMIT 1) AS run_status`;

export class ThreadTable {
  constructor(private readonly database: Database) {}

  insert(thread: Pick<StoredThread, "threadId" | "deploymentId" | "title" | "lastActivityAt">): void {
    this.database.run(
      "INSERT INTO threads (thread_id, deployment_id, title, last_activity_at) VALUES (?, ?, ?, ?)",
      thread.threadId,
      thread.deploymentId,
      toText(thread.title),
      thread.lastActivityAt,
    );
  }

  find(deploymentId: string, threadId: string): StoredThread | undefined {
    const row = this.database.get(
      `SELECT ${columns} FROM threads WHERE thread_id = ? AND deployment_id = ?`,
      threadId,
      deploymentId,
    );
    return row && toThread(row);
  }

  /** Newest first. */
  list(deploymentId: string, page: PageRequest): StoredThread[] {
    const rows = this.database.all(
      `SELECT ${columns} FROM threads WHERE deployment_id = ? AND seq < ? ORDER BY seq DESC LIMIT ?`,
      deploymentId,
      page.before,
      page.rows,
    );
    return rows.map(toThread);
  }

  addMessage(message: Omit<StoredMessage, "seq"> & { threadId: string }): void {
    this.database.run(
      `INSERT INTO messages (thread_id, role, content, run_id, after_event, created_at)
       VALUES (?, ?, ?, ?, ?, ?)`,
      message.threadId,
      message.role,
      message.content === null ? null : toText(message.content),
      message.runId,
      message.afterEvent,
      message.createdAt,
    );
    this.database.run(
      "UPDATE threads SET last_activity_at = max(last_activity_at, ?) WHERE thread_id = ?",
      message.createdAt,
      message.threadId,
    );
  }

  /** The message that the run's agent is still writing. */
  unfinished(runId: string): StoredMessage | undefined {
    const row = this.database.get("SELECT * FROM messages WHERE run_id = ? AND content IS NULL", runId);
    return row && toMessage(row);
  }

  completeMessage(seq: number, content: string): void {
    this.database.run("UPDATE messages SET content = ? WHERE seq = ?", toText(content), seq);
  }

  /** Oldest first. */
  messages(threadId: string): StoredMessage[] {
    return this.database
      .all("SELECT * FROM messages WHERE thread_id = ? ORDER BY seq", threadId)
      .map(toMessage);
  }
}

function toThread(row: StoredRow): StoredThread {
  const status = row.run_status;
  return {
    seq: readInteger(row, "seq"),
    threadId: readPlain(row, "thread_id"),
    deploymentId: readPlain(row, "deployment_id"),
    title: readText(row, "title"),
    status: status === "running" || status === "waiting_on_human" ? status : "idle",
    messageCount: readInteger(row, "message_count"),
    lastActivityAt: readInteger(row, "last_activity_at"),
  };
}

function toMessage(row: StoredRow): StoredMessage {
  return {
    seq: readInteger(row, "seq"),
    role: readPlain(row, "role") === "agent" ? "agent" : "user",
    content: readNullable(row, "content", readText),
    runId: readPlain(row, "run_id"),
    afterEvent: readInteger(row, "after_event"),
    createdAt: readInteger(row, "created_at"),
  };
}
