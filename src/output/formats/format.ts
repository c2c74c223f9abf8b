import type { Fold } from "../labelled.js";
import type { Style } from "../style.js";
import type { Column } from "../table.js";

/** What a format writes on: stdout, and how wide and colourful it is. */
export interface OutputTarget {
  /** Ready text to stdout, nothing appended. Resolves when a slow reader has room again; after a closed pipe at once. */
  out(text: string): Promise<void>;
  readonly stdoutIsTty: boolean;
  /** Width of the terminal. */
  readonly columns: number;
  /** JSON must not hold workflow commands. */
  readonly githubActions: boolean;
  /** For stdout. */
  readonly style: Style;
}

/** What an error is told on: stderr. */
export interface ErrorOptions extends Pick<OutputTarget, "githubActions" | "style"> {
  fold: Fold;
}

/** One result, for every format (src/output/README.md, "The formats"). */
export interface OneResult {
  /** The object of `json` and `jsonl`. */
  json: unknown;
  /** The line or lines of `name`; plain text. Absent: what has no name is told there as in `table`. */
  name?: string | readonly string[];
  /** Prints it for a person, or as fields in a pipe. */
  table(): Promise<void>;
}

/** A list's rows, for every format. */
export interface ListResult<Row> {
  /** In their documented order, which is that of a pipe's fields. */
  columns: readonly Column<Row>[];
  /** The item's object in `json` and `jsonl`. */
  json(row: Row): unknown;
  /** The item's line in `name`; undefined: it has none. */
  name(row: Row): string | undefined;
  /** What is told below each row. */
  below?: Below<Row> | undefined;
}

/** What a list's rows have below them: on a terminal lines, in a pipe rows of their own behind the fields of the row. */
export interface Below<Row> {
  /** Ready lines; `style.isInWords`: as labelled ones. */
  lines(row: Row): readonly string[];
  /** The fields that each of the row's lines has in a pipe behind its columns; plain text. No line: no row. */
  piped(row: Row): readonly (readonly string[])[];
}

/** What has come of something without an end. */
interface EventsResult {
  /** Each as JSON on a line with its end. */
  jsonLines(): string;
  /** Prints them for a person, or as fields in a pipe. */
  table(): Promise<void>;
}

/** What went wrong, as it is told (src/output/README.md, "Errors"). The texts may be a server's own. */
export interface ErrorReport {
  message: string;
  code: string;
  hint?: string | undefined;
  /** The answer's HTTP status. */
  status?: number | undefined;
  requestId?: string | undefined;
}

/** A way to print results: all that differs from one `--output` to another. */
export interface Format {
  /** Words beside the result are said too: what a person would ask next. */
  readonly isInWords?: true;
  /** It tells things by their ids or names alone. */
  readonly isNamesOnly?: true;
  /** Prints one value that holds all of the result. Absent: a result may come piece by piece. */
  whole?(target: OutputTarget, value: unknown): Promise<void>;
  one(target: OutputTarget, result: OneResult): Promise<void>;
  /** As `one`, for what others may follow. Absent: no different. */
  first?(target: OutputTarget, result: OneResult): Promise<void>;
  list<Row>(
    target: OutputTarget,
    result: ListResult<Row>,
    pages: AsyncIterable<readonly Row[]>,
  ): Promise<void>;
  /** Absent: what has no end can't be told in it. */
  events?(target: OutputTarget, result: EventsResult): Promise<void>;
  /** What went wrong, safe, with a line end at the end; the texts hold no key any more. */
  error(report: ErrorReport, target: ErrorOptions): string;
}
