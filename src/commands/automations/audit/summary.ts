import { lastRunsText } from "../../../operations/rows/reach.js";
import { noMatchText } from "../../../operations/selection/why-empty.js";
import { counted } from "../../../output/count.js";
import { formatLocalDay } from "../../../output/time.js";
import { nameWithDeployment } from "../../../output/value-text.js";
import {
  type Audit,
  type AuditCounts,
  type AuditResult,
  type MissedCounts,
  noCounts,
  totalMissed,
} from "../../../runs/audit-results.js";
import { resultWord } from "./audit-rows.js";
import type { Audited, Audits } from "./collect-audit.js";

export type WithAudit<Verdict = Audit> = Audited<Verdict> & { audit: Verdict };

export function seenOf<Verdict extends Audit>(audited: readonly Audited<Verdict>[]): WithAudit<Verdict>[] {
  return audited.filter((each): each is WithAudit<Verdict> => !("error" in each.audit));
}

export function sumScheduledRuns(seen: readonly WithAudit[]): AuditCounts {
  const counts = noCounts();
  for (const { audit } of seen)
    for (const [result, count] of Object.entries(audit.counts)) counts[result as AuditResult] += count;
  return counts;
}

function totalOf(counts: AuditCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** `3 missed, 1 late, 7 on time, 2 unknown: 13 scheduled runs of 3 automations`, with any unexpected runs. */
export function auditCounts(counts: AuditCounts, automations: number): string {
  const order: AuditResult[] = ["missed", "late", "overlapping", "on_time", "unknown"];
  const parts = order.map((result) => `${counts[result]} ${resultWord(result)}`);
  const due = counted(totalOf(counts) - counts.unexpected, "scheduled run");
  const ran = counts.unexpected === 0 ? "" : `; ${counted(counts.unexpected, "unexpected run")} while paused`;
  return `${parts.join(", ")}: ${due} of ${counted(automations, "automation")}${ran}`;
}

/** `65 missed: 10 without a run since, 53 with a later run, 2 the platform may still start`. */
export function missedSummary(counts: MissedCounts): string | undefined {
  const { withoutRun, madeUp, mayStillStart } = counts;
  const total = totalMissed(counts);
  if (total === 0) return undefined;
  const parts = [
    ...(withoutRun > 0 ? [`${withoutRun} with no later run`] : []),
    ...(madeUp > 0 ? [`${madeUp} with a later run`] : []),
    ...(mayStillStart > 0 ? [`${mayStillStart} may still start`] : []),
  ];
  return `${total} missed: ${parts.join(", ")}`;
}

/** True if every due time is before the oldest known run. */
export function isBeforeAll(seen: readonly WithAudit[]): boolean {
  return (
    totalOf(sumScheduledRuns(seen)) > 0 &&
    seen.every(({ audit: { scheduledRuns, counts } }) => {
      const isOnlyUnknown = totalOf(counts) === counts.unknown;
      return isOnlyUnknown && scheduledRuns.every(({ reason }) => reason === "before_oldest_run");
    })
  );
}

/** Reports how far back runs are listed, by the automation with the shortest list. */
export function reachText(
  seen: readonly WithAudit[],
  { sinceMs, now, isFleet }: { sinceMs: number; now: Date; isFleet: boolean },
): string {
  const reachMs = ({ audit: { seenFromMs = Number.POSITIVE_INFINITY } }: WithAudit) => seenFromMs;
  const short = seen
    .filter(({ audit }) => totalOf(audit.counts) > 0 && !reaches(audit, sinceMs))
    .sort((one, other) => reachMs(other) - reachMs(one));
  const [least, ...others] = short;
  if (least === undefined) return `all runs since ${formatLocalDay(new Date(sinceMs), now)} are known`;
  const { audit, runs } = least;
  const from = audit.seenFromMs === undefined ? undefined : formatLocalDay(new Date(audit.seenFromMs), now);
  return lastRunsText(calledOf(least, isFleet), { runs, from, others: others.length });
}

/** Reports that only the last 1,000 runs of a very frequent automation were checked. */
export function cutText(seen: readonly WithAudit[], isFleet: boolean): string | undefined {
  const [most, ...others] = seen
    .filter(({ audit }) => audit.passedOver > 0)
    .sort((one, other) => other.audit.passedOver - one.audit.passedOver);
  if (most === undefined) return undefined;
  const same = others.length === 0 ? "" : `; the same applies to ${others.length} more`;
  return `${calledOf(most, isFleet)}: only its last 1000 scheduled runs were checked, not the ${most.audit.passedOver} before that${same}`;
}

function calledOf({ automation: { name }, deployment_name }: WithAudit, isFleet: boolean): string {
  return nameWithDeployment(name, isFleet ? deployment_name : undefined);
}

function reaches({ seenFromMs, scheduledRuns }: Audit, sinceMs: number): boolean {
  if (seenFromMs === undefined) return false;
  return seenFromMs <= sinceMs || !scheduledRuns.some(({ reason }) => reason === "before_oldest_run");
}

export function whyNoRows(
  { names, selected, isFleet }: Pick<Audits<object>, "names" | "selected" | "isFleet">,
  seen: readonly WithAudit[],
  match: string | undefined,
  { sinceMs, untilMs, now }: { sinceMs: number; untilMs: number; now: Date },
): string {
  if (selected === 0 && names.length === 0) return "nothing to audit: there are no automations";
  if (selected === 0) return noMatchText(match, names) ?? "nothing to audit: --except excludes everything";
  const total = totalOf(sumScheduledRuns(seen));
  if (isBeforeAll(seen))
    return `no runs are known from that period: ${reachText(seen, { sinceMs, now, isFleet })}`;
  if (total > 0)
    return total === 1 ? "the only scheduled run was on time" : `all ${total} scheduled runs were on time`;
  const created = seen.flatMap(({ automation: { created_at: at } }) => (at ? [Date.parse(at)] : []));
  const isBefore = created.length === seen.length && created.every((ms) => ms >= untilMs);
  if (!isBefore) return "nothing was due in that period";
  const first = formatLocalDay(new Date(Math.min(...created)), now);
  const what = seen.length === 1 ? "the automation" : `the first of ${seen.length} automations`;
  return `nothing was due in that period; ${what} was created ${first}`;
}
