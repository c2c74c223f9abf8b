import { type Database, UnreadableDataError } from "./database.js";
import { integer, plain } from "./table.js";

const version = 1;

const tables = `
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE deployments (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  deployment_id TEXT NOT NULL UNIQUE,
  customer_id TEXT NOT NULL,
  name TEXT NOT NULL,
  system_prompt TEXT NOT NULL,
  model TEXT NOT NULL,
  outcome TEXT NOT NULL,
  settled_at INTEGER NOT NULL,
  thread_id TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX deployments_by_customer ON deployments (customer_id, seq);
CREATE TABLE threads (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  thread_id TEXT NOT NULL UNIQUE,
  deployment_id TEXT NOT NULL REFERENCES deployments (deployment_id),
  title TEXT NOT NULL,
  last_activity_at INTEGER NOT NULL
) STRICT;
CREATE INDEX threads_by_deployment ON threads (deployment_id, seq);
CREATE TABLE messages (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  thread_id TEXT NOT NULL REFERENCES threads (thread_id),
  role TEXT NOT NULL,
  content TEXT,
  run_id TEXT NOT NULL REFERENCES runs (run_id),
  after_event INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX messages_by_thread ON messages (thread_id, seq);
CREATE INDEX messages_being_written ON messages (run_id) WHERE content IS NULL;
CREATE TABLE automations (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  automation_id TEXT NOT NULL UNIQUE,
  deployment_id TEXT NOT NULL REFERENCES deployments (deployment_id),
  name TEXT NOT NULL,
  schedule TEXT NOT NULL,
  cron TEXT NOT NULL,
  instructions TEXT NOT NULL,
  thread_id TEXT NOT NULL REFERENCES threads (thread_id),
  enabled INTEGER NOT NULL,
  next_run_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX automations_by_deployment ON automations (deployment_id, seq);
CREATE INDEX automations_by_due_time ON automations (next_run_at, seq) WHERE next_run_at IS NOT NULL;
CREATE TABLE runs (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  run_id TEXT NOT NULL UNIQUE,
  deployment_id TEXT NOT NULL REFERENCES deployments (deployment_id),
  automation_id TEXT,
  thread_id TEXT NOT NULL REFERENCES threads (thread_id),
  origin TEXT NOT NULL,
  instructions TEXT NOT NULL,
  status TEXT NOT NULL,
  questions INTEGER NOT NULL DEFAULT 0,
  started_at INTEGER NOT NULL,
  completed_at INTEGER,
  error TEXT
) STRICT;
CREATE INDEX runs_by_automation ON runs (automation_id, seq);
CREATE INDEX runs_in_flight ON runs (thread_id, seq) WHERE completed_at IS NULL;
CREATE INDEX runs_by_end ON runs (completed_at) WHERE completed_at IS NOT NULL;
CREATE TABLE events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  deployment_id TEXT NOT NULL,
  run_id TEXT NOT NULL,
  thread_id TEXT NOT NULL,
  type TEXT NOT NULL,
  data TEXT NOT NULL
) STRICT;
CREATE INDEX events_by_deployment ON events (deployment_id, seq);
CREATE INDEX events_by_thread ON events (thread_id, seq);
CREATE INDEX events_by_run ON events (run_id, seq);
`;

/** Makes the tables in an empty database. Throws UnreadableDataError for one with other tables than ours. */
export function prepareTables(database: Database): void {
  const found = integer.read(database.get("PRAGMA user_version")?.user_version);
  const hasTables = database.get("SELECT 1 AS there FROM sqlite_schema LIMIT 1") !== undefined;
  if (found !== version && (found !== 0 || hasTables)) {
    const file = plain.read(database.get("PRAGMA database_list")?.file);
    throw new UnreadableDataError(
      found === 0
        ? `${file} isn't data of the local server`
        : `${file} has data of version ${found}, and this herm reads version ${version}`,
    );
  }
  if (found === version) return;
  database.transaction(() => database.exec(`${tables}; PRAGMA user_version = ${version}`));
}
