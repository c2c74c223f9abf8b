import { groupBy } from "../../../manifest/group-by.js";
import { counted } from "../../../output/count.js";
import { formatRfc3339 } from "../../../output/time.js";
import { auditOf } from "../../../runs/audit.js";
import type { AuditedRun, AuditReason, AuditResult } from "../../../runs/audited-run.js";
import { type AuditSubject, type Audits, placeOf } from "./collect.js";

export interface AuditRow extends AuditSubject {
  audited?: AuditedRun | undefined;
  result: AuditResult;
  reason?: AuditReason | undefined;
  /** Number of runs that a grouped row stands for. */
  times?: number;
  lastMs?: number | undefined;
}

/** Drops runs on time, which would take the memory of a large fleet. */
export const withoutOnTime: typeof auditOf = (automation, options) => {
  const audit = auditOf(automation, options);
  const scheduledRuns = audit.scheduledRuns.filter(({ result }) => result !== "on_time");
  return { ...audit, scheduledRuns };
};

export function auditRows(
  { audited, unreadable }: Audits,
  { isNothingKnown }: { isNothingKnown: boolean },
): AuditRow[] {
  const rows = audited.flatMap(({ audit, ...subject }): AuditRow[] => {
    if ("error" in audit) return [{ ...subject, result: "unknown", reason: "not_read" }];
    const scheduledRuns = isNothingKnown ? [] : audit.scheduledRuns;
    const rows = scheduledRuns.map((audited) => ({
      ...subject,
      audited,
      result: audited.result,
      reason: audited.reason,
    }));
    const { problem } = audit;
    return problem === undefined ? rows : [...rows, { ...subject, result: "unknown", reason: problem }];
  });
  const missing = unreadable.map(
    ({ target }): AuditRow => ({ ...placeOf(target), result: "unknown", reason: "not_read" }),
  );
  return [...rows, ...missing];
}

export function auditJson({ deployment_id, automation, audited, result, reason }: AuditRow): object {
  const { run, startedMs, lateMs } = audited ?? {};
  return {
    deployment_id,
    automation_id: automation?.automation_id ?? null,
    name: automation?.name ?? null,
    expected_at: audited === undefined || result === "unexpected" ? null : formatRfc3339(audited.expectedMs),
    result,
    run_id: run?.run_id,
    started_at: startedMs === undefined ? undefined : (run?.started_at ?? undefined),
    late_s: lateMs === undefined ? undefined : Math.round(lateMs / 1000),
    reason,
    incident: audited?.incident,
  };
}

/** One row for an automation and result, with the reason where all have the same; of what is unknown one for each reason. */
export function groupRuns(rows: readonly AuditRow[]): AuditRow[] {
  const groups = groupBy(rows, (row) => {
    const { deployment_id, automation, result } = row;
    return JSON.stringify([deployment_id, automation?.automation_id, result, ...reasonOf(row)]);
  });
  return [...groups.values()].flatMap((group) => joined(group));
}

/** Groups rows of one name and result in several deployments, and what is unknown for one reason, whatever it is called. */
export function groupDeployments(rows: readonly AuditRow[]): AuditRow[] {
  const groups = groupBy(rows, (row) => {
    const { automation, result, reason, audited } = row;
    const called = result === "unknown" ? [] : [automation?.name, reason, audited?.incident];
    return JSON.stringify([result, ...called, ...reasonOf(row)]);
  });
  return [...groups.values()].flatMap((group) => {
    const deployments = countOf(group, ({ deployment_id }) => deployment_id);
    const names = countOf(group, ({ automation }) => automation?.name ?? automation?.automation_id);
    return joined(group).map((row) => ({
      ...row,
      ...(deployments > 1 && { deployment_name: counted(deployments, "deployment") }),
      ...(names > 1 && { automation: { automation_id: "", name: counted(names, "automation") } }),
    }));
  });
}

function reasonOf({ result, reason, audited }: AuditRow): unknown[] {
  return result === "unknown" ? [reason, audited?.incident] : [];
}

function countOf(group: readonly AuditRow[], partOf: (row: AuditRow) => unknown): number {
  return new Set(group.map(partOf)).size;
}

/** One row for several, from the first that was due to the last. */
function joined(group: readonly AuditRow[]): AuditRow[] {
  const [first] = group.toSorted((one, other) => dueMs(one) - dueMs(other));
  if (first === undefined || group.length === 1) return [...group];
  const lastMs = Math.max(...group.map((row) => row.lastMs ?? dueMs(row)));
  const isSame = countOf(group, ({ reason, audited }) => `${reason} ${audited?.incident}`) === 1;
  return [
    {
      ...first,
      ...(isSame ? {} : { reason: undefined }),
      times: group.reduce((sum, { times = 1 }) => sum + times, 0),
      lastMs: lastMs > dueMs(first) ? lastMs : undefined,
    },
  ];
}

function dueMs({ audited }: AuditRow): number {
  return audited?.expectedMs ?? 0;
}

const worst: readonly AuditResult[] = ["missed", "unexpected", "late", "overlapping", "on_time", "unknown"];

export function worstFirst(rows: readonly AuditRow[]): AuditRow[] {
  return rows.toSorted((one, other) => worst.indexOf(one.result) - worst.indexOf(other.result));
}
