import type { Context } from "../../context.js";
import { createPrinter } from "../../output/printer.js";
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
  /** By which a row is known again. */
  idOf(row: Row): string;
  total(count: number): string;
}

const betweenReadsMs = 2000;

/**
 * Redraws a list in place until Ctrl-C, what changed since the last look marked. What can't be read at the first look
 * ends it; later the last list stays, with the reason below it. The person's own screen comes back as it was.
 */
export async function watchRows<Row>(context: Context, watch: Watch<Row>): Promise<void> {
  const printer = await createPrinter(context);
  const screen = new WatchScreen(context.io);
  const marks = new ChangeMarks<Row>(watch.columns(context.serverNow()), watch.idOf);
  const problemLine = (error: unknown) =>
    `\n${printer.style.red(safe(judgeItem(error, context.settings).message, "cell"))}`;
  let shown: string | undefined;
  try {
    while (true) {
      try {
        const { rowPages, problem } = await watch.read({ isFirst: shown === undefined });
        const rows: Row[] = [];
        for await (const page of rowPages) rows.push(...page);
        const { columns: marked, gone } = marks.next(rows);
        const fresh = [
          ...marked.slice(0, 1),
          ...withNow(marked.slice(1), watch.columns(context.serverNow())),
        ];
        const table = await renderTable(rows, fresh, { width: columnsNow(context.io), style: printer.style });
        const removed = gone === 0 ? "" : ` · ${gone} gone since the last look`;
        shown = `${table}${printer.style.dim(`${watch.total(rows.length)}${removed} · Ctrl-C ends`)}`;
        await screen.show(problem === undefined ? shown : shown + problemLine(problem));
      } catch (error) {
        context.signal.throwIfAborted();
        if (shown === undefined) throw error;
        await screen.show(shown + problemLine(error));
      }
      await context.sleep(betweenReadsMs);
    }
  } catch (error) {
    throw watchEnd(error, printer);
  } finally {
    await screen.close();
  }
}

/** The columns of now, marked: how long ago changes at every look. */
function withNow<Row>(marked: readonly Column<Row>[], now: readonly Column<Row>[]): Column<Row>[] {
  return marked.map((column, at) => ({ ...column, ...now[at], style: column.style }));
}
