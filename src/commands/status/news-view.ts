import type { Context } from "../../context.js";
import { nothingOf } from "../../operations/rows/reach.js";
import { column } from "../../output/columns.js";
import type { Printer } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import { factSeparator } from "../../output/style.js";
import { renderTable } from "../../output/table.js";
import { foldParts } from "../../output/text/fold.js";
import { messageOf } from "../../report.js";
import type { News } from "./compare.js";
import type { FleetStatus, StatusRow } from "./facts.js";
import { printLook, printRows, rowJson } from "./print.js";
import { namedRows } from "./read-status.js";
import { mayHaveRunLines, nothingNeedsText, rowColumns } from "./view.js";

interface NewsView {
  status: FleetStatus;
  news: News;
  isFirst: boolean;
}

/** Prints what is new, then what is over; a line where neither is. */
export async function printNews(context: Context, printer: Printer, view: NewsView): Promise<void> {
  const { status, isFirst } = view;
  const over = namedRows(view.news.over, status, printer.isForPerson);
  const rows = [...status.rows, ...over];
  await printLook(context, printer, status, {
    json: newsJson(view, over),
    table: () => printTable(printer, view, rows),
    notes: [
      ...(isFirst && rows.length > 0 ? ["first look at this selection: everything is new"] : []),
      ...mayHaveRunLines(status),
      ...status.notReady.map(
        ({ deployment_id: id }) => `${status.names.deployment(id)} isn't ready: skipped`,
      ),
    ],
  });
}

async function printTable(printer: Printer, view: NewsView, rows: readonly StatusRow[]): Promise<void> {
  const { title, at, rows: fresh } = view.status;
  const columns = [
    column<StatusRow>("news", ({ over }) => (over === undefined ? "new" : "over")),
    ...rowColumns(at),
  ];
  const empty = nothingText(view, printer);
  if (!printer.isForPerson) {
    if (title !== undefined && rows.length > 0) printer.note(title);
    return printRows(printer, rows, { columns, empty });
  }
  if (rows.length === 0) return printer.line(safe(empty, "cell"));
  const { style, columns: width } = printer;
  const head = title === undefined ? "" : `${style.bold(safe(title, "cell"))}\n`;
  const parts = foldParts(countParts(view), { width, separator: factSeparator(style) });
  const table = await renderTable(rows, columns, { width, style });
  await printer.out(`${head}${fresh.length > 0 ? style.failing(parts) : parts}\n\n${table}`);
}

/** `2 new`, `1 over`, `7 still need attention`, `1 running again`, `2 unknown`: only what there is. */
function countParts({ status, news }: NewsView): string[] {
  const fresh = status.rows.reduce((sum, { items }) => sum + items.length, 0);
  const still = status.facts.findings.length - fresh;
  return [
    ...(fresh > 0 ? [`${fresh} new`] : []),
    ...(news.over.length > 0 ? [`${news.over.length} over`] : []),
    ...(still > 0 ? [`${still} still ${still === 1 ? "needs" : "need"} attention`] : []),
    ...(news.running > 0 ? [`${news.running} running again`] : []),
    ...(news.unknown > 0 ? [`${news.unknown} unknown`] : []),
  ];
}

function nothingText(view: NewsView, { style }: Pick<Printer, "style">): string {
  const { unreadable, notReady, unproven } = view.status;
  const isPart = unreadable.length + notReady.length + unproven.length > 0;
  const part = isPart ? " among those read" : "";
  const parts = countParts(view);
  if (parts.length > 0) return `${nothingOf(view.status.reach)} is new${part}: ${parts.join(", ")}`;
  return nothingNeedsText(view.status, { style, part });
}

function newsJson({ status, news }: NewsView, over: readonly StatusRow[]): Record<string, unknown> {
  const { at, rows, unreadable } = status;
  const unlisted = unreadable.map(({ deployment: { deployment_id, name }, error }) => {
    return { item: { deployment_id, deployment_name: name, automation_id: null, name: null }, error };
  });
  return {
    new: rows.map((row) => rowJson(row, at)),
    over: over.map((row) => rowJson(row, at)),
    unreadable: [...unlisted, ...news.errors].map(({ item, error }) => {
      const { deployment_id, deployment_name = null, automation_id, name = null } = item;
      return { deployment_id, deployment_name, automation_id, name, error: messageOf(error) };
    }),
  };
}
