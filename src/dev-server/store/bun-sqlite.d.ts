/** The part of Bun's SQLite that the local server needs: https://bun.com/docs/runtime/sqlite. */
declare module "bun:sqlite" {
  type Value = string | number | null;

  interface Statement {
    run(...values: Value[]): { lastInsertRowid: number };
    get(...values: Value[]): unknown;
    all(...values: Value[]): unknown[];
  }

  export class Database {
    constructor(file: string);
    readonly inTransaction: boolean;
    exec(sql: string): void;
    prepare(sql: string): Statement;
    fileControl(operation: number, value: number): number;
    close(): void;
  }

  export const constants: { readonly SQLITE_FCNTL_PERSIST_WAL: number };
}
