/** A watched list: read repeatedly, on a screen with keys. */

import { startTimer } from "../../api/fetch.js";
import type { Context } from "../../context/context.js";
import { InterruptedError } from "../../errors/cli-errors.js";
import { explainItemError } from "../../invocation/report-error.js";
import { formatDuration } from "../../output/duration.js";
import { createPrinter, type Printer, watchEnd } from "../../output/printer.js";
import { type Column, renderTable } from "../../output/render-table.js";
import { safe } from "../../output/safe.js";
import { ChangeTracker, columnsNow, WatchScreen } from "../../output/terminal/watch-screen.js";
import { foldParts } from "../../output/text/fold.js";
import { formatLocalClock } from "../../output/time.js";
import { type Key, KeyReader } from "../../prompts/key-reader.js";

interface ListReading<Row> {
  rows: readonly Row[];
  /** The reason why rows are missing, shown below the table. */
  problem?: unknown;
  /** True if all reads succeeded; ignored if there is a `problem`. */
  isComplete?: boolean;
}

interface Watch<Row> {
  /** Reads the rows. Only the table may write to the screen from then on. */
  read(look: { isFirst: boolean }): Promise<ListReading<Row>>;
  /** The columns at a given time, from which relative times count. */
  columns(now: Date): Column<Row>[];
  /** Safe lines above the rows. `timed`: lines that change with time alone, which isn't reported. */
  head?(): { fixed: readonly string[]; timed: readonly string[] };
  idOf(row: Row): string;
  /** When a row that was kept from an earlier read was read, by `monotonic`; undefined if it is from the last read. */
  readMs?(row: Row): number | undefined;
  total(count: number): string;
}

const betweenReadsMs = 2000;
const old = "~";

/**
 * Shows a list repeatedly until `q` or Ctrl-C: redrawn in place, with changes since the last read marked, or, if the
 * terminal can't be redrawn, only the changes. If the first read fails, it ends; if a later one fails, it keeps the
 * last list with the reason below, and marks rows that two reads didn't refresh. The last frame stays on the screen.
 */
export async function watchRows<Row>(context: Context, watch: Watch<Row>): Promise<void> {
  const printer = await createPrinter(context);
  const screen = new KeyedScreen(context);
  const view = context.io.canRedraw
    ? redrawnView(context, { watch, printer, screen })
    : appendedView(context, { watch, printer });
  const age = new ReadingAge(context, () => view.age());
  let isFirst = true;
  try {
    while (true) {
      try {
        const beganMs = context.monotonic();
        const { rows, problem, isComplete = problem === undefined } = await watch.read({ isFirst });
        age.renew(beganMs, { isComplete });
        await view.show({ rows, problem, age });
        isFirst = false;
      } catch (error) {
        context.signal.throwIfAborted();
        if (isFirst) throw error;
        await view.fail(error);
      }
      await context.sleep(betweenReadsMs);
    }
  } catch (error) {
    if (!screen.isQuit) throw watchEnd(error, printer);
  } finally {
    age.stop();
    await view.close();
  }
}

interface Shown<Row> {
  rows: readonly Row[];
  problem: unknown;
  age: ReadingAge;
}

interface WatchView<Row> {
  show(shown: Shown<Row>): Promise<void>;
  fail(error: unknown): Promise<void>;
  /** Called when the last read goes stale, and every second after that. */
  age(): Promise<void>;
  close(): Promise<void>;
}

interface WatchViewOptions<Row> {
  watch: Watch<Row>;
  printer: Printer;
}

function redrawnView<Row>(
  context: Context,
  { watch, printer, screen }: WatchViewOptions<Row> & { screen: KeyedScreen },
): WatchView<Row> {
  const changes = new ChangeTracker<Row>(watch.columns(context.serverNow()), watch.idOf);
  const { style } = printer;
  let shown: (Shown<Row> & ReturnType<typeof changes.next>) | undefined;
  let frame = 0;
  const draw = async ({ isLast = false } = {}): Promise<void> => {
    frame += 1;
    const ownFrame = frame;
    if (shown === undefined) return;
    const { rows, columns: marked, gone, age, problem } = shown;
    const width = columnsNow(context.io);
    const isOld = (row: Row) => age.isOld(watch.readMs?.(row));
    const [change, ...others] = marked;
    const mark = change && { ...change, cell: (row: Row) => (isOld(row) ? old : change.cell(row)) };
    const now = watch.columns(context.serverNow());
    const fresh = others.map((column, at) => ({ ...column, ...now[at], style: column.style }));
    const table = await renderTable(rows, [...(mark ? [mark] : []), ...fresh], { width, style });
    const oldRows = age.isOld() ? 0 : rows.filter(isOld).length;
    const parts = [
      watch.total(rows.length),
      ...(gone === 0 ? [] : [`${gone} no longer listed`]),
      ...(isLast ? [] : [`${screen.endKey} ends`]),
      ...(oldRows === 0 ? [] : [`${oldRows} not updated (${old})`]),
      `updated ${age.clock}${age.isOld() ? ` · ${formatDuration(age.ms)} ago (${old})` : ""}`,
    ];
    const isOldAtAll = age.isOld() || oldRows > 0;
    const ending = isOldAtAll ? style.failing(foldParts(parts, { width })) : foldParts(parts, { width });
    const why = problem === undefined ? [] : [style.failing(problemText(context, problem))];
    // A frame computed earlier must not overwrite a newer one.
    if (ownFrame === frame) await screen.show(aboveRows(watch, table) + table, [ending, ...why].join("\n"));
  };
  return {
    async show(next) {
      shown = { ...next, ...changes.next(next.rows) };
      await draw();
    },
    async fail(problem) {
      if (shown !== undefined) shown = { ...shown, problem };
      await draw();
    },
    age: draw,
    close: async () => {
      await draw({ isLast: true });
      await screen.close();
    },
  };
}

/** A view that only appends lines, and none if the rows are unchanged. */
function appendedView<Row>(context: Context, { watch, printer }: WatchViewOptions<Row>): WatchView<Row> {
  const changes = new ChangeTracker<Row>(watch.columns(context.serverNow()), watch.idOf);
  let age: ReadingAge | undefined;
  let isFirst = true;
  let isMarkedOld = false;
  let lastProblem = "";
  let lastHead = "";
  const printProblem = async (error: unknown) => {
    const text = error === undefined ? "" : problemText(context, error);
    if (text !== lastProblem && text !== "") await printer.line(printer.style.failing(text));
    lastProblem = text;
  };
  return {
    async show({ rows: all, problem, age: now }) {
      age = now;
      if (isMarkedOld) await printer.line(`updated ${age.clock}`);
      isMarkedOld = false;
      const { rows, change, gone } = changes.changed(all);
      const fresh = [...(change === undefined ? [] : [change]), ...watch.columns(context.serverNow())];
      const table = await renderTable(rows, fresh, { width: columnsNow(context.io), style: printer.style });
      const { fixed, timed } = watch.head?.() ?? { fixed: [], timed: [] };
      const head = fixed.join("\n");
      if (head !== lastHead)
        for (const line of [...fixed, ...(isFirst ? timed : [])]) await printer.line(line);
      const hasAbove = !isFirst || head !== "";
      if (table !== "") await printer.out(hasAbove ? `\n${table}` : table);
      lastHead = head;
      const removed = gone === 0 ? [] : [`${gone} no longer listed`];
      const ending = isFirst ? ["changes follow", "Ctrl-C ends"] : [];
      if (isFirst || table !== "" || gone > 0)
        await printer.line([watch.total(all.length), ...removed, ...ending].join(", "));
      isFirst = false;
      await printProblem(problem);
    },
    fail: printProblem,
    async age() {
      if (isMarkedOld || age === undefined) return;
      isMarkedOld = true;
      await printer.line(printer.style.failing(`not updated since ${age.clock}`));
    },
    close: async () => undefined,
  };
}

function aboveRows<Row>({ head }: Watch<Row>, table: string): string {
  const { fixed, timed } = head?.() ?? { fixed: [], timed: [] };
  const lines = [...fixed, ...timed].map((line) => `${line}\n`).join("");
  return lines === "" || table === "" ? lines : `${lines}\n`;
}

function problemText({ settings }: Context, error: unknown): string {
  return safe(explainItemError(error, settings).message, "cell");
}

/** The most that a failed read counts for, in ms, because it doesn't show how long reads take. */
const mostTookMs = 5000;
const everySecondMs = 1000;

/** The age of the last read. Calls back once that is more than two reads take, then every second. */
class ReadingAge {
  #at = new Date(0);
  #readMs = 0;
  #mostMs = 0;
  #stopTimer: (() => void) | undefined;

  constructor(
    private readonly context: Pick<Context, "now" | "monotonic" | "timer">,
    private readonly onAge: () => Promise<void>,
  ) {}

  renew(beganMs: number, { isComplete }: { isComplete: boolean }): void {
    this.stop();
    this.#at = this.context.now();
    this.#readMs = this.context.monotonic();
    const tookMs = this.#readMs - beganMs;
    this.#mostMs = 2 * (betweenReadsMs + (isComplete ? tookMs : Math.min(tookMs, mostTookMs)));
    this.#wait(this.#mostMs);
  }

  stop(): void {
    this.#stopTimer?.();
  }

  get clock(): string {
    return formatLocalClock(this.#at);
  }

  get ms(): number {
    return this.context.monotonic() - this.#readMs;
  }

  /** True if the last read, or a row from it, is older than two reads take. */
  isOld(readMs = this.#readMs): boolean {
    return this.context.monotonic() - readMs >= this.#mostMs;
  }

  #wait(ms: number): void {
    this.#stopTimer = (this.context.timer ?? startTimer)(ms, () => {
      // If output can no longer be written, the next read ends the command.
      void this.onAge().catch(() => undefined);
      this.#wait(everySecondMs);
    });
  }
}

const quit = Symbol("quit");

/** A screen that reads keys from its first frame on: `q` and Ctrl-C abort the signal, Ctrl-Z restores the screen. */
export class KeyedScreen extends WatchScreen {
  readonly #keys: KeyReader | undefined;
  #stopListening: (() => void) | undefined;

  constructor(private readonly context: Pick<Context, "io" | "signal" | "interrupt" | "jobControl">) {
    super(context.io);
    const { io, interrupt } = context;
    if (interrupt === undefined || !KeyReader.canRead(io)) return;
    const ends = () => interrupt(new InterruptedError("SIGHUP"));
    this.#keys = new KeyReader(io, { key: (key) => this.#press(key, interrupt), ends });
  }

  get endKey(): string {
    return this.#keys === undefined ? "Ctrl-C" : "q";
  }

  get isQuit(): boolean {
    return this.context.signal.reason === quit;
  }

  override async show(text: string, foot?: string): Promise<void> {
    const onStop = () => {
      this.#keys?.close();
      void super.close();
    };
    // Before the frame, so that its reader can use the keys.
    this.#stopListening ??= this.context.jobControl?.listen({ onStop });
    this.#keys?.open();
    await super.show(text, foot);
  }

  override async close(): Promise<void> {
    this.#stopListening?.();
    this.#keys?.close();
    await super.close();
  }

  #press(key: Key, interrupt: NonNullable<Context["interrupt"]>): void {
    if (key.name === "ctrl-z") this.context.jobControl?.stop();
    else if (key.name === "ctrl-c") {
      // The terminal handles a second Ctrl-C, which ends a hanging command.
      this.#keys?.close();
      interrupt(new InterruptedError());
    } else if (key.name === "text" && key.text === "q") interrupt(quit);
  }
}
