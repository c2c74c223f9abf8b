import { CliError, codeOf, exitCodes, NotPossibleError, textOfError } from "../../errors/cli-errors.js";
import { commandThatAdds, isBun, nodeSqlite } from "../environment.js";

export type StoredRow = Readonly<Record<string, unknown>>;

/** Maximum size in bytes of the log beside the file, once its content has been copied into the file. */
const longestLogBytes = 8 * 1024 * 1024;

export interface Database {
  run(sql: string, ...values: SqlValue[]): void;
  /** Returns the new row's seq. */
  insert(sql: string, ...values: SqlValue[]): number;
  get(sql: string, ...values: SqlValue[]): StoredRow | undefined;
  all(sql: string, ...values: SqlValue[]): StoredRow[];
  exec(sql: string): void;
  /** Runs `work`, all or nothing; its effects are on the disk once it returns. Can't be nested. */
  transaction<T>(work: () => T): T;
  /** Writes the log beside the file into the file, and truncates the log. */
  shrinkLog(): void;
  close(): void;
}

/** Another process, or another server in this one, has the data file open. */
export class DataFileBusyError extends NotPossibleError {}

/** The data file wasn't written by this version of the server. */
export class UnreadableDataError extends CliError {
  constructor(message: string, cause?: unknown) {
    super(message, exitCodes.unexpected, "file", { hint: "choose another --data", cause });
  }
}

/**
 * Opens a file, or a database in memory with `:memory:`. The lock is exclusive and lasts until close; the kernel
 * releases it when the process dies. Throws DataFileBusyError if another process has it, UnreadableDataError for a
 * file that isn't a database or can't be written, and CliError without the driver.
 */
export async function openDatabase(file: string): Promise<Database> {
  const driver = await openAlone(file);
  const statements = new Map<string, Statement>();
  const prepared = (sql: string): Statement => {
    const known = statements.get(sql);
    if (known) return known;
    const statement = driver.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
  return {
    run: (sql, ...values) => void prepared(sql).run(...values),
    insert: (sql, ...values) => Number(prepared(sql).run(...values).lastInsertRowid),
    get: (sql, ...values) => (prepared(sql).get(...values) ?? undefined) as StoredRow | undefined,
    all: (sql, ...values) => prepared(sql).all(...values) as StoredRow[],
    exec: (sql) => void driver.exec(sql),
    transaction: (work) => inTransaction(driver, work),
    shrinkLog: () => void driver.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get(),
    close: () => {
      statements.clear();
      // The driver closes the file only when its statements are garbage-collected, so the lock is released here.
      driver.prepare("PRAGMA journal_mode = DELETE").get();
      driver.exec("PRAGMA locking_mode = NORMAL; SELECT 1 FROM sqlite_schema LIMIT 1");
      driver.close();
    },
  };
}

/** Opens the driver with exclusive use of the file. Throws what `openDatabase` throws. */
async function openAlone(file: string): Promise<Driver> {
  const driver = await openDriver(file);
  try {
    driver.exec("PRAGMA locking_mode = EXCLUSIVE");
    driver.prepare("PRAGMA journal_mode = WAL").get();
    driver.exec("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
    // Without a limit the log would keep the size of the largest write until the database is closed.
    driver.prepare(`PRAGMA journal_size_limit = ${longestLogBytes}`).get();
    // In WAL mode, the first write acquires the exclusive lock, not the pragma.
    driver.exec("BEGIN IMMEDIATE; COMMIT");
  } catch (error) {
    driver.close();
    const code = sqliteCodeOf(error);
    if (code.startsWith("SQLITE_BUSY"))
      throw new DataFileBusyError(`another process has ${file} open`, { cause: error });
    if (code === "SQLITE_NOTADB") throw new UnreadableDataError(`${file} is not a database`, error);
    // For example "attempt to write a readonly database".
    if (code.includes("SQLITE_")) throw new UnreadableDataError(`${file}: ${textOfError(error)}`, error);
    throw error;
  }
  return driver;
}

function inTransaction<T>(driver: Driver, work: () => T): T {
  driver.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    driver.exec("COMMIT");
    return result;
  } catch (error) {
    try {
      driver.exec("ROLLBACK");
    } catch {
      // On a full disk, SQLite has already rolled back.
    }
    throw error;
  }
}

/** The SQL drivers, used only in this file: Node's own SQLite, otherwise libsql, and Bun's in the executable. */

export type SqlValue = string | number | null;

/** The part that all drivers share. */
interface Driver {
  exec(sql: string): unknown;
  prepare(sql: string): Statement;
  close(): unknown;
}

interface Statement {
  run(...values: SqlValue[]): { lastInsertRowid: number | bigint };
  /** The first row; null or undefined if there is none. */
  get(...values: SqlValue[]): unknown;
  all(...values: SqlValue[]): unknown[];
}

/** SQLite's name for a failure, such as SQLITE_BUSY, whatever the driver. */
export function sqliteCodeOf(error: unknown): string {
  const { errcode } = Object(error) as { errcode?: number };
  // Node reports SQLite's extended number instead.
  return (errcode !== undefined && wordOf[errcode & 0xff]) || codeOf(error);
}

const wordOf: Record<number, string> = { 5: "SQLITE_BUSY", 11: "SQLITE_CORRUPT", 26: "SQLITE_NOTADB" };

/** Opens a file, or memory with `:memory:`, without waiting for a lock. Throws CliError without a driver. */
/** @internal */
export async function openDriver(file: string): Promise<Driver> {
  if (isBun) return openBun(file);
  const sqlite = nodeSqlite() as { DatabaseSync: new (file: string) => Driver } | undefined;
  return sqlite === undefined ? openLibsql(file) : new sqlite.DatabaseSync(file);
}

async function openBun(file: string): Promise<Driver> {
  // @ts-expect-error: Bun's types aren't installed
  const { constants, Database } = await import("bun:sqlite");
  const database = new Database(file);
  // The system's SQLite, which Bun uses on macOS, would keep the outdated log beside the file.
  if (file !== ":memory:") database.fileControl(constants.SQLITE_FCNTL_PERSIST_WAL, 0);
  return database;
}

async function openLibsql(file: string): Promise<Driver> {
  const { default: Libsql } = await import("libsql").catch((cause) => {
    const message = `the local server needs libsql on this version of Node; to add it: ${commandThatAdds("libsql")}`;
    throw new CliError(message, exitCodes.unexpected, "no_driver", { cause });
  });
  return new Libsql(file, { timeout: 0 }) as Driver;
}
