import type { Column } from "./render-table.js";
import { safe } from "./safe.js";
import { ago, agoBriefly } from "./time.js";
import { textOrDash } from "./value-text.js";

type Cell<Row> = (row: Row) => string;

/**
 * How a column changes on a narrow terminal, keyed by position among the steps of all columns: to a maximum width, to
 * hidden, or to its next narrower wording, which may be a symbol.
 */
type Steps<Row> = Readonly<Record<number, number | "hidden" | Cell<Row> | { sign: Cell<Row> }>>;

interface ColumnOptions<Row> extends Partial<Omit<Column<Row>, "key" | "cell" | "priorities">> {
  steps?: Steps<Row>;
}

/** Makes a column; its title defaults to its key. */
export function column<Row>(
  key: string,
  cell: Cell<Row>,
  { steps = {}, title = key.toUpperCase(), ...more }: ColumnOptions<Row> = {},
): Column<Row> {
  const priorities = Object.entries(steps).map(([turn, step]) => {
    const order = Number(turn);
    if (step === "hidden") return { order, isHidden: true as const };
    if (typeof step === "number") return { order, cutTo: step };
    return typeof step === "function"
      ? { order, cell: step }
      : { order, cell: step.sign, isSign: true as const };
  });
  return { key, title, cell, priorities, ...more };
}

/** The fields of a row in a pipe, by the names that help uses. */
export function pipedFields(columns: readonly Pick<Column<never>, "key" | "pipedAs">[]): string {
  return columns.map(({ key, pipedAs = key }) => pipedAs).join(", ");
}

/** The text that follows the fields of a list across several deployments. */
export const deploymentFirst = "(with several deployments the deployment's id first)";

export function nameColumn<Row>(cell: Cell<Row>, options: ColumnOptions<Row> = {}): Column<Row> {
  return column("name", cell, { isName: true, ...options });
}

export function idColumn<Row>(cell: Cell<Row>, options: ColumnOptions<Row> = {}): Column<Row> {
  return column("id", cell, options);
}

/** The deployment's name or, in a pipe, its id. */
export function deploymentColumn<Row extends { deployment_id: string; deployment_name?: string }>({
  cell = ({ deployment_name, deployment_id }) => deployment_name ?? deployment_id,
  ...options
}: ColumnOptions<Row> & { cell?: Cell<Row> } = {}): Column<Row> {
  return column("deployment", cell, {
    isName: true,
    piped: ({ deployment_id }) => deployment_id,
    ...options,
  });
}

/** The time since an event, shown in full or hidden; a pipe contains the time itself, which also sorts the rows. */
export function agoColumn<Row>(
  key: string,
  at: (row: Row) => string | null | undefined,
  { now, hiddenAt, ...more }: ColumnOptions<Row> & { now: Date; hiddenAt: number },
): Column<Row> {
  return column(key, (row) => agoBriefly(at(row), now), {
    title: "AGO",
    inWords: (row) => ago(at(row), now),
    piped: (row) => textOrDash(at(row)),
    order: (row) => at(row) ?? undefined,
    steps: { [hiddenAt]: "hidden" },
    ...more,
  });
}

export function pipedRow<Row>(row: Row, columns: readonly Column<Row>[]): string {
  return columns.map((column) => safe(column.piped?.(row) ?? column.cell(row), "cell")).join("\t");
}
