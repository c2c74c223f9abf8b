import type { DeploymentStatus } from "../../api/types.js";
import type { Database, SqlValue } from "./database.js";
import {
  integer,
  nullable,
  type PageRequest,
  plain,
  type RowOf,
  storedFlag,
  storedText,
  Table,
  word,
} from "./table.js";

const deploymentKinds = {
  seq: integer,
  deployment_id: plain,
  customer_id: storedText,
  name: storedText,
  system_prompt: storedText,
  model: storedText,
  /** The status from `settled_at` (ms) on; before that, it is provisioning. */
  outcome: word("ready", "error"),
  settled_at: integer,
  thread_id: plain,
  created_at: integer,
};

export type StoredDeployment = RowOf<typeof deploymentKinds>;

interface DeploymentFilter {
  customer_id?: string | undefined;
  status?: DeploymentStatus | undefined;
}

export function statusAt(deployment: StoredDeployment, now: number): DeploymentStatus {
  return now < deployment.settled_at ? "provisioning" : deployment.outcome;
}

export class DeploymentTable extends Table<typeof deploymentKinds> {
  constructor(database: Database) {
    super(database, "deployments", deploymentKinds);
  }

  /** Newest first. */
  select(page: PageRequest, filter: DeploymentFilter, now: number): StoredDeployment[] {
    const { where, values } = toCondition(filter, now);
    return this.all(`WHERE seq < ? ${where} ORDER BY seq DESC LIMIT ?`, page.before, ...values, page.rows);
  }

  isEmpty(): boolean {
    return this.database.get("SELECT seq FROM deployments LIMIT 1") === undefined;
  }

  ids(): string[] {
    const rows = this.database.all("SELECT deployment_id FROM deployments ORDER BY seq");
    return rows.map(({ deployment_id }) => plain.read(deployment_id));
  }
}

function toCondition(filter: DeploymentFilter, now: number): { where: string; values: SqlValue[] } {
  const parts: string[] = [];
  const values: SqlValue[] = [];
  if (filter.customer_id !== undefined) {
    parts.push("AND customer_id = ?");
    values.push(storedText.write(filter.customer_id));
  }
  if (filter.status === "provisioning") {
    parts.push("AND settled_at > ?");
    values.push(now);
  } else if (filter.status !== undefined) {
    parts.push("AND settled_at <= ? AND outcome = ?");
    values.push(now, filter.status);
  }
  return { where: parts.join(" "), values };
}

const automationKinds = {
  seq: integer,
  automation_id: plain,
  deployment_id: plain,
  name: storedText,
  schedule: storedText,
  /** The equivalent cron expression: five fields, UTC. */
  cron: plain,
  instructions: storedText,
  thread_id: plain,
  enabled: storedFlag,
  /** The next due time, in ms; null when paused. */
  next_run_at: nullable(integer),
  created_at: integer,
  updated_at: integer,
};

export type StoredAutomation = RowOf<typeof automationKinds>;

export class AutomationTable extends Table<typeof automationKinds> {
  readonly #due = new Table(this.database, "automations", { cron: plain, next_run_at: integer });

  constructor(database: Database) {
    super(database, "automations", automationKinds);
  }

  /** Keeps past runs, and their threads and events. */
  remove(automation_id: string): void {
    this.database.run("DELETE FROM automations WHERE automation_id = ?", automation_id);
  }

  paused(): StoredAutomation[] {
    return this.all("WHERE enabled = 0 ORDER BY seq");
  }

  /** The next automation due: the earliest, then the oldest. */
  nextDue(): (StoredAutomation & { next_run_at: number }) | undefined {
    const next = this.get("WHERE next_run_at IS NOT NULL ORDER BY next_run_at, seq LIMIT 1");
    return next && { ...next, next_run_at: integer.read(next.next_run_at) };
  }

  dueUntil(time: number): { cron: string; next_run_at: number }[] {
    return this.#due.all("WHERE next_run_at <= ?", time);
  }
}

const runKinds = {
  run_id: plain,
  deployment_id: plain,
  automation_id: nullable(plain),
  thread_id: plain,
  /** What started it. Only the first two kinds belong to an automation. */
  origin: word("schedule", "manual", "message"),
  /** The instructions when it started, even if the automation has changed since. */
  instructions: storedText,
  status: word("running", "waiting_on_human", "completed", "error"),
  questions: integer,
  started_at: integer,
  completed_at: nullable(integer),
  error: nullable(storedText),
};

const { started_at, status } = runKinds;
const lastKinds = { started_at, status };

export type StoredRun = RowOf<typeof runKinds>;

export class RunTable extends Table<typeof runKinds> {
  readonly #lasts = new Table(this.database, "runs", lastKinds);

  constructor(database: Database) {
    super(database, "runs", runKinds);
  }

  recent(automation_id: string, rows: number): StoredRun[] {
    return this.all("WHERE automation_id = ? ORDER BY seq DESC LIMIT ?", automation_id, rows);
  }

  last(automation_id: string): RowOf<typeof lastKinds> | undefined {
    return this.#lasts.get("WHERE automation_id = ? ORDER BY seq DESC LIMIT 1", automation_id);
  }

  /** The run that receives a message on this thread: first a waiting one, then a running one, the newest of each. */
  inFlight(thread_id: string): StoredRun | undefined {
    return this.get(
      `WHERE thread_id = ? AND completed_at IS NULL
       ORDER BY status = 'waiting_on_human' DESC, seq DESC LIMIT 1`,
      thread_id,
    );
  }

  /** Oldest first, at most `rows`. */
  running(rows: number): StoredRun[] {
    return this.all("WHERE completed_at IS NULL AND status = 'running' ORDER BY seq LIMIT ?", rows);
  }
}

const threadKinds = {
  seq: integer,
  thread_id: plain,
  deployment_id: plain,
  title: storedText,
  /** The status of its run in flight, or idle. */
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
  /** Null while the agent is still writing it; until then, its text is the run's tokens after `after_event`. */
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
