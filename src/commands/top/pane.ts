import type { AutomationDetail, Run } from "../../api/types.js";
import { formatDuration } from "../../output/duration.js";
import { safe } from "../../output/safe.js";
import { enabledStatus, paintStatus, statusMark, statusText } from "../../output/status.js";
import type { Style } from "../../output/style.js";
import { ago, formatLocalDay, formatLocalTime } from "../../output/time.js";
import { dash, textOrDash } from "../../output/value-text.js";
import { displayWidth, wrap } from "../../output/width.js";
import { textLines } from "../../run-view/line-text.js";
import { questionLines } from "../../run-view/plain-lines.js";
import { lastRunBadges } from "../automations/shared/status-column.js";
import { joinParts, type LinePart } from "./line-parts.js";
import type { TopRow } from "./top-row.js";

export interface PaneDetail {
  key: string;
  automation: AutomationDetail | undefined;
  /** The question of a run; empty where it can't be read, undefined where no run waits. */
  question: string | undefined;
  laterTimes: readonly Date[];
  problem: string | undefined;
}

/** Rows of a terminal from which the pane has more lines. */
const tallFromRows = 36;
const fixedLines = 4;
const labelWidth = 10;
/** UTF-16 units of a text beyond which there is never room. */
const mostOfText = 4_000;

/** Lines of the pane with its ruler; in a low terminal it loses its last ones. */
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

/** Draws `height` lines of at most `width` columns, what matters most first. */
export function paneLines(row: TopRow | undefined, options: PaneOptions): string[] {
  const { width, height, style } = options;
  const lines = row === undefined ? [ruler("", { style, width })] : linesOf(row, options);
  return [...lines, ...Array<string>(height).fill("")].slice(0, height);
}

function linesOf(row: TopRow, { detail, now, style, width, height, isFleet }: PaneOptions): string[] {
  const known = detail?.key === row.key ? detail : undefined;
  const { automation } = row;
  const status = enabledStatus(automation);
  const states: LinePart[] = [...lastRunBadges(automation), ...(row.badges ?? [])].flatMap(
    ({ word, tone }) => [[" · "], [safe(word, "cell"), style[tone]]],
  );
  const labelled = (label: string, parts: readonly LinePart[]) =>
    joinParts([[label.padEnd(labelWidth)], ...parts], width);
  const { label, words } = wordsOf(known, style);
  const most = Math.max(1, height - fixedLines);
  return [
    ruler(safe(isFleet ? `${row.deployment}/${row.name}` : row.name, "cell"), {
      style,
      width,
      right: safe(row.key, "cell"),
    }),
    labelled("last run", lastRunParts(known, { row, now, style })),
    ...wrapped(words, { width: width - labelWidth, most }).map((line, at) =>
      labelled(at === 0 ? label : "", line),
    ),
    labelled("runs", runsParts(known, style)),
    labelled("schedule", scheduleParts(row)),
    labelled("next", nextParts(row, { known, now, width: width - labelWidth })),
    labelled("status", [[statusText(status), (text) => paintStatus(text, status, style)], ...states]),
  ];
}

function wordsOf(known: PaneDetail | undefined, style: Style): { label: string; words: readonly LinePart[] } {
  const { question, automation } = known ?? {};
  if (question !== undefined) {
    const lines = questionLines(question.slice(0, mostOfText));
    return { label: "asks", words: lines.map((line) => [line, style.bold]) };
  }
  const [run] = automation?.recent_runs ?? [];
  const error = run?.status === "error" ? (run.error ?? "") : "";
  return {
    label: "error",
    words: textLines(error.slice(0, mostOfText)).map((line) => [line, style.failing]),
  };
}

function wrapped(words: readonly LinePart[], { width, most }: { width: number; most: number }): LinePart[][] {
  const lines = words.flatMap(([text, paint]) =>
    wrap(text, width)
      .filter((line) => line.trim() !== "")
      .map((line): LinePart => [line, paint]),
  );
  return lines
    .slice(0, most)
    .map((line, at) => (at === most - 1 && lines.length > most ? [line, [" …", line[1]]] : [line]));
}

/** `── name ──────── id ──`; the id where there is room for it whole. */
function ruler(
  title: string,
  { style, width, right = "" }: { style: Style; width: number; right?: string },
): string {
  const begin: LinePart[] = title === "" ? [] : [["── "], [title, style.bold], [" "]];
  const used = begin.reduce((sum, [text]) => sum + displayWidth(text), 0);
  const end = right === "" || used + displayWidth(right) + 6 > width ? "" : ` ${right} ──`;
  const line = "─".repeat(Math.max(0, width - used - displayWidth(end)));
  return joinParts([...begin, [line], [end]], width);
}

function scheduleParts({ scheduleWords, automation }: TopRow): LinePart[] {
  const stored = textOrDash(automation.schedule);
  const words = scheduleWords ?? stored;
  // A schedule that can't be read is described by itself.
  return words === stored ? [[safe(stored, "cell")]] : [[safe(words, "cell")], [`  ${safe(stored, "cell")}`]];
}

function nextParts(
  { automation }: TopRow,
  { known, now, width }: { known: PaneDetail | undefined; now: Date; width: number },
): LinePart[] {
  if (automation.enabled === false) return [["none: it is paused"]];
  const first = formatLocalTime(automation.next_run_at, now);
  const parts: LinePart[] = [[first]];
  let room = width - displayWidth(first);
  for (const at of known?.laterTimes ?? []) {
    const text = `${parts.length === 1 ? "  then (estimate) " : ", "}${formatLocalDay(at, now)}`;
    room -= displayWidth(text);
    if (room < 0) break;
    parts.push([text]);
  }
  return parts;
}

/** `✗✓✓✓✓  newest first`, and behind it why nothing newer could be read. */
function runsParts(known: PaneDetail | undefined, style: Style): LinePart[] {
  const { automation, problem } = known ?? {};
  const problems: LinePart[] = problem === undefined ? [] : [[safe(problem, "cell"), style.failing]];
  if (automation === undefined) return problems.length > 0 ? problems : [["reading …"]];
  const marks = automation.recent_runs.map(
    ({ status }): LinePart => [statusMark(status), (text) => paintStatus(text, status, style)],
  );
  const behind: LinePart[] = problems.length > 0 ? [["  "], ...problems] : [];
  if (marks.length === 0) return [["none yet"], ...behind];
  return [...marks, ...(problems.length > 0 ? behind : [["  newest first"] as const])];
}

function lastRunParts(
  known: PaneDetail | undefined,
  { row, now, style }: { row: TopRow; now: Date; style: Style },
): LinePart[] {
  const [run] = known?.automation?.recent_runs ?? [];
  if (run === undefined) return [[row.automation.last_run_at ? ago(row.automation.last_run_at, now) : dash]];
  const { status } = run;
  const another = status === "waiting_on_human" ? "" : "an older one waits: ";
  return [
    [statusText(status), (text) => paintStatus(text, status, style)],
    ...(known?.question === undefined ? [] : [[` · ${another}a answers`, style.bold] as const]),
    [` · ${ago(run.started_at, now)}${tookText(run)}`],
  ];
}

function tookText({ started_at, completed_at }: Run): string {
  if (!started_at || !completed_at) return "";
  const tookMs = Date.parse(completed_at) - Date.parse(started_at);
  return Number.isNaN(tookMs) || tookMs < 0 ? "" : `, took ${formatDuration(tookMs)}`;
}
