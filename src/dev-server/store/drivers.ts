import { CliError, exitCodes } from "../../errors.js";
import { isBun } from "../environment.js";

/** The SQL drivers, and the one file that knows them: Node takes libsql, the executable has Bun's own SQLite in it. */

export type SqlValue = string | number | null;

/** The common part of both. Their errors have SQLite's word as `code`, such as SQLITE_BUSY. */
export interface Driver {
  readonly inTransaction: boolean;
  exec(sql: string): unknown;
  prepare(sql: string): Statement;
  close(): unknown;
}

export interface Statement {
  run(...values: SqlValue[]): { lastInsertRowid: number | bigint };
  /** The first row; null or undefined where there is none. */
  get(...values: SqlValue[]): unknown;
  all(...values: SqlValue[]): unknown[];
}

/** Opens a file, or memory with `:memory:`; nobody waits for a lock. Throws CliError without a driver. */
export function openDriver(file: string): Promise<Driver> {
  return isBun ? openBun(file) : openLibsql(file);
}

async function openBun(file: string): Promise<Driver> {
  const { constants, Database } = await import("bun:sqlite");
  const database = new Database(file);
  // The system's SQLite, which Bun takes on macOS, would keep the log beside the file, which is out of date by then.
  if (file !== ":memory:") database.fileControl(constants.SQLITE_FCNTL_PERSIST_WAL, 0);
  return database;
}

async function openLibsql(file: string): Promise<Driver> {
  let Libsql: typeof import("libsql");
  try {
    Libsql = (await import("libsql")).default;
  } catch (error) {
    // It is an optional dependency, with a binary for each platform.
    throw new CliError(
      "the SQL driver (libsql) is missing: npm install --global --include=optional herm-cli adds it",
      exitCodes.unexpected,
      "no_driver",
      {
        hint: "everything but the local server works without it",
        cause: error,
      },
    );
  }
  return new Libsql(file, { timeout: 0 }) as Driver;
}
