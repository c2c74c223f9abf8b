import type { Context } from "../../context.js";
import { exitCodes, QuietExit } from "../../errors.js";
import type { Selection } from "../../fleet/selection.js";
import { nothingOf } from "../../operations/rows/reach.js";
import { unreadableError, warnOfUnreadable } from "../../operations/rows/read-with-progress.js";
import { RunsReader } from "../../operations/rows/runs-reader.js";
import type { FleetSession } from "../../operations/rows/session.js";
import { warnOfUnmatched } from "../../operations/selection/selection.js";
import { lockWait } from "../../operations/sending/wait-for-lock.js";
import { column } from "../../output/columns.js";
import type { Printer } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import { finishOutput } from "../../output/sink.js";
import { factSeparator } from "../../output/style.js";
import { renderTable } from "../../output/table.js";
import { foldParts } from "../../output/text/fold.js";
import { messageOf } from "../../report.js";
import { compareNews, type News, newsFilter } from "./compare.js";
import type { FleetStatus, StatusRow } from "./facts.js";
import { printLook, printRows, rowJson, unreadIn } from "./print.js";
import { namedRows, readFleetStatus } from "./read-status.js";
import { type Look, mostSeen, pathOfLook, readSeen, writeSeen } from "./seen.js";
import { mayHaveRunLines, nothingNeedsText, rowColumns } from "./view.js";

/**
 * Prints what is new or over since the last look at this selection, which is remembered once that was delivered. Throws
 * PartialFailureError where something couldn't be read, else QuietExit (9) where anything is new.
 */
export async function reportNews(
  context: Context,
  session: FleetSession,
  { selection, printer, graceMs }: { selection: Selection; printer: Printer; graceMs: number },
): Promise<void> {
  const { settings } = context;
  const look: Look = { api: session.api, selection: normalised(selection, graceMs) };
  const report = async () => {
    const { seen, isFirst, loss } = readSeen(settings, look);
    const status = await readFleetStatus(context, session, {
      ...{ selection, graceMs, known: seen, isShown: newsFilter(seen) },
      reader: new RunsReader(session.client),
      room: () => Number.POSITIVE_INFINITY,
    });
    const news = compareNews(status, seen);
    const unreadable = unreadIn(status, news.errors);
    if (loss !== undefined) printer.warn(loss);
    await printNews(context, printer, { status, news, isFirst });
    await warnOfUnreadable(unreadable, { printer, settings });
    warnOfUnmatched(printer, selection);
    await finishOutput(context.io);
    // Whoever closed the pipe hasn't read it.
    if (!printer.closed) writeSeen(settings, look, news.seen);
    if (news.seen.length > mostSeen)
      printer.warn(`only ${mostSeen} are remembered: the others will be new again`);
    const failure = unreadableError(unreadable, "status");
    if (failure !== undefined) throw failure;
    if (status.rows.length > 0) throw new QuietExit(exitCodes.found);
  };
  const wait = lockWait(context, { printer, what: "what this selection has shown" });
  await settings.files.withLock(pathOfLook(settings, look), report, wait);
}

/** The same of a selection however it was typed; all deployments are what neither of the first two narrows. */
function normalised(
  { deployments, customer, match, except, failures }: Selection,
  graceMs: number,
): Look["selection"] {
  const sorted = (values: readonly string[]) => [...new Set(values)].toSorted();
  const names = { deployments: sorted(deployments), customer, match, except: sorted(except.values) };
  return { ...names, failures, graceMs };
}

interface NewsView {
  status: FleetStatus;
  news: News;
  isFirst: boolean;
}

/** Prints what is new, then what is over; a line where neither is. */
async function printNews(context: Context, printer: Printer, view: NewsView): Promise<void> {
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
