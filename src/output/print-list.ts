import { UsageError } from "../errors/cli-errors.js";
import { didYouMean } from "../errors/near-misses.js";
import type { ListResult } from "./formats/format.js";
import type { Printer } from "./printer.js";
import type { Column } from "./render-table.js";

/** Rows one at a time, or a page at a time, which is much faster for a long list. */
type Items<Row> = Iterable<Row> | AsyncIterable<Row> | Pages<Row>;

interface Pages<Row> {
  rowPages: AsyncIterable<readonly Row[]>;
}

interface RowDeployment {
  deployment_id: string;
  deployment_name?: string | undefined;
  customer_id?: string | null | undefined;
}

export interface ListOptions<Row> extends Omit<ListResult<Row>, "columns"> {
  /** The columns, or a function that makes them when the first rows arrive and the server's clock is known. */
  columns: readonly Column<Row>[] | (() => readonly Column<Row>[]);
  /** The rows, read as they are needed: printing starts before the last one arrives. */
  items: Items<Row>;
  /** The note on stderr if there are no rows: how to create the first one, or why the filters matched none. */
  empty?: string | (() => Promise<string>);
  /** Set if the rows are from several deployments, so that JSON and names say which. */
  deploymentOf?: ((row: Row) => RowDeployment | undefined) | undefined;
  /** The note on stderr below a table on a terminal. Plain text. */
  total?(count: number): string;
}

/** Prints a list in the current format and returns the number of items (src/output/README.md, "The formats"). */
export async function printList<Row>(printer: Printer, options: ListOptions<Row>): Promise<number> {
  let count = 0;
  async function* counted(): AsyncGenerator<readonly Row[]> {
    for await (const rows of pagesOf(options.items)) {
      if (printer.closed) return;
      count += rows.length;
      yield rows;
    }
  }
  const { columns, deploymentOf, empty } = options;
  const result: ListResult<Row> = {
    ...options,
    columns: typeof columns === "function" ? columns : () => columns,
    ...(deploymentOf === undefined ? {} : withDeployments(options, deploymentOf)),
  };
  await printer.format.list(printer, result, counted());
  if (!printer.format.isForReading) return count;
  if (count === 0) {
    if (empty !== undefined) printer.note(typeof empty === "string" ? empty : await empty());
  } else if (printer.stdoutIsTty && options.total !== undefined) printer.note(options.total(count));
  return count;
}

function withDeployments<Row>(
  { json, name }: Pick<ListOptions<Row>, "json" | "name">,
  deploymentOf: NonNullable<ListOptions<Row>["deploymentOf"]>,
): Pick<ListOptions<Row>, "json" | "name"> {
  return {
    json: (row) => {
      const deployment = deploymentOf(row);
      if (deployment === undefined) return json(row);
      return {
        ...(json(row) as object),
        customer_id: deployment.customer_id,
        deployment_name: deployment.deployment_name,
      };
    },
    name: (row) => {
      const [id, deployment] = [name(row), deploymentOf(row)];
      return id === undefined || deployment === undefined ? id : `${deployment.deployment_id}/${id}`;
    },
  };
}

/** Selects the columns that `--columns` names, in its order; by default, all except `more`. */
export function selectColumns<Row>(
  columns: readonly Column<Row>[],
  keys: readonly string[] | undefined,
  more: readonly Column<Row>[] = [],
): Column<Row>[] {
  if (keys === undefined) return [...columns];
  return keys.map((key) => ({ ...findColumn([...columns, ...more], key, "--columns"), isAlwaysShown: true }));
}

/** Sorts rows by the column in `--sort`: numbers by size, text alphabetically, missing values last. Stable. */
export function sortRows<Row>(rows: readonly Row[], columns: readonly Column<Row>[], key: string): Row[] {
  const column = findColumn(columns, key, "--sort");
  const sortValue = (row: Row) =>
    column.order === undefined ? (column.piped ?? column.cell)(row) : column.order(row);
  return rows
    .map((row) => ({ row, value: sortValue(row) }))
    .sort((a, b) => compare(a.value, b.value))
    .map(({ row }) => row);
}

function pagesOf<Row>(items: Items<Row>): Iterable<readonly Row[]> | AsyncIterable<readonly Row[]> {
  if ("rowPages" in items) return items.rowPages;
  return Array.isArray(items) ? pagesOfArray(items) : oneByOne(items);
}

/** The number of rows turned into text at once: a whole fleet's text would need tens of MB, several times over. */
const pageLength = 500;

function* pagesOfArray<Row>(rows: readonly Row[]): Generator<readonly Row[]> {
  for (let at = 0; at < rows.length; at += pageLength) yield rows.slice(at, at + pageLength);
}

async function* oneByOne<Row>(items: Iterable<Row> | AsyncIterable<Row>): AsyncGenerator<readonly Row[]> {
  for await (const row of items) yield [row];
}

function findColumn<Row>(columns: readonly Column<Row>[], key: string, flag: string): Column<Row> {
  const column = columns.find((candidate) => candidate.key === key);
  if (column !== undefined) return column;
  const known = columns.map((candidate) => candidate.key);
  throw new UsageError(`${flag}: there is no column ${JSON.stringify(key)}`, {
    hint: didYouMean(key, known) ?? `the columns are ${known.join(", ")}`,
  });
}

function compare(a: string | number | undefined, b: string | number | undefined): number {
  if (a === b) return 0;
  if (a === undefined) return 1;
  if (b === undefined) return -1;
  return a < b ? -1 : 1;
}
