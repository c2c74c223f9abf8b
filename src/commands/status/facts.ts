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

/** An automation whose state is a problem; of a stop none, and its incident's name in place of an id. */
export interface Finding {
  problem: Problem;
  stop?: Stop | undefined;
  item: FleetItem;
  /** Start of its newest run, or when it was due; ms since 1970. */
  sinceMs: number | undefined;
  /** Why it needs no attention any more; absent where it does. */
  over?: string | undefined;
}

export interface FleetFacts {
  automations: number;
  enabled: number;
  paused: number;
  /** Number of paused automations whose last run failed. */
  pausedFailing: number;
  /** Of those that are enabled. */
  runsADay: number;
  /** Who paused from here what no open incident holds. */
  pausedBy: readonly { user: string; automations: number }[];
  /** A lower bound, as the number that waits: an older run may be going or waiting too. */
  running: number;
  /** Number of paused automations of which it isn't known whether they ran. */
  mayHaveRun: number;
  /** Problems by the lists, those that seem overdue last, the surest first. */
  findings: readonly Finding[];
  dueNext: readonly FleetItem[];
}

/** Counts each automation by its state. Pure. */
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
    /** Its recent runs, where they were read. */
    runsOf(item: FleetItem): readonly Run[] | undefined;
    /** The time since which it is overdue, or seems so. */
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

/**
 * Puts first what the server itself says should have run, then what has run before: of what never ran a list may not
 * show how old it is.
 */
function surestFirst(overdue: readonly Finding[], overdueBeforeMs: number): Finding[] {
  const doubt = ({ item: { automation } }: Finding) => {
    if (Date.parse(automation.next_run_at ?? "") < overdueBeforeMs) return 0;
    return automation.last_run_at ? 1 : 2;
  };
  return overdue.toSorted((one, other) => doubt(one) - doubt(other) || timeOf(one) - timeOf(other));
}

/** True where a run is due that hasn't come. */
export function isDue({ problem }: Pick<Finding, "problem">): boolean {
  return problem === "overdue";
}

/** The rows of automations, without stops. */
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

/** Groups findings by problem and `keyOf`: the worst problem first, then the largest group, then the longest so. */
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
  /** The first line: the target, or the reach where that isn't all, but not with `--quiet`. Plain text. */
  title: string | undefined;
  reach: Reach | undefined;
  failures: Selection["failures"];
  selectors: readonly string[];
  listCommand: string;
  waitingCommand: string;
  overdueFlags: string;
  /** Time by the server's clock. */
  at: Date;
  names: Names;
  deployments: readonly DeploymentSummary[];
  total: number;
  facts: FleetFacts;
  readings: readonly DeploymentReading[];
  /** Milliseconds by `monotonic`. */
  readMs: number;
  runsSincePause: SinceReading<FleetItem>;
  /** What its failures were counted of. */
  read: Map<FleetItem, AutomationDetail>;
  /** What may be failing, and isn't selected since its runs couldn't be read. */
  unreadRuns: readonly Unread<FleetItem>[];
  unreadable: readonly DeploymentReading[];
  /** Times by `monotonic` at which an earlier reading read those that can't be read now. */
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
  /** Milliseconds by `monotonic` of an earlier reading. */
  readMs?: number | undefined;
}

export interface FleetStatus extends ListedStatus {
  rows: readonly StatusRow[];
  room: number;
  /** Those that seem overdue and weren't read. */
  unproven: readonly FleetItem[];
  /** Automations that couldn't be read by themselves. */
  errors: readonly Unread<Candidate>[];
}

export interface StatusOptions {
  selection: Selection;
  /** The reading before: what can't have changed since isn't read again. */
  before?: FleetStatus | undefined;
  graceMs: number;
  reader: RunsReader;
  /** Seen before: asked for one by one where the lists lack them, or no longer show that they wait. */
  known?: readonly (KnownAutomation & { state: Problem })[];
  isShown?(finding: Finding): boolean;
  /** Rows for which there is room: at most so many are read by themselves. */
  room(draft: ListedStatus): number;
}

/** An open incident that holds automations: who started it, and when; ms since 1970. */
export interface Holder {
  incident: string;
  user: string;
  sinceMs?: number | undefined;
}

/** Paused automations that an incident holds; without one, all automations. */
interface Stop extends Partial<Holder> {
  automations: number;
}

/**
 * Finds what each open incident holds, the most first. If none holds any and `isWhole`, the whole account was read: all
 * automations, if none is enabled and one ran in the last 7 days.
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

/** `59 paused by root`, `62 paused, by no incident known here`. Plain text. */
export function stopText({ automations, incident, user }: Stop): string {
  return `${automations} paused${incident === undefined ? ", by no incident known here" : ` by ${user}`}`;
}

const mostLines = 4;

/** Lines such as `! stopped  INC-7  59 paused by root, since 22:50`; the last may be for all that are left. Plain text. */
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
