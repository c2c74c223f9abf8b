/** The pane below the list, which shows the selected automation and reads its details. */

import { innerController } from "../../api/abort.js";
import { isUnderWay } from "../../api/schema.js";
import type { AutomationDetail, Run } from "../../api/types.js";
import type { Context } from "../../context/context.js";
import { messageOf } from "../../invocation/report-error.js";
import { formatDuration } from "../../output/duration.js";
import { safe } from "../../output/safe.js";
import { paintStatus, statusMark, statusText } from "../../output/status-words.js";
import type { Style } from "../../output/style.js";
import { ago, formatLocalDay, formatLocalTime } from "../../output/time.js";
import { dash, textOrDash } from "../../output/value-text.js";
import { cutStyled, displayWidth, styledWidth, wrap } from "../../output/width.js";
import { failuresInARow } from "../../runs/failures.js";
import { type FoundRun, waitingRun } from "../../runs/find.js";
import { questionLines, textLines } from "../../runs/render.js";
import { questionIn } from "../../runs/thread-text.js";
import { nextTimes } from "../../schedule/cron-times.js";
import { readSchedule } from "../../schedule/read.js";
import { stateLine } from "../automations/shared/automation-columns.js";
import { readMessages } from "../runs/shared/messages.js";
import type { TopRow } from "./top-row.js";

export interface PaneDetail {
  key: string;
  automation: AutomationDetail | undefined;
  /** The question from a run; empty if unreadable, undefined if no run is waiting. */
  question: string | undefined;
  laterTimes: readonly Date[];
  problem: string | undefined;
}

/** The number of terminal rows from which the pane gets more lines. */
const tallFromRows = 36;
const fixedLines = 4;
const labelWidth = 10;
/** The number of UTF-16 units that is more than ever fits. */
const mostOfText = 4_000;

/** The number of lines in the pane, including its ruler; on a low terminal, the last lines are cut off. */
export function paneHeight(rows: number): number {
  return rows < tallFromRows ? 6 : 10;
}

interface PaneOptions {
  detail: PaneDetail | undefined;
  now: Date;
  style: Style;
  width: number;
  height: number;
  isFleet: boolean;
}

/** Draws `height` lines of at most `width` columns, the most important first. */
export function paneLines(row: TopRow | undefined, options: PaneOptions): string[] {
  const { width, height, style } = options;
  const lines = row === undefined ? [ruler("", { style, width })] : linesOf(row, options);
  return [...lines, ...Array<string>(height).fill("")].slice(0, height);
}

function linesOf(row: TopRow, { detail, now, style, width, height, isFleet }: PaneOptions): string[] {
  const known = detail?.key === row.key ? detail : undefined;
  const labelled = (label: string, text: string) => cutStyled(label.padEnd(labelWidth) + text, width);
  const { label, lines } = wordsOf(known, {
    style,
    width: width - labelWidth,
    most: Math.max(1, height - fixedLines),
  });
  return [
    ruler(safe(isFleet ? `${row.deployment}/${row.name}` : row.name, "cell"), {
      style,
      width,
      right: safe(row.key, "cell"),
    }),
    labelled("last run", lastRunText(known, { row, now, style })),
    ...lines.map((line, at) => labelled(at === 0 ? label : "", line)),
    labelled("runs", runsText(known, style)),
    labelled("schedule", scheduleText(row)),
    labelled("next", nextText(row, { known, now, width: width - labelWidth })),
    labelled("status", stateLine(withRuns(row, known?.automation, now), { now, style })),
  ];
}

function withRuns(row: TopRow, read: AutomationDetail | undefined, now: Date): TopRow {
  if (read === undefined) return row;
  const { recent_runs: runs } = read;
  return { ...row, runs, failures: failuresInARow(runs, { nowMs: now.getTime() }) };
}

/** The question from a waiting run, or the error from the newest run, with a label. */
function wordsOf(
  { question, automation }: Partial<PaneDetail> = {},
  { style, width, most }: { style: Style; width: number; most: number },
): { label: string; lines: string[] } {
  const [run] = automation?.recent_runs ?? [];
  const error = run?.status === "error" ? (run.error ?? "") : "";
  const asks = question !== undefined;
  const whole = asks ? questionLines(question.slice(0, mostOfText)) : textLines(error.slice(0, mostOfText));
  const lines = whole.flatMap((line) => wrap(line, width)).filter((line) => line.trim() !== "");
  const shown = lines.slice(0, most);
  if (lines.length > most) shown.push(`${shown.pop()} …`);
  return {
    label: asks ? "asks" : "error",
    lines: shown.map((line) => (asks ? style.bold : style.failing)(line)),
  };
}

/** `── name ──────── id ──`; the id is included only if all of it fits. */
function ruler(
  title: string,
  { style, width, right = "" }: { style: Style; width: number; right?: string },
): string {
  const begin = title === "" ? "" : `── ${style.bold(title)} `;
  const room = width - styledWidth(begin);
  const end = right === "" || displayWidth(right) + 6 > room ? "" : ` ${right} ──`;
  return cutStyled(begin + "─".repeat(Math.max(0, room - displayWidth(end))) + end, width);
}

function scheduleText({ scheduleWords, automation }: TopRow): string {
  const stored = textOrDash(automation.schedule);
  const words = scheduleWords ?? stored;
  // An unreadable schedule serves as its own description.
  return (words === stored ? [stored] : [words, stored]).map((text) => safe(text, "cell")).join("  ");
}

function nextText(
  { automation }: TopRow,
  { known, now, width }: { known: PaneDetail | undefined; now: Date; width: number },
): string {
  if (automation.enabled === false) return "none while paused";
  let text = formatLocalTime(automation.next_run_at, now);
  for (const [at, time] of (known?.laterTimes ?? []).entries()) {
    const longer = `${text}${at === 0 ? "  then (estimate) " : ", "}${formatLocalDay(time, now)}`;
    if (displayWidth(longer) > width) break;
    text = longer;
  }
  return text;
}

/** `✗✓✓✓✓ newest first`, and the reason if newer runs couldn't be read. */
function runsText({ automation, problem }: Partial<PaneDetail> = {}, style: Style): string {
  const why = problem === undefined ? [] : [style.failing(safe(problem, "cell"))];
  if (automation === undefined) return why[0] ?? "reading …";
  const marks = automation.recent_runs.map(({ status }) => paintStatus(statusMark(status), status, style));
  if (marks.length === 0) return ["none yet", ...why].join("  ");
  return `${marks.join("")}  ${why[0] ?? "newest first"}`;
}

function lastRunText(
  known: PaneDetail | undefined,
  { row, now, style }: { row: TopRow; now: Date; style: Style },
): string {
  const [run] = known?.automation?.recent_runs ?? [];
  if (run === undefined) return row.automation.last_run_at ? ago(row.automation.last_run_at, now) : dash;
  const { status } = run;
  const another = status === "waiting_on_human" ? "" : "an older run is waiting: ";
  return [
    paintStatus(statusText(status), status, style),
    ...(known?.question === undefined ? [] : [style.bold(`${another}a answers`)]),
    `${ago(run.started_at, now)}${tookText(run)}`,
  ].join(" · ");
}

function tookText({ started_at, completed_at }: Run): string {
  if (!started_at || !completed_at) return "";
  const tookMs = Date.parse(completed_at) - Date.parse(started_at);
  return Number.isNaN(tookMs) || tookMs < 0 ? "" : `, took ${formatDuration(tookMs)}`;
}

const mostLaterTimes = 5;
/** Milliseconds that a row must stay selected before its details are read. */
const restsMs = 150;

export class SelectedDetail {
  #next: { row: TopRow; ends: AbortController } | undefined;
  #started = 0;
  /** The number of the read that was last shown; an older read that ends later is ignored. */
  #shown = 0;
  #last: PaneDetail | undefined;

  constructor(
    private readonly context: Context,
    private readonly options: {
      over: AbortSignal;
      onRead(detail: PaneDetail): void;
      onError(error: unknown): void;
    },
  ) {}

  readSoon(row: TopRow | undefined): void {
    if (row !== undefined && this.#next?.row.key === row.key) {
      this.#next.row = row;
      return;
    }
    this.#next?.ends.abort();
    this.#next = undefined;
    if (row === undefined) return;
    const next = { row, ends: innerController(this.options.over) };
    this.#next = next;
    this.#read(next).catch(
      (error: unknown) => error === next.ends.signal.reason || this.options.onError(error),
    );
  }

  /** True if no older run is active, so that the detail can change only when its row does. */
  isSettled(row: TopRow | undefined): boolean {
    const { key, automation } = this.#last ?? {};
    return key === row?.key && automation?.recent_runs.slice(1).some(isUnderWay) === false;
  }

  async #read(next: { row: TopRow; ends: AbortController }): Promise<void> {
    await this.context.sleep(restsMs, next.ends.signal);
    next.ends.abort();
    this.#next = undefined;
    this.#started += 1;
    const order = this.#started;
    const detail = await readDetail(this.context, next.row, this.options.over);
    if (order < this.#shown) return;
    this.#shown = order;
    this.#last = withEarlier(detail, this.#last);
    this.options.onRead(this.#last);
  }
}

function withEarlier(detail: PaneDetail, before: PaneDetail | undefined): PaneDetail {
  if (detail.problem === undefined || before?.key !== detail.key) return detail;
  return { ...detail, automation: before.automation, question: before.question };
}

/** Throws only if the signal aborts. */
async function readDetail(context: Context, row: TopRow, signal: AbortSignal): Promise<PaneDetail> {
  const { key, deployment_id } = row;
  const laterTimes = await laterTimesOf(row);
  try {
    const client = await context.client();
    const automation = await client.automations.get(deployment_id, row.automation.automation_id, { signal });
    const reader = { client: () => context.client(), signal };
    const question = await readQuestion(reader, { automation, deployment_id });
    return { key, automation, question, laterTimes, problem: undefined };
  } catch (error) {
    signal.throwIfAborted();
    return { key, automation: undefined, question: undefined, laterTimes, problem: messageOf(error) };
  }
}

/** The question; empty if unreadable, undefined if no run is waiting. */
async function readQuestion(
  reader: Pick<Context, "client" | "signal">,
  { automation, deployment_id }: Omit<FoundRun, "run">,
): Promise<string | undefined> {
  const run = waitingRun(automation);
  if (run === undefined) return undefined;
  try {
    return questionIn((await readMessages(reader, { deployment_id, automation, run })) ?? []) ?? "";
  } catch {
    reader.signal.throwIfAborted();
    return "";
  }
}

async function laterTimesOf({ automation: { schedule, next_run_at } }: TopRow): Promise<Date[]> {
  const reading = readSchedule(schedule ?? "");
  const next = new Date(next_run_at ?? Number.NaN);
  if (!reading.ok || Number.isNaN(next.getTime())) return [];
  return nextTimes(reading.cron, next, mostLaterTimes);
}
