import type { Automation } from "../../../api/types.js";
import { groupBy } from "../../../manifest/group-by.js";
import type { AuditedFire, FireReason, FireResult } from "../../../observe/audited-fire.js";
import { formatRfc3339 } from "../../../output/time.js";

/** One fire, or why there is none to tell of. */
export interface AuditRow {
  deploymentId: string;
  deploymentName: string;
  customerId?: string | undefined;
  /** Absent: the whole deployment could not be read. */
  automation?: Pick<Automation, "automation_id" | "name"> | undefined;
  /** Absent: of this automation nothing could be told. */
  fire?: AuditedFire | undefined;
  result: FireResult;
  reason?: FireReason | undefined;
  /** For a person: how many fires it stands for, and the last of them. */
  times?: number;
  lastMs?: number;
}

/** The row in JSON; of several deployments with the deployment's name and customer. */
export function auditJson(row: AuditRow, { isFleet }: { isFleet: boolean }): object {
  const { deploymentId, deploymentName, customerId, automation, fire, result, reason } = row;
  const { run, startedMs, lateMs } = fire ?? {};
  return {
    deployment_id: deploymentId,
    automation_id: automation?.automation_id ?? null,
    name: automation?.name ?? null,
    expected_at: fire === undefined || result === "unexpected" ? null : formatRfc3339(fire.expectedMs),
    result,
    run_id: run?.run_id,
    started_at: startedMs === undefined ? undefined : (run?.started_at ?? undefined),
    late_s: lateMs === undefined ? undefined : Math.round(lateMs / 1000),
    reason,
    incident: fire?.incident,
    ...(isFleet ? { customer_id: customerId, deployment_name: deploymentName } : {}),
  };
}

/** For a person: fires one after the other of which the same is to be told are one row; of late ones each is late by its own, and each unexpected run stands alone. */
export function foldRows(rows: readonly AuditRow[]): AuditRow[] {
  const folded: AuditRow[] = [];
  for (const row of rows) {
    const last = folded.at(-1);
    if (last === undefined || !isAlike(last, row)) folded.push({ ...row });
    else {
      last.times = (last.times ?? 1) + 1;
      last.lastMs = row.fire?.expectedMs;
    }
  }
  return folded;
}

function isAlike(one: AuditRow, other: AuditRow): boolean {
  const isOfFires = one.fire !== undefined && other.fire !== undefined;
  return (
    isOfFires &&
    one.result !== "late" &&
    one.result !== "unexpected" &&
    one.automation?.automation_id === other.automation?.automation_id &&
    one.deploymentId === other.deploymentId &&
    one.result === other.result &&
    one.reason === other.reason &&
    one.fire?.incident === other.fire?.incident
  );
}

/** What a person looks for first. */
const worst: readonly FireResult[] = ["unexpected", "missed", "late", "overlapping", "unknown", "on_time"];

/** Automations with an unexpected run before those with a missed fire, and so on; else in their order. */
export function worstFirst(rows: readonly AuditRow[]): AuditRow[] {
  const ranks = (of: readonly AuditRow[]) => Math.min(...of.map(({ result }) => worst.indexOf(result)));
  const groups = groupBy(
    rows,
    ({ deploymentId, automation }) => `${deploymentId}/${automation?.automation_id}`,
  );
  return [...groups.values()].toSorted((one, other) => ranks(one) - ranks(other)).flat();
}
