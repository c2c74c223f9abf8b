import { chmodSync, closeSync, constants, lstatSync, openSync } from "node:fs";
import { CliError, codeOf, exitCodes } from "../../errors/cli-errors.js";
import { ownUid } from "../environment.js";
import { newId } from "../ids.js";
import { type Database, openDatabase, UnreadableDataError } from "./database.js";
import { EventTable, type StoredEvent } from "./events.js";
import { AutomationTable, DeploymentTable, RunTable, ThreadTable } from "./records.js";
import { integer, plain } from "./table.js";

export const inMemory = ":memory:";

type EventListener = (events: readonly StoredEvent[]) => void;

/**
 * All of the server's data, in one SQLite database that only it has open. A transaction is on the disk when it returns,
 * and listeners are called with its events only then, so that a kill never loses an id that a client has seen.
 */
export class Store {
  readonly deployments: DeploymentTable;
  readonly automations: AutomationTable;
  readonly threads: ThreadTable;
  readonly runs: RunTable;
  readonly events: EventTable;
  /** Created with the store, and permanent: identifies it at any address. */
  readonly storeId: string;
  readonly #listeners = new Set<EventListener>();

  constructor(private readonly database: Database) {
    prepareTables(database);
    this.deployments = new DeploymentTable(database);
    this.automations = new AutomationTable(database);
    this.threads = new ThreadTable(database);
    this.runs = new RunTable(database);
    this.events = new EventTable(database);
    const stored = this.setting("store_id");
    this.storeId = stored ?? newId("store");
    if (stored === undefined) this.setSetting("store_id", this.storeId);
  }

  transaction<T>(work: () => T): T {
    let result: T;
    try {
      result = this.database.transaction(work);
    } catch (error) {
      this.events.settle("rolled back");
      throw error;
    }
    const events = this.events.settle("committed");
    if (events.length > 0) for (const listener of [...this.#listeners]) listener(events);
    return result;
  }

  /** Calls the listener with events in order, after they are durable. Returns a function that unsubscribes it. */
  onEvents(listener: EventListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  counts(): { automations: number; runs: number } {
    const row = this.database.get(
      "SELECT (SELECT count(*) FROM automations) AS automations, (SELECT count(*) FROM runs) AS runs",
    );
    return { automations: integer.read(row?.automations), runs: integer.read(row?.runs) };
  }

  setting(name: string): string | undefined {
    const row = this.database.get("SELECT value FROM settings WHERE name = ?", name);
    return row && plain.read(row.value);
  }

  setSetting(name: string, value: string): void {
    this.database.run("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)", name, value);
  }

  /** Keeps the log beside the data file from growing. */
  shrinkLog(): void {
    this.database.shrinkLog();
  }

  close(): void {
    this.#listeners.clear();
    this.database.close();
  }
}

/** Opens a file, or `:memory:`. Throws DataFileBusyError if another server has it, CliError for a foreign file. */
export async function openStore(file: string): Promise<Store> {
  if (file !== inMemory) prepareDataFile(file);
  const database = await openDatabase(file);
  try {
    return new Store(database);
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Ensures that the database and the files that SQLite puts beside it are ours, private, and not links. Throws CliError.
 * Never opens an existing file, because closing it would release another server's lock in this process.
 */
function prepareDataFile(path: string): void {
  for (const part of [`${path}-wal`, `${path}-journal`]) checkFile(part);
  if (checkFile(path)) return;
  try {
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);
    closeSync(openSync(path, flags, 0o600));
  } catch (error) {
    // Another process was faster; the lock decides between the two.
    if (codeOf(error) === "EEXIST") return;
    throw refused(path, `can't be created (${codeOf(error)})`, error);
  }
}

function checkFile(path: string): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats) return false;
  if (stats.isSymbolicLink()) throw refused(path, "is a symbolic link");
  if (!stats.isFile()) throw refused(path, "isn't a file");
  if (ownUid === undefined) return true;
  if (stats.uid !== ownUid) throw refused(path, "belongs to another user");
  if ((stats.mode & 0o077) !== 0) chmodSync(path, 0o600);
  return true;
}

function refused(path: string, what: string, cause?: unknown): CliError {
  return new CliError(`${path} ${what}`, exitCodes.unexpected, "file", {
    hint: "choose another --data",
    cause,
  });
}

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

/** Creates the tables in an empty database. Throws UnreadableDataError for one with tables other than ours. */
function prepareTables(database: Database): void {
  const found = integer.read(database.get("PRAGMA user_version")?.user_version);
  const hasTables = database.get("SELECT 1 AS there FROM sqlite_schema LIMIT 1") !== undefined;
  if (found !== version && (found !== 0 || hasTables)) {
    const file = plain.read(database.get("PRAGMA database_list")?.file);
    throw new UnreadableDataError(
      found === 0
        ? `${file} isn't local server data`
        : `${file} has data of version ${found}, but this herm reads version ${version}`,
    );
  }
  if (found === version) return;
  database.transaction(() => database.exec(`${tables}; PRAGMA user_version = ${version}`));
}
