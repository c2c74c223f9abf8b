import { groupBy } from "../../../manifest/group-by.js";
import { auditOf } from "../../../observe/audit.js";
import type { AuditedRun, AuditReason, AuditResult } from "../../../observe/audited-run.js";
import { counted } from "../../../output/count.js";
import { formatRfc3339 } from "../../../output/time.js";
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

/** Groups neighbours that say the same; each late or unexpected run stands alone. */
export function groupRuns(rows: readonly AuditRow[]): AuditRow[] {
  const grouped: AuditRow[] = [];
  let lastKey: string | undefined;
  for (const row of rows) {
    const { deployment_id, automation, audited, result, reason } = row;
    const key =
      audited === undefined || standsAlone(row)
        ? undefined
        : JSON.stringify([deployment_id, automation?.automation_id, result, reason, audited.incident]);
    const last = grouped.at(-1);
    if (last !== undefined && key !== undefined && key === lastKey) {
      last.times = (last.times ?? 1) + 1;
      last.lastMs = audited?.expectedMs;
    } else grouped.push({ ...row });
    lastKey = key;
  }
  return grouped;
}

function standsAlone({ result }: AuditRow): boolean {
  return result === "late" || result === "unexpected";
}

/** Groups rows of one name that say the same in several deployments, where the first stood. */
export function groupDeployments(rows: readonly AuditRow[]): AuditRow[] {
  const groups = groupBy(rows, (row) => {
    const { deployment_id, automation, result, reason, audited } = row;
    const own = standsAlone(row) ? [deployment_id, automation?.automation_id, audited?.expectedMs] : [];
    return JSON.stringify([automation?.name, result, reason, audited?.incident, ...own]);
  });
  return [...groups.values()].flatMap((group) => {
    const count = new Set(group.map(({ deployment_id }) => deployment_id)).size;
    if (count === 1) return group;
    const lastMs = Math.max(...group.map((row) => row.lastMs ?? dueMs(row)));
    const [first] = group.toSorted((one, other) => dueMs(one) - dueMs(other));
    if (first === undefined) return [];
    return {
      ...first,
      deployment_name: counted(count, "deployment"),
      times: group.reduce((sum, { times = 1 }) => sum + times, 0),
      lastMs: lastMs > dueMs(first) ? lastMs : undefined,
    };
  });
}

function dueMs({ audited }: AuditRow): number {
  return audited?.expectedMs ?? 0;
}

const worst: readonly AuditResult[] = ["unexpected", "missed", "late", "overlapping", "unknown", "on_time"];

export function worstFirst(rows: readonly AuditRow[]): AuditRow[] {
  const ranks = (of: readonly AuditRow[]) => Math.min(...of.map(({ result }) => worst.indexOf(result)));
  const groups = groupBy(
    rows,
    ({ deployment_id, automation }) => `${deployment_id}/${automation?.automation_id}`,
  );
  return [...groups.values()].toSorted((one, other) => ranks(one) - ranks(other)).flat();
}
