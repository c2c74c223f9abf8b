import type { Context } from "../../context.js";
import { itemKey } from "../../fleet/refs.js";
import type { Selection } from "../../fleet/selection.js";
import { nothingOf } from "../../operations/rows/reach.js";
import { column } from "../../output/columns.js";
import { printList } from "../../output/list.js";
import type { Printer } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import { printOne } from "../../output/single-result.js";
import { factSeparator } from "../../output/style.js";
import { type Column, renderTable } from "../../output/table.js";
import { foldParts } from "../../output/text/fold.js";
import { messageOf } from "../../report.js";
import type { News } from "./compare.js";
import type { FleetStatus, StatusRow } from "./facts.js";
import { hintAt, rowJson } from "./print.js";
import { namedRows } from "./read-status.js";
import { mayHaveRunLines, rowColumns } from "./view.js";

interface NewsView {
  status: FleetStatus;
  news: News;
  selection: Selection;
  isFirst: boolean;
}

/** Prints what is new, then what is over; a line where neither is. */
export async function printNews(context: Context, printer: Printer, view: NewsView): Promise<void> {
  const { status, selection, isFirst } = view;
  const over = namedRows(view.news.over, status, printer.isForPerson);
  const rows = [...status.rows, ...over];
  const names = status.rows.map(({ first }) => itemKey(first));
  if (printer.format.isNamesOnly && names.length === 0) return;
  const columns = newsColumns(status.at);
  await printOne(printer, {
    json: newsJson(view, over),
    name: names,
    table: async () => {
      if (!printer.isForPerson) return printPiped(printer, view, rows);
      if (rows.length === 0) return printer.line(safe(nothingText(view, printer), "cell"));
      const { style, columns: width } = printer;
      const title = status.title === undefined ? "" : `${style.bold(safe(status.title, "cell"))}\n`;
      const parts = foldParts(countParts(view), {
        width,
        separator: factSeparator(style),
      });
      const table = await renderTable(rows, columns, { width, style });
      await printer.out(`${title}${names.length > 0 ? style.failing(parts) : parts}\n\n${table}`);
    },
  });
  if (!printer.format.isForReading) return;
  if (isFirst && rows.length > 0) printer.note("the first look at this selection: all of it is new");
  for (const line of mayHaveRunLines(status)) printer.note(line);
  for (const { deployment_id } of status.notReady)
    printer.note(`${status.names.deployment(deployment_id)} isn't ready: skipped`);
  const hint = printer.isForPerson ? hintAt(context, status, selection) : undefined;
  if (hint !== undefined) printer.hint(hint);
}

async function printPiped(printer: Printer, view: NewsView, rows: readonly StatusRow[]): Promise<void> {
  const { title, at } = view.status;
  if (title !== undefined && rows.length > 0) printer.note(title);
  await printList<StatusRow>(printer, {
    items: rows,
    columns: newsColumns(at).filter(({ key }) => key !== "count"),
    json: (row) => row,
    name: ({ first }) => itemKey(first),
    empty: nothingText(view, printer),
  });
}

function newsColumns(at: Date): Column<StatusRow>[] {
  return [column("news", ({ over }) => (over === undefined ? "new" : "over")), ...rowColumns(at)];
}

/** `2 new`, `1 over`, `7 still need attention`, `1 running again`, `2 unknown`: only what there is. */
function countParts({ status, news }: NewsView): string[] {
  const fresh = status.rows.reduce((sum, { items }) => sum + items.length, 0);
  return [
    ...(fresh > 0 ? [`${fresh} new`] : []),
    ...(news.over.length > 0 ? [`${news.over.length} over`] : []),
    ...(news.still > 0 ? [`${news.still} still ${news.still === 1 ? "needs" : "need"} attention`] : []),
    ...(news.running > 0 ? [`${news.running} running again`] : []),
    ...(news.unknown > 0 ? [`${news.unknown} unknown`] : []),
  ];
}

function nothingText(view: NewsView, { style }: Pick<Printer, "style">): string {
  const { reach, unreadable, notReady, unproven } = view.status;
  const isPart = unreadable.length + notReady.length + unproven.length > 0;
  const part = isPart ? " among those read" : "";
  const parts = countParts(view);
  if (parts.length > 0) return `${nothingOf(reach)} is new${part}: ${parts.join(", ")}`;
  return `${style.isInWords || isPart || reach !== undefined ? "" : "✓ "}${nothingOf(reach)} needs attention${part}`;
}

function newsJson({ status, news }: NewsView, over: readonly StatusRow[]): Record<string, unknown> {
  const { rows, unreadable } = status;
  return {
    new: rows.map(rowJson),
    over: over.map(rowJson),
    unreadable: [
      ...unreadable.map(({ deployment: { deployment_id, name = null }, error }) => ({
        deployment_id,
        deployment_name: name,
        automation_id: null,
        name: null,
        error: messageOf(error),
      })),
      ...news.errors.map(({ item, error }) => ({
        deployment_id: item.deployment_id,
        deployment_name: item.deployment_name ?? null,
        automation_id: item.automation_id,
        name: item.name ?? null,
        error: messageOf(error),
      })),
    ],
  };
}
