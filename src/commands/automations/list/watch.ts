import type { Context } from "../../../context.js";
import { createPrinter } from "../../../output/printer.js";
import { safe } from "../../../output/safe.js";
import { type Column, renderTable } from "../../../output/table.js";
import { ChangeMarks, columnsNow, WatchScreen } from "../../../output/watch.js";
import { watchEnd } from "../../../output/watch-end.js";
import { judgeItem } from "../../../report.js";
import type { AutomationRow } from "../shared/columns.js";

export interface Watch {
  read(): Promise<AsyncIterable<AutomationRow[]>>;
  /** The columns as they are at a moment: times are told from it. */
  columns(now: Date): Column<AutomationRow>[];
  total(count: number): string;
}

const betweenReadsMs = 2000;

/**
 * Redraws the list in place until Ctrl-C, what changed since the last look marked. What can't be read at the first look
 * ends it; later the last list stays, with the reason below it. The person's own screen comes back as it was.
 */
export async function watchRows(context: Context, watch: Watch): Promise<void> {
  const printer = await createPrinter(context);
  const screen = new WatchScreen(context.io);
  const marks = new ChangeMarks<AutomationRow>(
    watch.columns(context.now()),
    ({ deploymentId, automation }) => `${deploymentId}/${automation.automation_id}`,
  );
  let shown: string | undefined;
  try {
    while (true) {
      try {
        const rows: AutomationRow[] = [];
        for await (const page of await watch.read()) rows.push(...page);
        const { columns: marked, gone } = marks.next(rows);
        const fresh = [...marked.slice(0, 1), ...withNow(marked.slice(1), watch.columns(context.now()))];
        const table = await renderTable(rows, fresh, { width: columnsNow(context.io), style: printer.style });
        const removed = gone === 0 ? "" : ` · ${gone} gone since the last look`;
        shown = `${table}${printer.style.dim(`${watch.total(rows.length)}${removed} · Ctrl-C ends`)}`;
        await screen.show(shown);
      } catch (error) {
        context.signal.throwIfAborted();
        if (shown === undefined) throw error;
        await screen.show(
          `${shown}\n${printer.style.red(safe(judgeItem(error, context.settings).message, "cell"))}`,
        );
      }
      await context.sleep(betweenReadsMs);
    }
  } catch (error) {
    throw watchEnd(error, printer);
  } finally {
    await screen.close();
  }
}

/** Marked columns, with the cells of now: how long ago changes at every look. */
function withNow(
  marked: readonly Column<AutomationRow>[],
  now: readonly Column<AutomationRow>[],
): Column<AutomationRow>[] {
  return marked.map((column, at) => ({ ...column, cell: now[at]?.cell ?? column.cell }));
}
