import { isFinal, msOf } from "../../api/schema.js";
import type { Automation, AutomationDetail, DeploymentSummary, Run } from "../../api/types.js";
import type { KnownAutomation } from "../../fleet/lists.js";
import type { DeploymentReading } from "../../fleet/read-fleet.js";
import { itemKey } from "../../fleet/refs.js";
import type { Selection } from "../../fleet/selection.js";
import type { BrokenIncident } from "../../incident/incident-folder.js";
import { type FleetItem, soonestFirst } from "../../incident/pause-plan.js";
import type { Candidate } from "../../incident/scope.js";
import { groupBy } from "../../manifest/group-by.js";
import type { Names } from "../../operations/rows/names.js";
import type { Reach } from "../../operations/rows/reach.js";
import type { RunsReader, SinceReading, Unread } from "../../operations/rows/runs-reader.js";
import { dayMs } from "../../output/duration.js";
import { formatLocalBriefly } from "../../output/time.js";
import { stateOf } from "../../runs/state.js";
import type { SincePause } from "../../runs/unexpected.js";
import { runsADayOf } from "../../schedule/frequency.js";

const problems = ["stopped", "waiting", "unexpected", "failing", "overdue"] as const;

export type Problem = (typeof problems)[number];

export function isProblem(value: unknown): value is Problem {
  return problems.some((each) => each === value);
}

/** An automation with a problem. A stop has no automation, so its id is the name of its incident. */
export interface Finding {
  problem: Problem;
  stop?: Stop | undefined;
  item: FleetItem;
  /** When its newest run started, or when it was due; ms since 1970. */
  sinceMs: number | undefined;
  /** The reason if it no longer needs attention. */
  over?: string | undefined;
}

export interface FleetFacts {
  automations: number;
  enabled: number;
  paused: number;
  /** Number of paused automations whose last run failed. */
  pausedFailing: number;
  /** Counts the runs of enabled automations only. */
  runsADay: number;
  /** Users who paused automations from this machine without an incident. */
  pausedBy: readonly { user: string; automations: number }[];
  /** A minimum, like the waiting count, because older runs may also be active or waiting. */
  running: number;
  /** Number of paused automations that may have run. */
  mayHaveRun: number;
  /** Problems found in the lists. Automations that are probably overdue come last, the most certain first. */
  findings: readonly Finding[];
  dueNext: readonly FleetItem[];
}

/** Counts automations by state. Pure. */
export function fleetFacts(
  items: readonly FleetItem[],
  {
    stops,
    pauserOf,
    since,
    runsOf,
    dueMsOf,
    overdueBeforeMs,
  }: {
    stops: readonly Stop[];
    pauserOf(item: FleetItem): string | undefined;
    since: ReadonlyMap<string, SincePause>;
    /** Its recent runs, if they were read. */
    runsOf(item: FleetItem): readonly Run[] | undefined;
    /** The time since which it has been, or seems to have been, overdue. */
    dueMsOf(item: FleetItem): number | undefined;
    overdueBeforeMs: number;
  },
): FleetFacts {
  const paused = items.filter(({ automation }) => automation.enabled === false);
  const findings = items.flatMap((item): Finding[] => {
    const { automation } = item;
    const [newest] = since.get(itemKey(item))?.unexpected ?? [];
    const dueMs = dueMsOf(item);
    const state = stateOf(automation, { isUnexpected: newest !== undefined, dueMs, runs: runsOf(item) });
    const problem = problems.find((each) => each === state);
    if (problem === undefined) return [];
    if (isDue({ problem })) return [{ problem, item, sinceMs: dueMs }];
    return [{ problem, item, sinceMs: msOf((newest ? newest.started_at : automation.last_run_at) ?? null) }];
  });
  const isGoing = ({ automation: { last_run_status: last } }: FleetItem) =>
    last && !isFinal(last) && last !== "waiting_on_human";
  return {
    automations: items.length,
    enabled: items.filter(({ automation }) => automation.enabled === true).length,
    paused: paused.length,
    pausedFailing: paused.filter(({ automation }) => automation.last_run_status === "error").length,
    runsADay: items.reduce((sum, { automation }) => sum + runsADayOf(automation), 0),
    pausedBy: [...groupBy(paused, (item) => pauserOf(item) ?? "")]
      .flatMap(([user, { length: automations }]) => (user === "" ? [] : [{ user, automations }]))
      .sort((one, other) => other.automations - one.automations),
    running: items.filter(isGoing).length,
    mayHaveRun: items.filter((item) => since.get(itemKey(item))?.doubt !== undefined).length,
    findings: [
      ...stops.map(stopFinding),
      ...findings.filter((each) => !isDue(each)),
      ...surestFirst(findings.filter(isDue), overdueBeforeMs),
    ],
    dueNext: soonestFirst(
      items.filter(({ automation: { enabled, next_run_at } }) => {
        const isOverdue = Date.parse(next_run_at ?? "") < overdueBeforeMs;
        return enabled !== false && !isOverdue;
      }),
    ),
  };
}

function stopFinding(stop: Stop): Finding {
  const ids = { deployment_id: "", automation_id: stop.incident ?? "" };
  const item = { ...ids, name: stop.incident ?? "all automations", deployment: ids, automation: ids };
  return { problem: "stopped", item, sinceMs: stop.sinceMs, stop };
}

/** Puts times that the server itself missed first, then automations that have run; the age of others may be unknown. */
function surestFirst(overdue: readonly Finding[], overdueBeforeMs: number): Finding[] {
  const doubt = ({ item: { automation } }: Finding) => {
    if (Date.parse(automation.next_run_at ?? "") < overdueBeforeMs) return 0;
    return automation.last_run_at ? 1 : 2;
  };
  return overdue.toSorted((one, other) => doubt(one) - doubt(other) || timeOf(one) - timeOf(other));
}

/** True if a run is due and hasn't started. */
export function isDue({ problem }: Pick<Finding, "problem">): boolean {
  return problem === "overdue";
}

/** The rows of automations, without those of stops. */
export function itemRows({ rows }: Pick<FleetStatus, "rows">): StatusRow[] {
  return rows.filter(({ stop }) => stop === undefined);
}

export function countOf({ findings }: Pick<FleetFacts, "findings">, problem: Problem): number {
  return findings.filter((each) => each.problem === problem).length;
}

interface ProblemRow extends Omit<Finding, "item"> {
  first: FleetItem;
  items: readonly FleetItem[];
}

/** Groups findings by problem and `keyOf`: the worst problem first, then the largest group, then the oldest. */
export function problemRows(findings: readonly Finding[], keyOf: (item: FleetItem) => string): ProblemRow[] {
  const groups = groupBy(findings, ({ problem, item }) => `${problem} ${keyOf(item)}`);
  const rows = [...groups.values()].flatMap((group): ProblemRow[] => {
    const [newest] = group.toSorted((one, other) => timeOf(other) - timeOf(one));
    if (newest === undefined) return [];
    const { item: first, ...finding } = newest;
    return [{ ...finding, first, items: group.map(({ item }) => item) }];
  });
  return rows.sort(
    (one, other) =>
      problems.indexOf(one.problem) - problems.indexOf(other.problem) ||
      other.items.length - one.items.length ||
      timeOf(one) - timeOf(other),
  );
}

function timeOf({ sinceMs }: Pick<Finding, "sinceMs">): number {
  return sinceMs ?? Number.MAX_SAFE_INTEGER;
}

export interface ListedStatus {
  /** The first line: the target, or the part of it that was read; absent with `--quiet`. Plain text. */
  title: string | undefined;
  reach: Reach | undefined;
  failures: Selection["failures"];
  selectors: readonly string[];
  listCommand: string;
  waitingCommand: string;
  overdueFlags: string;
  /** The server's time. */
  at: Date;
  names: Names;
  deployments: readonly DeploymentSummary[];
  total: number;
  facts: FleetFacts;
  readings: readonly DeploymentReading[];
  /** When it was read, in ms by `monotonic`. */
  readMs: number;
  runsSincePause: SinceReading<FleetItem>;
  /** Automations whose runs were read to count failures. */
  read: Map<FleetItem, AutomationDetail>;
  /** Automations that may be failing, left out because their runs couldn't be read. */
  unreadRuns: readonly Unread<FleetItem>[];
  unreadable: readonly DeploymentReading[];
  /** The `monotonic` times of earlier reads, for automations that are now unreadable. */
  earlier: ReadonlyMap<string, number>;
  notReady: readonly DeploymentSummary[];
  broken: readonly BrokenIncident[];
  automationNames: readonly string[];
}

export interface ReadDetail {
  automation: AutomationDetail | undefined;
  run?: Run | undefined;
  question?: string | undefined;
  error?: unknown;
}

export interface StatusRow extends ProblemRow {
  called: string;
  deployments: readonly string[];
  since?: SincePause | undefined;
  detail?: ReadDetail | undefined;
  /** The `monotonic` time of the earlier read that the row comes from. */
  readMs?: number | undefined;
}

export interface FleetStatus extends ListedStatus {
  rows: readonly StatusRow[];
  room: number;
  /** Automations that are probably overdue but weren't read. */
  unproven: readonly FleetItem[];
  /** Automations that themselves couldn't be read. */
  errors: readonly Unread<Candidate>[];
}

export interface StatusOptions {
  selection: Selection;
  /** The last status; parts of it that can't change aren't read again. */
  before?: FleetStatus | undefined;
  graceMs: number;
  reader: RunsReader;
  /** Known automations; those that lists lack or no longer show as waiting are requested one by one. */
  known?: readonly (KnownAutomation & { state: Problem })[];
  isShown?(finding: Finding): boolean;
  /** The number of rows that fit; only the automations in those rows are read in full. */
  room(draft: ListedStatus): number;
}

/** An open incident that holds automations, with the user who started it and when, in ms since 1970. */
export interface Holder {
  incident: string;
  user: string;
  sinceMs?: number | undefined;
}

/** Paused automations that are held by an incident or, without an incident, all automations. */
interface Stop extends Partial<Holder> {
  automations: number;
}

/**
 * Counts the automations that each open incident holds, highest first. If none holds any and `isWhole` (the whole
 * account was read), counts all automations, if none is enabled and one ran in the last 7 days.
 */
export function stopsOf<Row extends { automation: Automation }>(
  rows: readonly Row[],
  { holderOf, isWhole, now }: { holderOf(row: Row): Holder | undefined; isWhole: boolean; now: Date },
): Stop[] {
  const paused = rows.filter(({ automation }) => automation.enabled === false);
  const groups = groupBy(paused, (row) => holderOf(row)?.incident ?? "");
  const ranLately = ({ automation: { last_run_at: last } }: Row) =>
    Math.abs(now.getTime() - (msOf(last) ?? 0)) < 7 * dayMs;
  const isStopped = isWhole && groups.size === 1 && paused.length === rows.length && paused.some(ranLately);
  if (!isStopped) groups.delete("");
  return [...groups.values()]
    .map(([first, ...others]) => ({ ...(first && holderOf(first)), automations: 1 + others.length }))
    .sort((one, other) => other.automations - one.automations);
}

/** `59 paused by root`, `62 paused, not by any incident known here`. Plain text. */
export function stopText({ automations, incident, user }: Stop): string {
  return `${automations} paused${incident === undefined ? ", not by any incident known here" : ` by ${user}`}`;
}

const mostLines = 4;

/** Lines such as `! stopped INC-7 59 paused by root, since 22:50`; the last line may sum up the rest. Plain text. */
export function stopLines(
  stops: readonly Stop[],
  { now, isInWords = false }: { now: Date; isInWords?: boolean },
): string[] {
  const texts = stops.map(({ sinceMs, ...stop }) => {
    const since = sinceMs === undefined ? "" : `, since ${formatLocalBriefly(new Date(sinceMs), now)}`;
    return [...(stop.incident === undefined ? [] : [stop.incident]), stopText(stop) + since].join("  ");
  });
  const left = texts.length > mostLines ? [`${texts.splice(mostLines - 1).length} more incidents`] : [];
  return [...texts, ...left].map((text) => `${isInWords ? "" : "! "}stopped  ${text}`);
}
