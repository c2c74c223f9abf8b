import { isOutcomeUnknown } from "../../../errors/exit-code.js";
import type { ItemResult } from "../../../fleet/outcome.js";
import type { Candidate } from "../../../incident/scope.js";
import { explainError, messageOf } from "../../../invocation/report-error.js";
import { type DeploymentPlan, isDifference, type Task } from "../../../manifest/plan/fleet-plan.js";
import {
  type Action,
  deletedThere,
  isDeletedThere,
  isOfLeaving,
  moveOf,
  type PlanItem,
} from "../../../manifest/plan/plan-item.js";
import { type FleetRow, itemRow } from "../../../operations/rows/result-rows.js";
import { column, idColumn, nameColumn } from "../../../output/columns.js";
import { counted, joinNames } from "../../../output/count.js";
import { printList } from "../../../output/print-list.js";
import type { Printer } from "../../../output/printer.js";
import type { Column } from "../../../output/render-table.js";
import { moveParts } from "../../../schedule/frequency.js";
import { whyUnknown } from "../planning/plan-failures.js";

/** A row of apply or diff (src/output/README.md, "JSON"), with data for other views. */
export interface ChangeRow extends Omit<PlanItem, "spreadMinutes" | "cause"> {
  deployment_id: string;
  deployment: string;
  customer_id?: string | undefined;
  spread_minutes?: number | undefined;
  /** `unchanged`: already as requested. `unknown`: its outcome is unknown, or with action `unknown` its existence. */
  result?: "done" | "unchanged" | "failed" | "unknown" | undefined;
  /** The status in the API's error. */
  status?: number | undefined;
  request_id?: string | undefined;
  isDifference: boolean;
}

/** True for rows that are shown without `--verbose`. */
export function isNews({ action }: ChangeRow): boolean {
  return action !== "unchanged";
}

/** The action in words; an item that was skipped with an error is called failed. */
export function wordOf({ action, error }: Pick<ChangeRow, "action" | "error">): Action | "failed" {
  return action === "skipped" && error !== undefined ? "failed" : action;
}

/** The outcome of a task, with the id of the new or existing automation. */
export type TaskResult = ItemResult<Task, string>;

export function changeRows(
  plans: readonly DeploymentPlan[],
  results: readonly TaskResult[] = [],
): ChangeRow[] {
  const outcomes = new Map(results.map(({ item, outcome }) => [item.planItem, outcome]));
  return plans.flatMap((plan) =>
    plan.items.map((change) => ({ ...rowOf(plan, change), ...outcomeOf(change) })),
  );

  function outcomeOf(change: PlanItem): Partial<ChangeRow> {
    const outcome = outcomes.get(change);
    if (outcome === undefined) return {};
    if ("value" in outcome) return { result: outcome.result, automation_id: outcome.value };
    if ("error" in outcome) {
      return { result: outcome.result, ...errorFields(outcome.error) };
    }
    return { action: "skipped", reason: outcome.reason };
  }
}

function rowOf({ target, error }: DeploymentPlan, change: PlanItem): ChangeRow {
  const { spreadMinutes, cause: _, ...item } = change;
  const isUnknown = change.action === "unknown";
  const cause = isUnknown ? change.cause : item.error === undefined ? error : undefined;
  const ofCause = cause === undefined ? undefined : errorFields(cause);
  const why = isUnknown ? whyUnknown(change) : (item.error ?? ofCause?.error);
  const failed = isUnknown || isOutcomeUnknown(error) ? "unknown" : "failed";
  return {
    ...item,
    ...ofCause,
    deployment_id: target.deployment_id,
    deployment: target.name,
    customer_id: target.customer_id,
    spread_minutes: spreadMinutes,
    result: why === undefined ? undefined : failed,
    error: why,
    isDifference: isDifference(change),
  };
}

function errorFields(cause: unknown): Pick<ChangeRow, "error" | "status" | "request_id"> {
  const { message: error, status, requestId: request_id } = explainError(cause);
  return { error, status, request_id };
}

/** ` (403, request req_1)`: details for the API's support; empty if there was no response. Plain text. */
export function originText(rows: readonly Pick<ChangeRow, "status" | "request_id">[]): string {
  const ids = [...new Set(rows.flatMap(({ request_id }) => request_id ?? []))];
  const requests = ids.length === 0 ? [] : [`request ${joinNames(ids, 1)}`];
  const parts = [...new Set(rows.flatMap(({ status }) => status ?? [])), ...requests];
  return parts.length === 0 ? "" : ` (${parts.join(", ")})`;
}

/** `Acme (cus_42)`; plain text. */
export function customerText({ deployment, customer_id }: ChangeRow): string {
  return customer_id === undefined ? deployment : `${deployment} (${customer_id})`;
}

/** The columns used in a pipe, in documented order. @internal */
export const changeColumns = (): Column<ChangeRow>[] => [
  column("deployment_id", (row) => row.deployment_id, { title: "DEPLOYMENT ID" }),
  column("deployment", (row) => row.deployment),
  column("action", (row) => row.action),
  nameColumn((row) => row.name),
  idColumn((row) => row.automation_id ?? ""),
  column("fields", (row) => Object.keys(row.changes ?? {}).join(",")),
  column("reason", (row) => row.reason ?? ""),
  column("result", (row) => row.result ?? ""),
  column("error", (row) => row.error ?? ""),
];

/** Prints changed rows, or all with `--verbose`, in the chosen format; on a terminal, the plan is shown elsewhere. */
export async function printManifestRows(printer: Printer, rows: readonly ChangeRow[]): Promise<void> {
  const isFleet = new Set(rows.map((row) => row.deployment_id)).size > 1;
  await printList<ChangeRow>(printer, {
    items: printer.isVerbose ? rows : rows.filter(isNews),
    columns: changeColumns(),
    json: jsonOf,
    name: (row) => (hasNews(row) ? row.automation_id : undefined),
    deploymentOf: isFleet
      ? ({ deployment_id, deployment: deployment_name, customer_id }) => ({
          deployment_id,
          deployment_name,
          customer_id,
        })
      : undefined,
  });
}

function jsonOf(row: ChangeRow): object {
  const { deployment_id, action, name, automation_id, changes } = row;
  const { spread_minutes, reason, result, error, status, request_id, values } = row;
  const what = { deployment_id, action, name, automation_id, changes };
  return { ...what, spread_minutes, reason, result, error, status, request_id, values };
}

/** True if `-o name` prints its id: the automation exists, and either differs or was changed. */
function hasNews({ action, isDifference, result, automation_id }: ChangeRow): boolean {
  if (!isDifference || action === "skipped" || automation_id === undefined) return false;
  return result === undefined || result === "done";
}

export const pastOf: Partial<Record<Action, string>> = {
  create: "created",
  update: "updated",
  rename: "renamed",
  delete: "deleted",
  adopt: "adopted",
  forget: "forgotten",
};

/** `1 to create, 2 to update, 12 unchanged, 1 skipped in 3 deployments`, later `1 created, 2 updated`. Plain text. */
export function changeCountsText(rows: readonly ChangeRow[], isInWords = false): string {
  const open = rows.filter(({ result }) => result === undefined);
  const staying = open.filter((row) => !isOfLeaving(row));
  const changes = Object.entries(pastOf).flatMap(([action, past]) => {
    const isIt = (row: ChangeRow) => row.action === action;
    return [
      [rows.filter((row) => isIt(row) && row.result === "done"), past],
      [staying.filter(isIt), `to ${action}`],
    ] as const;
  });
  const as = (word: string) => [rows.filter(({ result = "" }) => result === word), word] as const;
  const parts = [
    ...changes,
    [rows.filter(({ action, result = action }) => result === "unchanged"), "unchanged"] as const,
    [open.filter((row) => row.action === "skipped" && !isDeletedThere(row)), "skipped"] as const,
    [open.filter(isDeletedThere), deletedThere] as const,
    as("failed"),
    as("unknown"),
  ];
  const counts = parts.flatMap(([{ length }, words]) => (length === 0 ? [] : [`${length} ${words}`]));
  const deployments = new Set(rows.map((row) => row.deployment_id)).size;
  const where = deployments > 1 ? ` in ${deployments} deployments` : "";
  const apart = leavingTexts(open.filter(isOfLeaving).map(({ deployment }) => deployment));
  if (counts.length > 0) apart.unshift(counts.join(", ") + where);
  if (apart.length === 0) return "nothing to do";
  return [...apart, ...moveParts(open.map(moveOf), isInWords)].join("; ");
}

/** `7 deletions, leaving: Acme`, for each deployment; empty if there are no deletions. Plain text. */
export function leavingTexts(deployments: readonly string[]): string[] {
  if (deployments.length === 0) return [];
  return [`${counted(deployments.length, "deletion")}, leaving: ${joinNames([...new Set(deployments)])}`];
}

export function taskSubject({ target, planItem }: Pick<Task, "target" | "planItem">): Candidate {
  return {
    deployment_id: target.deployment_id,
    deployment_name: target.name,
    customer_id: target.customer_id,
    automation_id: planItem.automation_id ?? "",
    name: planItem.name,
  };
}

/** The row for an item that isn't sent, because it is unchanged, was skipped or has failed. */
export function restRow(
  { target, error }: Pick<DeploymentPlan, "target" | "error">,
  planItem: PlanItem,
): FleetRow {
  const row = itemRow(taskSubject({ target, planItem }));
  const why = planItem.error ?? (error === undefined ? undefined : messageOf(error));
  if (why !== undefined) return { ...row, result: "failed", error: why };
  if (planItem.action === "unknown")
    return { ...row, result: "unknown", error: whyUnknown(planItem), isUnseen: true };
  if (planItem.action === "unchanged") return { ...row, result: "unchanged" };
  return { ...row, result: "skipped", reason: planItem.reason };
}
