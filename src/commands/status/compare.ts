import { isFinal } from "../../api/run-status.js";
import { msOf } from "../../api/schema.js";
import { type Presence, presenceIn } from "../../fleet/presence.js";
import { itemKey } from "../../fleet/refs.js";
import { type FleetItem, fleetItems } from "../../incident/pause-plan.js";
import type { Candidate } from "../../incident/scope.js";
import type { Unread } from "../../operations/rows/runs-reader.js";
import { formatRfc3339 } from "../../output/time.js";
import type { Finding, FleetStatus } from "./facts.js";
import type { SeenProblem } from "./seen.js";
import { sinceMsOf } from "./view.js";

export interface News {
  over: readonly Finding[];
  seen: readonly SeenProblem[];
  /** Number of those seen before whose next run has started: how it ends decides. */
  running: number;
  /** Number of those seen before of which nobody could say how they are. */
  unknown: number;
  /** Automations that couldn't be read, though their deployment was. */
  errors: readonly Unread<Candidate>[];
}

/** Gives what says whether a finding is new: not there before, or another problem. */
export function newsFilter(seen: readonly SeenProblem[]): (finding: Finding) => boolean {
  const before = new Map(seen.map((each) => [itemKey(each), each.state]));
  return ({ problem, item }) => before.get(itemKey(item)) !== problem;
}

/** Compares a reading with what was seen before it: what couldn't be read is neither new nor over. Pure. */
export function compareNews(status: FleetStatus, seen: readonly SeenProblem[]): News {
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
      return { seen: each, over: isWhole ? "no longer so" : undefined, error: undefined, isRunning: false };
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

/** `over`: why it is, if it is. */
function fateOf(presence: Presence, isInDoubt: boolean) {
  if (presence.is === "not there") return { over: "deleted" };
  if (presence.is === "unknown") return { error: presence.error };
  const { enabled, last_run_status: last } = presence.automation;
  if (isInDoubt || last === undefined) return {};
  if (enabled === false) return { over: "paused" };
  if (last !== null && !isFinal(last) && last !== "waiting_on_human") return { isRunning: true };
  return { over: last === "completed" ? "its last run completed" : "no longer so" };
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
