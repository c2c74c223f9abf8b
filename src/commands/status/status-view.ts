import { messageOf } from "../../invocation/report-error.js";
import { unreadableLines, upcomingLines } from "../../operations/rows/names.js";
import { nothingOf } from "../../operations/rows/reach.js";
import { whereText } from "../../operations/rows/result-rows.js";
import { doubtText, sinceText } from "../../operations/rows/runs-reader.js";
import { brokenLedgerText } from "../../operations/rows/session.js";
import { column, idColumn, nameColumn } from "../../output/columns.js";
import { counted, joinNames } from "../../output/count.js";
import type { Printer } from "../../output/printer.js";
import type { Column } from "../../output/render-table.js";
import { safe } from "../../output/safe.js";
import { factSeparator } from "../../output/style.js";
import { fold, foldParts } from "../../output/text/fold.js";
import { agoBriefly, formatLocalBriefly, formatRfc3339, relative } from "../../output/time.js";
import { failuresInARow } from "../../runs/failures.js";
import { waitingRuns } from "../../runs/state.js";
import { runsADayText } from "../../schedule/frequency.js";
import { stateLooks, stateText } from "../automations/shared/automation-columns.js";
import {
  countOf,
  type FleetFacts,
  type FleetStatus,
  isDue,
  type ListedStatus,
  type Problem,
  type StatusRow,
  stopLines,
  stopText,
} from "./facts.js";

const mostUnreadable = 4;

export type StatusRenderOptions = Pick<Printer, "style" | "columns">;

interface Head {
  fixed: string[];
  timed: string[];
}

export function headOf(
  status: ListedStatus & Partial<FleetStatus>,
  { style, columns: width }: StatusRenderOptions,
): Head {
  const { names, notReady, at, facts, unreadable, broken, title } = status;
  const separator = factSeparator(style);
  const parts = (texts: readonly string[]) => foldParts(texts.map(inCell), { width, separator });
  const line = (text: string) => fold(inCell(text), width);
  const needs = needParts(status);
  const [first, ...others] = needs;
  const isPart = unreadable.length + notReady.length > 0;
  const part = isPart ? " among those read" : "";
  const stops = stopLines(
    facts.findings.flatMap(({ stop }) => stop ?? []),
    { now: at, isInWords: style.isInWords },
  );
  const fixed = [
    ...(title === undefined ? [] : [style.bold(line(title))]),
    ...stops.map((text) => style.failing(line(text))),
    parts(countParts(facts)),
    ...(first !== undefined ? [style.failing(parts([`needs attention: ${first}`, ...others]))] : []),
    ...(facts.findings.length === 0 ? [line(nothingNeedsText(status, { style, part }))] : []),
    ...mayHaveRunLines(status, width),
    ...restLines(status, width),
    ...unreadableLines(unreadable, names, mostUnreadable).map((text) => style.failing(line(text))),
    ...broken.map((each) => line(brokenLedgerText(each))),
    ...unreadyLines(notReady.map(({ deployment_id }) => names.deployment(deployment_id))).map(line),
  ];
  const soon = upcomingLines(facts.dueNext, { now: at, names, verb: "run", isPart });
  return { fixed: inRows(fixed), timed: inRows(soon.map(line)) };
}

/** The text for no problems; has a tick only if everything was read and no paused automation failed. Plain text. */
export function nothingNeedsText(
  { facts, reach, broken }: Pick<ListedStatus, "facts" | "reach" | "broken">,
  { style, part }: Pick<StatusRenderOptions, "style"> & { part: string },
): string {
  const isWhole = reach === undefined && part === "" && broken.length === 0;
  const isGood = isWhole && facts.pausedFailing === 0 && !style.isInWords;
  return `${isGood ? "✓ " : ""}${nothingOf(reach)} needs attention${part}`;
}

function unreadyLines(names: readonly string[]): string[] {
  if (names.length === 0) return [];
  return [
    `${names.length === 1 ? "not ready yet" : `${names.length} not ready yet`}: ${joinNames(names, mostUnreadable)}`,
  ];
}

function inRows(texts: readonly string[]): string[] {
  return texts.flatMap((text) => text.split("\n"));
}

function inCell(text: string): string {
  return safe(text, "cell");
}

/** `300 automations`, `270 enabled`, `30 paused (12 by root)`, `at least 4 running`. */
function countParts(facts: FleetFacts): string[] {
  const { automations, enabled, paused, pausedBy, pausedFailing, running, runsADay } = facts;
  const unsaid = automations - enabled - paused;
  const held = pausedBy.map(
    ({ automations: count, user }) => `${count === paused ? "all" : count} by ${user}`,
  );
  return [
    counted(automations, "automation"),
    `${enabled} enabled`,
    held.length === 0 ? `${paused} paused` : `${paused} paused (${joinNames(held)})`,
    ...(pausedFailing > 0 ? [`${pausedFailing} of them failing`] : []),
    ...(unsaid > 0 ? [`${unsaid} unknown`] : []),
    ...(running > 0 ? [`at least ${running} running`] : []),
    ...(runsADay > 0 ? [runsADayText(runsADay)] : []),
  ];
}

/** The first row in a pipe, as wide as the others: `counts`, `300 automations`, `270 enabled`, `9 need attention`. */
export function pipedCounts({ facts, rows }: FleetStatus): string {
  const [automations, enabled, paused] = countParts(facts);
  const needs = `${rows.length} ${rows.length === 1 ? "needs" : "need"} attention`;
  const fields = ["counts", automations, enabled, paused, `${facts.running} running`, needs];
  return fields.map((field = "") => inCell(field)).join("\t");
}

/** `at least 3 waiting`, `2 unexpected`, … without zeros; before they are read, automations that may be overdue. */
function needParts({ facts, unproven = [] }: ListedStatus & Partial<FleetStatus>): string[] {
  const parts: [Problem, boolean][] = [
    ["waiting", true],
    ["unexpected", facts.mayHaveRun > 0],
    ["failing", false],
    ["overdue", unproven.length > 0],
  ];
  return parts.flatMap(([problem, isAtLeast]) => {
    const count = countOf(facts, problem);
    const estimate = isDue({ problem }) ? " (estimate)" : "";
    return count === 0 ? [] : [`${isAtLeast ? "at least " : ""}${count} ${problem}${estimate}`];
  });
}

export function mayHaveRunLines({ facts: { mayHaveRun: count } }: ListedStatus, width?: number): string[] {
  if (count === 0) return [];
  return [fold(inCell(doubtText(count)), width)];
}

/** The commands that list all waiting runs, and all automations that may be overdue. */
export function restLines(status: ListedStatus & Partial<FleetStatus>, width?: number): string[] {
  const { facts, failures, unproven = [], listCommand, waitingCommand, overdueFlags } = status;
  const mayWait = countOf(facts, "waiting") > 0 && failures === undefined;
  const mayBeOverdue = unproven.length > 0 && !facts.findings.some(isDue);
  const texts = [
    ...(mayWait ? [`to see all waiting runs: ${waitingCommand}`] : []),
    ...(mayBeOverdue ? [`${unproven.length} more may be overdue: ${listCommand} ${overdueFlags}`] : []),
  ];
  return texts.map((text) => fold(inCell(text), width));
}

function whyText(
  { problem, stop, items, detail, since: ran, sinceMs, over }: StatusRow,
  now: Date,
  timeOf = (at: Date) => formatLocalBriefly(at, now),
): string {
  if (stop !== undefined) return stopText(stop);
  if (over === undefined && isDue({ problem }))
    return sinceMs === undefined ? "" : `was due ${timeOf(new Date(sinceMs))}`;
  const why = over ?? (ran !== undefined ? sinceText(ran, timeOf) : detail && reasonOf(problem, detail));
  if (why === undefined) return "";
  return items.length > 1 ? `e.g. ${why}` : why;
}

function reasonOf(
  problem: Problem,
  { automation, run, question, error }: NonNullable<StatusRow["detail"]>,
): string {
  if (error !== undefined) return `can't be read: ${messageOf(error)}`;
  if (automation === undefined) return "deleted since";
  if (run === undefined) return problem === "waiting" ? "no longer waiting" : "running again";
  if (problem === "waiting") return question ?? "its question can't be read";
  return run.error ?? "the API doesn't say why";
}

/** How often a single automation failed, if its runs were read; automations in a group differ. */
export function failuresOf({ problem, items, detail }: StatusRow, now: Date) {
  const runs = problem === "failing" && items.length === 1 ? detail?.automation?.recent_runs : undefined;
  return runs && failuresInARow(runs, { nowMs: now.getTime() });
}

/** When a row's state began, in ms since 1970; for failures that were read, when the first in the series began. */
export function sinceMsOf(row: StatusRow, now: Date): number | undefined {
  return failuresOf(row, now)?.sinceMs ?? row.sinceMs;
}

const looks = { ...stateLooks, stopped: { sign: "!", tone: "failing" } } as const;

function signOf({ problem, over }: StatusRow): string {
  return over === undefined ? looks[problem].sign : " ";
}

function stateOf(row: StatusRow, now: Date, isInWords?: boolean): string {
  const { problem, items, detail } = row;
  const waiting = items.length === 1 && detail?.automation ? waitingRuns(detail.automation) : 0;
  return stateText(problem, { failures: failuresOf(row, now), waiting }, isInWords);
}

/** The columns used in a pipe, where each row is one automation. */
export function withoutCount<Shown extends { key: string }>(columns: readonly Shown[]): Shown[] {
  return columns.filter(({ key }) => key !== "count");
}

export function rowColumns(now: Date): Column<StatusRow>[] {
  const since = (row: StatusRow) => {
    const sinceMs = sinceMsOf(row, now);
    return sinceMs === undefined ? undefined : new Date(sinceMs);
  };
  const sinceExactly = (row: StatusRow) => {
    const at = since(row);
    return at === undefined ? "" : formatRfc3339(at);
  };
  return [
    column("state", (row) => `${signOf(row)} ${stateOf(row, now)}`, {
      inWords: (row) => stateOf(row, now, true),
      piped: ({ problem }) => problem,
      pipedAs: "state (stopped, waiting, unexpected, failing, overdue)",
      steps: { 13: { sign: signOf } },
      style: (text, { problem, over }, style) =>
        over === undefined ? style[looks[problem].tone](text) : text,
    }),
    nameColumn(({ called }) => called, {
      piped: ({ first }) => first.name ?? "",
      steps: { 2: 40, 7: 20, 9: 16, 11: 12, 16: 1 },
    }),
    column("count", ({ items }) => (items.length > 1 ? `×${items.length}` : ""), {
      title: "",
      inWords: ({ items }) => (items.length > 1 ? counted(items.length, "automation") : ""),
    }),
    column("deployment", ({ deployments }) => whereText(deployments, 2), {
      isName: true,
      piped: ({ first }) => first.deployment_id,
      steps: { 3: 30, 5: ({ deployments }) => whereText(deployments, 1), 6: 14, 10: 10, 14: "hidden" },
    }),
    idColumn(({ first, items }) => (items.length > 1 ? "" : first.automation_id), {
      steps: { 4: "hidden" },
    }),
    column("since", (row) => relative(since(row), now), {
      piped: sinceExactly,
      pipedAs: "since when",
      steps: { 4: (row) => agoBriefly(since(row), now), 15: "hidden" },
    }),
    column("why", (row) => whyText(row, now), {
      piped: (row) => (row.over === undefined && isDue(row) ? "" : whyText(row, now, formatRfc3339)),
      pipedAs: "question or error",
      steps: { 1: 60, 8: 28, 9: 22, 12: 16, 17: "hidden" },
    }),
  ];
}
