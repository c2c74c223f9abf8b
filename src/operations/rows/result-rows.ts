/** Result rows and their columns. */

import {
  type ItemResult,
  isOutage,
  type Outcome,
  type SkipReason,
  type Success,
  UnknownPresenceError,
  wentWrong,
} from "../../fleet/outcome.js";
import type { Presence } from "../../fleet/presence.js";
import type { DeploymentReading } from "../../fleet/read-fleet.js";
import { itemKey } from "../../fleet/refs.js";
import type { SwitchAct } from "../../history/change.js";
import type { Candidate } from "../../incident/scope.js";
import { type ChangeAnswer, isAnsweredDone } from "../../incident/switch-item.js";
import { messageOf } from "../../invocation/report-error.js";
import { column, deploymentColumn, idColumn, nameColumn } from "../../output/columns.js";
import { counted } from "../../output/count.js";
import type { Column } from "../../output/render-table.js";
import { safe } from "../../output/safe.js";
import { withLocalTimes } from "../../output/time.js";
import { textOrDash } from "../../output/value-text.js";

/** The result of a changed item, by command. */
export type DoneResult =
  | "paused"
  | "resumed"
  | "started"
  | "deleted"
  | "updated"
  | "applied"
  | "answered"
  | "undone";

type RowResult = DoneResult | "unexpected" | "planned" | UndoneResult;

const undoneResults = ["unchanged", "skipped", "not started", "failed", "unknown"] as const;

type UndoneResult = (typeof undoneResults)[number];

/** True if an item was changed, or is planned to be. */
export function isDone({ result }: Pick<FleetRow, "result">): boolean {
  return !undoneResults.some((each) => each === result);
}

/** How many runs were missed, how many of them a later run made up for, and how many the platform may still start. */
export interface MissedRunCounts {
  missed?: number;
  made_up?: number;
  may_still_start?: number;
}

/** A row of results (src/output/README.md, "JSON"); JSON omits `isOutage`, `isUnseen` and `isOfRun`. */
export interface FleetRow extends MissedRunCounts {
  deployment_id: string;
  customer_id?: string | null;
  /** Null for a deployment that couldn't be read; "" if unknown, which becomes null in JSON. */
  automation_id: string | null;
  name: string | null;
  result: RowResult;
  /** The reason why it was skipped, or why it has another result. */
  reason?: string;
  error?: string;
  isOutage?: boolean;
  /** True if its existence is unknown; if not, `unknown` is the outcome of a change. */
  isUnseen?: boolean;
  run_id?: string;
  /** True if the row shows a run, named by `run_id`, and not its automation. */
  isOfRun?: boolean;
  /** The fields of an update, only in JSON. */
  changes?: Readonly<Record<string, { from: unknown; to: unknown }>>;
}

type RowOutcome = Pick<FleetRow, "result" | "reason" | "error" | "isOutage">;

const doneWord = { pause: "paused", resume: "resumed" } as const;
const deletedFields = {
  pause: { result: "deleted" },
  resume: { result: "skipped", reason: "deleted" },
} as const;

export function checkedRow<Item extends Candidate>(
  result: ItemResult<Item, ChangeAnswer>,
  change: SwitchAct,
  presence: Presence,
): FleetRow {
  const { item, outcome } = result;
  const fields = "value" in outcome ? answerFields(outcome.value, change) : unsentFields(outcome);
  const row: FleetRow = { ...itemRow(item), ...fields };
  const done = doneWord[change];
  if (presence.is === "not there" && row.result !== done && row.result !== "not started")
    return { ...itemRow(item), ...deletedFields[change] };
  const isEnabled = presence.is === "there" ? (presence.automation.enabled ?? undefined) : undefined;
  if (isEnabled === undefined)
    return wasGone(result) ? { ...itemRow(item), result: "failed", error: row.reason ?? "" } : row;
  const now = isEnabled ? "enabled" : "paused";
  const isDone = isEnabled === (change === "resume");
  if (row.result === "unknown") {
    return isDone
      ? { ...itemRow(item), result: done, reason: "confirmed by a check" }
      : { ...row, error: `${row.error}; it is still ${now}` };
  }
  if (isDone) return row;
  if ("value" in outcome && isAnsweredDone(outcome.value))
    return { ...itemRow(item), result: "failed", error: `${now} again when checked` };
  // A proxy may answer 404 for an existing automation.
  if (wasGone(result))
    return {
      ...itemRow(item),
      result: "failed",
      error: `the API answered 404, but the automation exists and is still ${now}`,
    };
  return row;
}

function wasGone({ outcome }: ItemResult<unknown, ChangeAnswer>): boolean {
  return "value" in outcome && outcome.value.result === "gone";
}

export function unsentFields(outcome: Exclude<Outcome<unknown>, Success<unknown>>): RowOutcome {
  if (outcome.result === "skipped") return { result: "not started", reason: outcome.reason };
  return { result: outcome.result, ...failureFields(outcome.error) };
}

export function failureFields(error: unknown) {
  const isUnseen = error instanceof UnknownPresenceError;
  const unseen = isUnseen ? ({ result: "unknown", isUnseen } as const) : {};
  return { error: messageOf(error), isOutage: isOutage(error) || undefined, ...unseen };
}

export function answerFields({ result, reason }: ChangeAnswer, change: SwitchAct): RowOutcome {
  return { result: result === "done" ? doneWord[change] : "skipped", reason };
}

/** The row for an automation that itself couldn't be read. */
export function unreadRow(item: Candidate, error: unknown): FleetRow {
  return { ...itemRow(item), result: "failed", ...failureFields(error) };
}

/** The row for a known automation that couldn't be looked up. */
export function unseenRow(item: Candidate, error: unknown): FleetRow {
  return { ...itemRow(item), result: "unknown", error: whyUnseen(error), isUnseen: true };
}

export function whyUnseen(error: unknown): string {
  if (error instanceof UnknownPresenceError) return error.message;
  return error === undefined ? "not in the list" : `not in the list; lookup failed: ${messageOf(error)}`;
}

export function itemRow({ deployment_id, customer_id, automation_id, name }: Candidate) {
  return { deployment_id, customer_id, automation_id, name: name ?? null };
}

/** The reason in the row for an item that wasn't sent because of an outage. */
export const unreached: SkipReason = "API unreachable";
export const refusedThere: SkipReason = "deployment refused";

/** The row for display, with local times. */
export function withLocalReason(row: FleetRow): FleetRow {
  return row.reason === undefined ? row : { ...row, reason: withLocalTimes(row.reason) };
}

/** A row with tabs between result, id, name and reason. */
export function rowLine(row: FleetRow): string {
  const { result, name, error, reason } = row;
  const { deployment_id, automation_id } = row;
  const id = automation_id === null ? deployment_id : itemKey({ deployment_id, automation_id });
  const parts = [result, id, textOrDash(name), error ?? reason ?? []].flat();
  return parts.map((part) => safe(part, "cell")).join("\t");
}

export function unreadableRow({ deployment, error }: DeploymentReading): FleetRow {
  const { deployment_id, customer_id } = deployment;
  const subject = { deployment_id, customer_id, automation_id: null, name: null };
  return { ...subject, result: "failed", ...failureFields(error) };
}

export function countRows(rows: readonly FleetRow[], result: RowResult): number {
  return rows.filter((row) => row.result === result && row.automation_id !== null).length;
}

export function countDeployments(items: readonly Pick<Candidate, "deployment_id">[]): number {
  return new Set(items.map(({ deployment_id }) => deployment_id)).size;
}

/** How result columns are narrowed: the reason matters most, so ids are dropped first, then names are cut. */
export const resultSteps = {
  deployment: { 2: 40, 6: 14, 8: 10, 11: "hidden" },
  name: { 1: 40, 5: 17, 9: 12, 14: 1 },
  result: { 13: "hidden" },
  id: { 4: "hidden" },
  why: { 3: 40, 7: 24, 10: 16, 12: "hidden" },
} as const;

/** `Acme`, `Acme, Bolt`, `30 deployments`. */
export function whereText(names: readonly string[], most: number): string {
  return names.length > most ? counted(names.length, "deployment") : names.join(", ");
}

/** Columns in a pipe, in their documented order. */
export const resultColumns: Column<FleetRow>[] = [
  nameColumn(({ name }) => textOrDash(name), {
    steps: resultSteps.name,
    piped: ({ name, automation_id }) => (automation_id === null ? "" : textOrDash(name)),
  }),
  column("result", ({ result }) => result, {
    steps: resultSteps.result,
    style: (text, row, style) => (wentWrong(row) ? style.failing(text) : text),
  }),
  idColumn(({ automation_id, run_id, isOfRun }) => (isOfRun ? run_id : automation_id) ?? "", {
    steps: resultSteps.id,
  }),
  column("why", ({ reason, error, run_id, isOfRun }) => error ?? reason ?? (isOfRun ? "" : (run_id ?? "")), {
    steps: resultSteps.why,
  }),
];

export function resultDeploymentColumn<Row extends { deployment_id: string }>(
  names: ReadonlyMap<string, string>,
): Column<Row> {
  return deploymentColumn({
    cell: ({ deployment_id }) => names.get(deployment_id) ?? deployment_id,
    steps: resultSteps.deployment,
  });
}
