import type { Database, SqlValue, StoredRow } from "./database.js";

interface Kind<T> {
  /** Throws TypeError for a value that `write` never returned. */
  read(value: unknown): T;
  write(value: T): SqlValue;
  /** The expression of a field that has no column. */
  sql?: string;
}

/** Ids, words and JSON documents, stored unchanged. */
export const plain: Kind<string> = {
  read: (value) => (typeof value === "string" ? value : refuse("string")),
  write: (value) => value,
};

/**
 * Stores text as JSON strings, because a client's text must be returned unchanged, and SQLite's own text ends at a NUL
 * and can't contain a lone surrogate.
 */
export const storedText: Kind<string> = {
  read: (value) => plain.read(JSON.parse(plain.read(value))),
  write: (value) => JSON.stringify(value),
};

export const integer: Kind<number> = {
  read: (value) => (typeof value === "number" ? value : refuse("number")),
  write: (value) => value,
};

export const storedFlag: Kind<boolean> = {
  read: (value) => integer.read(value) === 1,
  write: (value) => (value ? 1 : 0),
};

export function word<T extends string>(...words: readonly T[]): Kind<T> {
  return {
    read: (value) => words.find((each) => each === value) ?? refuse(`word of ${words.join(", ")}`),
    write: (value) => value,
  };
}

export function nullable<T>({ read, write }: Kind<T>): Kind<T | null> {
  return {
    read: (value) => (value === null ? null : read(value)),
    write: (value) => (value === null ? null : write(value)),
  };
}

function refuse(kind: string): never {
  throw new TypeError(`a column can't contain ${kind}`);
}

type Kinds = Readonly<Record<string, Kind<unknown>>>;

export type RowOf<K extends Kinds> = { -readonly [F in keyof K]: K[F] extends Kind<infer T> ? T : never };

/** A part of a list, newest first. */
export interface PageRequest {
  before: number;
  rows: number;
}

export class Table<K extends Kinds> {
  readonly #fields: ReadonlyMap<string, Kind<unknown>>;
  readonly #selected: string;

  constructor(
    protected readonly database: Database,
    private readonly name: string,
    kinds: K,
  ) {
    this.#fields = new Map(Object.entries(kinds));
    const selected = Object.entries(kinds).map(([column, { sql }]) =>
      sql === undefined ? column : `(${sql}) AS ${column}`,
    );
    this.#selected = `SELECT ${selected.join(", ")} FROM ${name}`;
  }

  /** Returns the new row's seq. */
  insert(values: Partial<RowOf<K>>): number {
    const given = this.#columns(values);
    const names = given.map(({ column }) => column).join(", ");
    return this.database.insert(
      `INSERT INTO ${this.name} (${names}) VALUES (${given.map(() => "?").join(", ")})`,
      ...given.map(({ value }) => value),
    );
  }

  update(key: Partial<RowOf<K>>, values: Partial<RowOf<K>>): void {
    const [given, keys] = [this.#columns(values), this.#columns(key)];
    this.database.run(
      `UPDATE ${this.name} SET ${given.map(equals).join(", ")} WHERE ${keys.map(equals).join(" AND ")}`,
      ...[...given, ...keys].map(({ value }) => value),
    );
  }

  /** Returns the first row that matches the end of the statement, such as `WHERE seq > ?`. */
  get(rest: string, ...values: SqlValue[]): RowOf<K> | undefined {
    const row = this.database.get(`${this.#selected} ${rest}`, ...values);
    return row && this.#read(row);
  }

  all(rest: string, ...values: SqlValue[]): RowOf<K>[] {
    return this.database.all(`${this.#selected} ${rest}`, ...values).map((row) => this.#read(row));
  }

  find(key: Partial<RowOf<K>>): RowOf<K> | undefined {
    const keys = this.#columns(key);
    return this.get(`WHERE ${keys.map(equals).join(" AND ")}`, ...keys.map(({ value }) => value));
  }

  /** A part of a deployment's rows, newest first. */
  list(deployment_id: string, { before, rows }: PageRequest): RowOf<K>[] {
    return this.all(
      "WHERE deployment_id = ? AND seq < ? ORDER BY seq DESC LIMIT ?",
      deployment_id,
      before,
      rows,
    );
  }

  /** Drops fields that aren't columns. */
  #columns(values: Partial<RowOf<K>>): { column: string; value: SqlValue }[] {
    return Object.entries(values).flatMap(([column, value]) => {
      const kind = this.#fields.get(column);
      return kind === undefined ? [] : [{ column, value: kind.write(value) }];
    });
  }

  #read(row: StoredRow): RowOf<K> {
    const read: Record<string, unknown> = {};
    for (const [column, kind] of this.#fields) read[column] = kind.read(row[column]);
    return read as RowOf<K>;
  }
}

function equals({ column }: { column: string }): string {
  return `${column} = ?`;
}
