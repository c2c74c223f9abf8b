import { toJsonLine } from "../printed-json.js";
import type { Column } from "../render-table.js";
import { safe } from "../safe.js";
import { type Fold, labelled } from "../sink.js";
import type { Style } from "../style.js";

export interface OutputTarget {
  /** Writes ready text, nothing appended. Resolves when a slow reader has room again; after a closed pipe at once. */
  out(text: string): Promise<void>;
  readonly stdoutIsTty: boolean;
  readonly columns: number;
  /** True when JSON must not hold workflow commands. */
  readonly githubActions: boolean;
  readonly style: Style;
}

interface ErrorOptions extends Pick<OutputTarget, "githubActions" | "style"> {
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

/** `error: …` and `hint: …`; a person's "no" is no error. */
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

/** Half of what a pipe holds, so that its reader has something to do while we make more. */
const mostPending = 32 * 1024;

/**
 * Joins many small writes: one write for each row of 200,000 costs twice the time. Goes out at the latest when the
 * process turns to its next input.
 */
export class Batch {
  #pending: string[] = [];
  #size = 0;
  /** Bytes that were written and not taken yet. */
  #leaving = 0;
  #scheduled: NodeJS.Immediate | undefined;

  constructor(private readonly write: (text: string) => Promise<void>) {}

  /** Waits only when enough has come together, or the reader is slow. */
  async add(text: string): Promise<void> {
    this.#pending.push(text);
    this.#size += text.length;
    if (this.#size + this.#leaving >= mostPending) return this.flush();
    this.#scheduled ??= setImmediate(() => void this.flush());
  }

  /** Call it in a `finally`: what was added before a failure is printed too. */
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
