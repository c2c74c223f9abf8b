import type { Fold } from "../labelled.js";
import type { Style } from "../style.js";
import type { Column } from "../table.js";

export interface OutputTarget {
  /** Writes ready text, nothing appended. Resolves when a slow reader has room again; after a closed pipe at once. */
  out(text: string): Promise<void>;
  readonly stdoutIsTty: boolean;
  readonly columns: number;
  /** True when JSON must not hold workflow commands. */
  readonly githubActions: boolean;
  readonly style: Style;
}

export interface ErrorOptions extends Pick<OutputTarget, "githubActions" | "style"> {
  fold: Fold;
}

/** One result, for every format (src/output/README.md, "The formats"). */
export interface OneResult {
  json: unknown;
  /** Lines of `name`, plain; absent: printed as in `table`. */
  name?: string | readonly string[];
  table(): Promise<void>;
}

export interface ListResult<Row> {
  /** Columns in their documented order, which is that of a pipe's fields; asked for when rows are there. */
  columns(): readonly Column<Row>[];
  json(row: Row): unknown;
  /** The item's line in `name`; undefined: it has none. */
  name(row: Row): string | undefined;
}

/** The parts of an error message (src/output/README.md, "Errors"). The texts may be a server's own. */
export interface ErrorReport {
  message: string;
  code: string;
  hint?: string | undefined;
  status?: number | undefined;
  requestId?: string | undefined;
}

/** A way to print results: all that differs from one `--output` to another. */
export interface Format {
  /** True when notes beside the result are printed too. */
  readonly isForReading?: true;
  readonly isNamesOnly?: true;
  /** Prints one value that holds all of the result. Absent: a result may come piece by piece. */
  whole?(target: OutputTarget, value: unknown): Promise<void>;
  one(target: OutputTarget, result: OneResult): Promise<void>;
  /** Prints a result after which more may be printed. Absent: as `one`. */
  first?(target: OutputTarget, result: OneResult): Promise<void>;
  list<Row>(
    target: OutputTarget,
    result: ListResult<Row>,
    pages: AsyncIterable<readonly Row[]>,
  ): Promise<void>;
  /** Prints events one by one. Absent in a format that can't print what has no end. */
  events?(target: OutputTarget, result: { jsonLines(): string; table(): Promise<void> }): Promise<void>;
  /** The error, safe, with a line end; the texts hold no key any more. */
  error(report: ErrorReport, target: ErrorOptions): string;
}
