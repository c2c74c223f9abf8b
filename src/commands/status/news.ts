/** Changes since the last report for a selection, and the problems saved for the next one. */

import { rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { isObject } from "../../api/json.js";
import { isFinal, msOf } from "../../api/schema.js";
import type { Context } from "../../context/context.js";
import { exitCodes, QuietExit } from "../../errors/cli-errors.js";
import { ignoreErrors } from "../../files/file-error.js";
import { readLines } from "../../files/json-text.js";
import { sha256 } from "../../files/sha256.js";
import { type Presence, presenceIn } from "../../fleet/presence.js";
import { itemKey } from "../../fleet/refs.js";
import type { Selection } from "../../fleet/selection.js";
import type { ApiIdentity } from "../../history/incident-lines.js";
import { type FleetItem, fleetItems } from "../../incident/pause-plan.js";
import { type Candidate, describeApi, isSameApi } from "../../incident/scope.js";
import { messageOf } from "../../invocation/report-error.js";
import { unreadableError, warnOfUnreadable } from "../../operations/rows/progress.js";
import { nothingOf } from "../../operations/rows/reach.js";
import { RunsReader, type Unread } from "../../operations/rows/runs-reader.js";
import type { FleetSession } from "../../operations/rows/session.js";
import { warnOfUnmatched } from "../../operations/selection/selection-flags.js";
import { lockWait } from "../../operations/sending/locks.js";
import { column } from "../../output/columns.js";
import { counted } from "../../output/count.js";
import type { Printer } from "../../output/printer.js";
import { renderTable } from "../../output/render-table.js";
import { safe } from "../../output/safe.js";
import { finishOutput } from "../../output/sink.js";
import { factSeparator } from "../../output/style.js";
import { foldParts } from "../../output/text/fold.js";
import { formatRfc3339 } from "../../output/time.js";
import type { Settings } from "../../settings/settings.js";
import { type Finding, type FleetStatus, isProblem, type Problem, type StatusRow } from "./facts.js";
import { printLook, printRows, rowJson, unreadIn } from "./print.js";
import { namedRows, readFleetStatus } from "./read-status.js";
import { mayHaveRunLines, nothingNeedsText, rowColumns, sinceMsOf } from "./status-view.js";

/**
 * Prints the changes since the last report for this selection, and saves the new report once it is delivered. Throws
 * PartialFailureError if something couldn't be read, otherwise QuietExit (9) if there are new problems.
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
    // If the reader closed the pipe, it hasn't seen the report.
    if (!printer.closed) writeSeen(settings, look, news.seen);
    if (news.seen.length > mostSeen)
      printer.warn(`only ${mostSeen} are remembered; the others will be reported as new again`);
    const failure = unreadableError(unreadable, "status");
    if (failure !== undefined) throw failure;
    if (status.rows.length > 0) throw new QuietExit(exitCodes.found);
  };
  const wait = lockWait(context, { printer, what: "the last report for this selection" });
  await settings.files.withLock(pathOfLook(settings, look), report, wait);
}

/** A selection in one form, however it was typed; for all deployments, without deployments and customer. */
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

/** Prints problems that are new or over, or a single line if there are none. */
async function printNews(context: Context, printer: Printer, view: NewsView): Promise<void> {
  const { status, isFirst } = view;
  const over = namedRows(view.news.over, status, printer.isForPerson);
  const rows = [...status.rows, ...over];
  await printLook(context, printer, status, {
    json: newsJson(view, over),
    table: () => printTable(printer, view, rows),
    notes: [
      ...(isFirst && rows.length > 0 ? ["first report for this selection: everything is new"] : []),
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

/** `2 new`, `1 over`, `7 still need attention`, `1 running again`, `2 unknown`; counts of zero are left out. */
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

interface News {
  over: readonly Finding[];
  seen: readonly SeenProblem[];
  /** The number of earlier problems whose next run is still going, and will show if they are over. */
  running: number;
  /** The number of earlier problems with an unknown state. */
  unknown: number;
  /** Automations that couldn't be read although their deployment could. */
  errors: readonly Unread<Candidate>[];
}

/** Returns a test for findings that are new: in an automation not seen before, or a different problem. */
function newsFilter(seen: readonly SeenProblem[]): (finding: Finding) => boolean {
  const before = new Map(seen.map((each) => [itemKey(each), each.state]));
  return ({ problem, item }) => before.get(itemKey(item)) !== problem;
}

/** Compares the status with the last report; automations that weren't read are neither new nor over. Pure. */
function compareNews(status: FleetStatus, seen: readonly SeenProblem[]): News {
  const { at, facts, rows, readings, unproven, errors, runsSincePause } = status;
  const needing = new Set(facts.findings.map(({ item }) => itemKey(item)));
  const open = new Set([...unproven, ...errors.map(({ item }) => item)].map(itemKey));
  const items = new Map(fleetItems(readings).map((item) => [itemKey(item), item]));
  const before = new Map(seen.map((each) => [itemKey(each), each]));
  const shown = new Map(rows.map((row) => [itemKey(row.first), sinceMsOf(row, at)]));
  const seenNow = (finding: Finding) => {
    const key = itemKey(finding.item);
    return seenOf({ ...finding, sinceMs: shown.get(key) ?? finding.sinceMs }, before.get(key));
  };
  const presenceOf = presenceIn(readings);
  const isWhole = [status.unreadable, status.notReady, status.broken].every(({ length }) => length === 0);
  const others = seen
    .filter((each) => !needing.has(itemKey(each)))
    .map((each) => {
      const isInDoubt =
        open.has(itemKey(each)) ||
        (each.state === "unexpected" && runsSincePause.since.get(itemKey(each))?.doubt !== undefined);
      if (each.state !== "stopped") return { seen: each, ...fateOf(presenceOf(each), isInDoubt) };
      return { seen: each, over: isWhole ? "no longer true" : undefined, error: undefined, isRunning: false };
    });
  const kept = others.filter(({ over }) => over === undefined);
  const unknown = kept.filter(({ isRunning }) => !isRunning);
  const listErrors = new Set([undefined, ...readings.map(({ error }) => error)]);
  return {
    over: others.flatMap(({ seen: each, over }) =>
      over === undefined ? [] : [overFinding(each, items.get(itemKey(each)), over)],
    ),
    seen: [...facts.findings.map(seenNow), ...kept.map((each) => each.seen)],
    running: kept.filter(({ isRunning }) => isRunning).length,
    unknown: unknown.length,
    errors: [
      ...errors,
      ...unknown
        .filter(({ error }) => !listErrors.has(error))
        .map(({ seen: item, error }) => ({ item, error })),
    ],
  };
}

/** `over` is the reason, if the problem is over. */
function fateOf(presence: Presence, isInDoubt: boolean) {
  if (presence.is === "not there") return { over: "deleted" };
  if (presence.is === "unknown") return { error: presence.error };
  const { enabled, last_run_status: last } = presence.automation;
  if (isInDoubt || last === undefined) return {};
  if (enabled === false) return { over: "paused" };
  if (last !== null && !isFinal(last) && last !== "waiting_on_human") return { isRunning: true };
  return { over: last === "completed" ? "its last run completed" : "no longer true" };
}

function seenOf({ problem, item, sinceMs }: Finding, before: SeenProblem | undefined): SeenProblem {
  const { deployment_id, automation_id, name, deployment_name } = item;
  const sinceNow = sinceMs === undefined ? undefined : formatRfc3339(sinceMs);
  const since = (before?.state === problem ? before.since : undefined) ?? sinceNow;
  return { state: problem, since, deployment_id, automation_id, name, deployment_name };
}

function overFinding(seen: SeenProblem, item: FleetItem | undefined, over: string): Finding {
  const { state, since, deployment_id, automation_id, name, deployment_name } = seen;
  const deployment = { deployment_id, name: deployment_name ?? undefined };
  const gone = { ...seen, deployment, automation: { automation_id, name } };
  return { problem: state, item: item ?? gone, sinceMs: msOf(since), over };
}

/** A problem in a selection's last report, with the name in case the automation is deleted. */
interface SeenProblem extends Candidate {
  state: Problem;
  /** RFC 3339, as first shown; absent if unknown. */
  since?: string | undefined;
}

/** A selection on one API. */
interface Look {
  api: ApiIdentity;
  selection: object;
}

type SeenStorage = Pick<Settings, "dataDir" | "files">;

const mostSelections = 50;
const mostSeen = 10_000;

function pathOfLook({ dataDir }: Pick<SeenStorage, "dataDir">, { api, selection }: Look): string {
  const name = sha256(JSON.stringify([api.origin, selection])).slice(0, 32);
  return join(dataDir, "news", `${name}.jsonl`);
}

/**
 * Reads as much of the last report as possible; `loss`, plain text, says why some of it is missing. Throws FileError if
 * the file isn't ours or can't be read.
 */
function readSeen(storage: SeenStorage, look: Look) {
  const path = pathOfLook(storage, look);
  const text = storage.files.read(path);
  if (text === undefined) return { seen: [], isFirst: true };
  const [head, ...lines] = readLines(text, isObject);
  const anew = (why: string) => ({ seen: [], isFirst: true, loss: `${why}: starting over` });
  if (!isIdentity(head)) return anew(`${path} is damaged`);
  if (!isSameApi(head, look.api)) return anew(`the last report was for ${describeApi(head)}`);
  const seen = lines.flatMap((line) => (isSeen(line) ? [line] : []));
  if (seen.length === lines.length) return { seen, isFirst: false };
  const lost = counted(lines.length - seen.length, "line");
  return { seen, isFirst: false, loss: `${path} is damaged: ${lost} can't be read` };
}

/** Replaces a report; drops the selections with the oldest reports. */
function writeSeen(storage: SeenStorage, look: Look, seen: readonly SeenProblem[]): void {
  const path = pathOfLook(storage, look);
  const lines = [{ ...look.api, selection: look.selection }, ...seen.slice(0, mostSeen)];
  storage.files.write(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  ignoreErrors(() => {
    const folder = dirname(path);
    const names = storage.files.names(folder).filter((name) => name.endsWith(".jsonl"));
    const newestFirst = names
      .map((name) => ({ file: join(folder, name), at: statSync(join(folder, name)).mtimeMs }))
      .sort((one, other) => other.at - one.at);
    for (const { file } of newestFirst.slice(mostSelections)) rmSync(file, { force: true });
  });
}

function isIdentity(value: unknown): value is ApiIdentity {
  if (!isObject(value)) return false;
  const { origin, store_id: store } = value;
  return typeof origin === "string" && (store === undefined || typeof store === "string");
}

function isSeen(value: unknown): value is SeenProblem {
  if (!isObject(value) || !isProblem(value.state)) return false;
  const areTexts = [value.name, value.deployment_name, value.since].every(
    (text) => text == null || typeof text === "string",
  );
  return areTexts && typeof value.deployment_id === "string" && typeof value.automation_id === "string";
}
