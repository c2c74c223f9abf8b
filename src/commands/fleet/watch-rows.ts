import type { Context } from "../../context.js";
import { createPrinter, type Printer } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import { type Column, renderTable } from "../../output/table.js";
import { ChangeMarks, columnsNow, WatchScreen } from "../../output/watch.js";
import { watchEnd } from "../../output/watch-end.js";
import { judgeItem } from "../../report.js";

interface Look<Row> {
  rowPages: AsyncIterable<readonly Row[]> | Iterable<readonly Row[]>;
  /** Why not all could be read: told below the table. */
  problem?: unknown;
}

export interface Watch<Row> {
  /** After the first look the table is on the screen: nothing else may be written. */
  read(look: { isFirst: boolean }): Promise<Look<Row>>;
  /** The columns as they are at a moment: times are told from it. */
  columns(now: Date): Column<Row>[];
  /** Safe lines above the rows. `passing`: what changes as time passes, which is no change to tell. */
  head?(): { standing: readonly string[]; passing: readonly string[] };
  /** By which a row is known again. */
  idOf(row: Row): string;
  total(count: number): string;
}

const betweenReadsMs = 2000;

/**
 * Shows a list again and again until Ctrl-C: redrawn in place, what changed since the last look marked, or, on a terminal
 * that isn't drawn over, what changed alone. What can't be read at the first look ends it; later the last list stays,
 * with the reason below it. The person's own screen comes back as it was.
 */
export async function watchRows<Row>(context: Context, watch: Watch<Row>): Promise<void> {
  const printer = await createPrinter(context);
  const sheet = context.io.canRedraw
    ? drawnSheet(context, { watch, printer })
    : addedSheet(context, { watch, printer });
  let isFirst = true;
  try {
    while (true) {
      try {
        const { rowPages, problem } = await watch.read({ isFirst });
        const rows: Row[] = [];
        for await (const page of rowPages) rows.push(...page);
        await sheet.show(rows, problem);
        isFirst = false;
      } catch (error) {
        context.signal.throwIfAborted();
        if (isFirst) throw error;
        await sheet.fail(error);
      }
      await context.sleep(betweenReadsMs);
    }
  } catch (error) {
    throw watchEnd(error, printer);
  } finally {
    await sheet.close();
  }
}

interface Sheet<Row> {
  show(rows: readonly Row[], problem: unknown): Promise<void>;
  fail(error: unknown): Promise<void>;
  close(): Promise<void>;
}

interface SheetOptions<Row> {
  watch: Watch<Row>;
  printer: Printer;
}

function drawnSheet<Row>(context: Context, { watch, printer }: SheetOptions<Row>): Sheet<Row> {
  const screen = new WatchScreen(context.io);
  const marks = new ChangeMarks<Row>(watch.columns(context.serverNow()), watch.idOf);
  const problemLine = (error: unknown) => `\n${printer.style.red(problemText(context, error))}`;
  let shown = "";
  return {
    async show(rows, problem) {
      const { columns: marked, gone } = marks.next(rows);
      const fresh = [...marked.slice(0, 1), ...withNow(marked.slice(1), watch.columns(context.serverNow()))];
      const table = await renderTable(rows, fresh, { width: columnsNow(context.io), style: printer.style });
      const removed = gone === 0 ? "" : ` · ${gone} gone since the last look`;
      const total = printer.style.dim(`${watch.total(rows.length)}${removed} · Ctrl-C ends`);
      shown = aboveRows(watch, table) + table + total;
      await screen.show(problem === undefined ? shown : shown + problemLine(problem));
    },
    fail: (error) => screen.show(shown + problemLine(error)),
    close: () => screen.close(),
  };
}

/** Lines that are only ever added to; nothing where nothing has changed. */
function addedSheet<Row>(context: Context, { watch, printer }: SheetOptions<Row>): Sheet<Row> {
  const marks = new ChangeMarks<Row>(watch.columns(context.serverNow()), watch.idOf);
  let isFirst = true;
  let told = "";
  let toldHead = "";
  const tellProblem = async (error: unknown) => {
    const text = error === undefined ? "" : problemText(context, error);
    if (text !== told && text !== "") await printer.line(printer.style.red(text));
    told = text;
  };
  return {
    async show(all, problem) {
      const { rows, columns, gone } = marks.changed(all);
      const now = watch.columns(context.serverNow());
      const [change] = columns.length > now.length ? columns : [];
      const fresh = change === undefined ? now : [change, ...now];
      const table = await renderTable(rows, fresh, { width: columnsNow(context.io), style: printer.style });
      const { standing, passing } = watch.head?.() ?? { standing: [], passing: [] };
      const head = standing.join("\n");
      if (head !== toldHead)
        for (const line of [...standing, ...(isFirst ? passing : [])]) await printer.line(line);
      const hasAbove = !isFirst || head !== "";
      if (table !== "") await printer.out(hasAbove ? `\n${table}` : table);
      toldHead = head;
      const removed = gone === 0 ? [] : [`${gone} gone since the last look`];
      const ending = isFirst ? ["changes follow", "Ctrl-C ends"] : [];
      if (isFirst || table !== "" || gone > 0)
        await printer.line([watch.total(all.length), ...removed, ...ending].join(", "));
      isFirst = false;
      await tellProblem(problem);
    },
    fail: tellProblem,
    close: async () => undefined,
  };
}

/** The lines above the rows, and an empty one between. */
function aboveRows<Row>({ head }: Watch<Row>, table: string): string {
  const { standing, passing } = head?.() ?? { standing: [], passing: [] };
  const lines = [...standing, ...passing].map((line) => `${line}\n`).join("");
  return lines === "" || table === "" ? lines : `${lines}\n`;
}

function problemText({ settings }: Context, error: unknown): string {
  return safe(judgeItem(error, settings).message, "cell");
}

/** The columns of now, marked: how long ago changes at every look. */
function withNow<Row>(marked: readonly Column<Row>[], now: readonly Column<Row>[]): Column<Row>[] {
  return marked.map((column, at) => ({ ...column, ...now[at], style: column.style }));
}
