import { toJsonLine } from "../printed-json.js";
import type { Column } from "../render-table.js";
import { safe } from "../safe.js";
import { type Fold, labelled } from "../sink.js";
import type { Style } from "../style.js";

export interface OutputTarget {
  /** Writes finished text unchanged. Resolves once a slow reader has room again, or at once if the pipe is closed. */
  out(text: string): Promise<void>;
  readonly stdoutIsTty: boolean;
  readonly columns: number;
  /** True if JSON must not contain workflow commands. */
  readonly githubActions: boolean;
  readonly style: Style;
}

interface ErrorOptions extends Pick<OutputTarget, "githubActions" | "style"> {
  fold: Fold;
}

/** A single result, for every format (src/output/README.md, "The formats"). */
export interface OneResult {
  json: unknown;
  /** The lines for `name`, plain; if absent, the result is printed as in `table`. */
  name?: string | readonly string[];
  table(): Promise<void>;
}

export interface ListResult<Row> {
  /** The columns, in the documented order of the fields in a pipe; requested once there are rows. */
  columns(): readonly Column<Row>[];
  json(row: Row): unknown;
  /** The line for the item in `name`; undefined if it has none. */
  name(row: Row): string | undefined;
}

/** The parts of an error message (src/output/README.md, "Errors"). The texts may come from a server. */
export interface ErrorReport {
  message: string;
  code: string;
  hint?: string | undefined;
  status?: number | undefined;
  requestId?: string | undefined;
}

/** A way of printing results; everything that depends on the value of `--output` is here. */
export interface Format {
  /** True if notes about the result are printed as well. */
  readonly isForReading?: true;
  readonly isNamesOnly?: true;
  /** Prints the whole result as one value. If absent, a result may be printed in pieces. */
  whole?(target: OutputTarget, value: unknown): Promise<void>;
  one(target: OutputTarget, result: OneResult): Promise<void>;
  /** Prints a result that may be followed by others. If absent, `one` prints it. */
  first?(target: OutputTarget, result: OneResult): Promise<void>;
  list<Row>(
    target: OutputTarget,
    result: ListResult<Row>,
    pages: AsyncIterable<readonly Row[]>,
  ): Promise<void>;
  /** Prints events one by one. Absent in a format that can't print an endless result. */
  events?(target: OutputTarget, result: { jsonLines(): string; table(): Promise<void> }): Promise<void>;
  /** The error as safe text with a line end; by now the texts contain no key. */
  error(report: ErrorReport, target: ErrorOptions): string;
}

/** `error: …` and `hint: …`; if the user said no, that isn't an error. */
export function errorInWords(report: ErrorReport, { style, fold }: ErrorOptions): string {
  const { code, message, requestId, hint } = report;
  const origin = requestId === undefined ? "" : ` (request ${requestId})`;
  const lines = [
    code === "declined"
      ? fold(safe(message, "cell"))
      : labelled("error:", message + origin, { paint: style.bold, fold }),
  ];
  if (hint !== undefined) lines.push(labelled("hint:", hint, { fold }));
  return `${lines.join("\n")}\n`;
}

export function errorInJson(report: ErrorReport, target: ErrorOptions): string {
  const { code, message, status, requestId: request_id, hint } = report;
  return `${toJsonLine({ error: { code, message, status, request_id, hint } }, target)}\n`;
}

/** Half the capacity of a pipe, so that the reader stays busy while we produce more. */
const mostPending = 32 * 1024;

/**
 * Joins many small writes, because one write for each row doubles the time for 200,000 rows. Writes no later than when
 * the process turns to its next input.
 */
export class Batch {
  #pending: string[] = [];
  #size = 0;
  /** Bytes that were written but aren't read yet. */
  #leaving = 0;
  #scheduled: NodeJS.Immediate | undefined;

  constructor(private readonly write: (text: string) => Promise<void>) {}

  /** Waits only if the batch is full or the reader slow. */
  async add(text: string): Promise<void> {
    this.#pending.push(text);
    this.#size += text.length;
    if (this.#size + this.#leaving >= mostPending) return this.flush();
    this.#scheduled ??= setImmediate(() => void this.flush());
  }

  /** Call it in a `finally`, so that text added before a failure is printed. */
  async flush(): Promise<void> {
    clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    const text = this.#pending.join("");
    this.#pending = [];
    this.#size = 0;
    this.#leaving += text.length;
    await this.write(text);
    this.#leaving -= text.length;
  }
}

export async function writePages<Row>(
  { out }: { out(text: string): Promise<void> },
  pages: AsyncIterable<readonly Row[]>,
  text: (rows: readonly Row[]) => string,
): Promise<void> {
  const batch = new Batch(out);
  try {
    for await (const rows of pages) await batch.add(text(rows));
  } finally {
    await batch.flush();
  }
}
