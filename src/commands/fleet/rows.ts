import { isOutage } from "../../fleet/outage.js";
import {
  type ItemResult,
  type Outcome,
  type SkipReason,
  type Success,
  wentWrong,
} from "../../fleet/outcome.js";
import type { DeploymentReading } from "../../fleet/read-fleet.js";
import { itemKey } from "../../fleet/refs.js";
import type { ChangeAnswer } from "../../incident/change.js";
import type { OutcomeLine } from "../../incident/ledger-lines.js";
import type { Candidate } from "../../incident/scope.js";
import type { Concession } from "../../output/layout.js";
import { safe } from "../../output/safe.js";
import type { Column } from "../../output/table.js";
import { told } from "../../output/value-text.js";
import { messageOf } from "../../report.js";

export type RowResult =
  | "paused"
  | "resumed"
  | "started"
  | "deleted"
  | "updated"
  | "copied"
  | "answered"
  | "undone"
  | "unchanged"
  | "left"
  | "skipped"
  | "failed"
  | "unexpected"
  | "unknown"
  | "planned";

/**
 * What became of one automation of several (src/output/README.md, "JSON"), "" where its id isn't known, which JSON has as
 * null too; without an id: a deployment that couldn't be read.
 */
export interface FleetRow {
  deployment_id: string;
  customer_id?: string | null;
  automation_id: string | null;
  name: string | null;
  result: RowResult;
  reason?: string;
  error?: string;
  /** What an update changes, or was to: in JSON alone. */
  changes?: Readonly<Record<string, { from: unknown; to: unknown }>>;
  /** The run that was started, or answered. */
  run_id?: string;
  /** It is about that run, not about its automation. Not in JSON. */
  isOfRun?: boolean;
  /** So many runs it missed, which one makes up for. */
  missed?: number;
  /** So many of these a later run has made up for. */
  made_up?: number;
  /** So many of these the platform may still start. */
  may_still_start?: number;
  /** The error is an outage's. Not in JSON. */
  isOutage?: boolean;
}

const doneWord = { pause: "paused", resume: "resumed" } as const;

/** The row of an item that was to be paused or resumed for an incident. */
function resultRow<Item extends Candidate>(
  { item, outcome }: ItemResult<Item, ChangeAnswer>,
  change: OutcomeLine["change"],
): FleetRow {
  const row = itemRow(item);
  if ("value" in outcome) return { ...row, ...answerRow(outcome.value, change) };
  return { ...row, ...notDone(outcome) };
}

/** The same once it was read back; undefined: it couldn't be read, or the API doesn't say. */
export function judgedRow<Item extends Candidate>(
  result: ItemResult<Item, ChangeAnswer>,
  change: OutcomeLine["change"],
  isEnabled: boolean | undefined,
): FleetRow {
  const row = resultRow(result, change);
  if (isEnabled === undefined) return row;
  const done = doneWord[change];
  const now = isEnabled ? "enabled" : "paused";
  const isDone = isEnabled === (change === "resume");
  if (row.result === "unknown") {
    return isDone
      ? { ...itemRow(result.item), result: done, reason: "confirmed by reading back" }
      : { ...row, result: "failed", error: `${row.error}; read back: still ${now}` };
  }
  if (isDone) return row;
  if (row.result === done)
    return { ...itemRow(result.item), result: "failed", error: `${now} again when it was read back` };
  if (wasGone(result)) return { ...itemRow(result.item), result: "failed", error: notGone(now) };
  return row;
}

/** Whether the API answered that it isn't there. */
export function wasGone({ outcome }: ItemResult<unknown, ChangeAnswer>): boolean {
  return "value" in outcome && outcome.value.result === "gone";
}

/** A proxy may answer 404 for what is there. */
export function notGone(now: "enabled" | "paused"): string {
  return `the API answered 404; read back: there, and still ${now}`;
}

/** The part of a row that says that nothing was done, as far as is known, and why. */
export function notDone(
  outcome: Exclude<Outcome<unknown>, Success<unknown>>,
): Pick<FleetRow, "result" | "reason" | "error" | "isOutage"> {
  if (outcome.result === "skipped") return { result: "skipped", reason: outcome.reason };
  return { result: outcome.result, ...failure(outcome.error) };
}

/** The part of a row that says why it failed. */
export function failure(error: unknown): Pick<FleetRow, "error" | "isOutage"> {
  return { error: messageOf(error), isOutage: isOutage(error) || undefined };
}

/** What a row says of an answer. */
export function answerRow(
  { result, reason }: ChangeAnswer,
  change: OutcomeLine["change"],
): Pick<FleetRow, "result" | "reason"> {
  if (result === "done") return { result: doneWord[change], reason };
  // What is gone doesn't fire: for a pause there was nothing to do.
  return { result: change === "pause" && result === "gone" ? "unchanged" : "left", reason };
}

/** The part of a row that says which automation it is. */
export function itemRow({
  deployment_id,
  customer_id,
  automation_id,
  name,
}: Candidate): Omit<FleetRow, "result"> {
  return { deployment_id, customer_id, automation_id, name: name ?? null };
}

/** Why a row was never begun when an outage stopped the rest. */
export const unreached: SkipReason = "API not reachable";
export const refusedThere: SkipReason = "deployment refused";

/** `paused`, the id and the name, and why where it isn't done, separated by tabs; "" for what an outage stopped. */
export function progressLine(row: FleetRow): string {
  const { result, name, error, reason, isOutage } = row;
  if (isOutage === true || reason === unreached) return "";
  const parts = [result, itemKey(row), told(name), error ?? reason ?? []].flat();
  return parts.map((part) => safe(part, "cell")).join("\t");
}

/** The row of a deployment that couldn't be read. */
export function unreadableRow({ deployment, error }: DeploymentReading): FleetRow {
  const { deployment_id, customer_id } = deployment;
  return {
    deployment_id,
    customer_id,
    automation_id: null,
    name: null,
    result: "failed",
    ...failure(error),
  };
}

/** How many rows have a result; rows of deployments don't count. */
export function countRows(rows: readonly FleetRow[], result: RowResult): number {
  return rows.filter((row) => row.result === result && row.automation_id !== null).length;
}

/** How many deployments items stand in. */
export function countDeployments(items: readonly Pick<Candidate, "deployment_id">[]): number {
  return new Set(items.map(({ deployment_id }) => deployment_id)).size;
}

/** What columns of results give up, in turn. Why is what they are shown for: ids go first, then names are cut. */
export const resultConcessions: Readonly<
  Record<"deployment" | "name" | "result" | "id" | "why", readonly Concession[]>
> = {
  deployment: [
    { turn: 2, cutTo: 40 },
    { turn: 6, cutTo: 14 },
    { turn: 8, cutTo: 10 },
    { turn: 11, goes: true },
  ],
  name: [
    { turn: 1, cutTo: 40 },
    { turn: 5, cutTo: 17 },
    { turn: 9, cutTo: 12 },
    { turn: 14, cutTo: 1 },
  ],
  result: [{ turn: 13, goes: true }],
  id: [{ turn: 4, goes: true }],
  why: [
    { turn: 3, cutTo: 40 },
    { turn: 7, cutTo: 24 },
    { turn: 10, cutTo: 16 },
    { turn: 12, goes: true },
  ],
};

/** The last two columns of every table of results. */
export const idAndWhy: Column<{
  automation_id?: string | null;
  reason?: string;
  error?: string;
  run_id?: string;
  isOfRun?: boolean;
}>[] = [
  {
    key: "id",
    title: "ID",
    cell: ({ automation_id, run_id, isOfRun }) => (isOfRun ? run_id : automation_id) ?? "",
    concessions: resultConcessions.id,
  },
  {
    key: "why",
    title: "WHY",
    cell: ({ reason, error, run_id, isOfRun }) => error ?? reason ?? (isOfRun ? "" : (run_id ?? "")),
    concessions: resultConcessions.why,
  },
];

/** In a pipe, in their documented order. */
export const columns: Column<FleetRow>[] = [
  {
    key: "name",
    title: "NAME",
    cell: ({ name }) => told(name),
    concessions: resultConcessions.name,
    piped: ({ name, automation_id }) => (automation_id === null ? "" : told(name)),
  },
  {
    key: "result",
    title: "RESULT",
    cell: ({ result }) => result,
    concessions: resultConcessions.result,
    style: (text, row, style) => (wentWrong(row) ? style.red(text) : text),
  },
  ...idAndWhy,
];

/** On a terminal its name, in a pipe its id. */
export function deploymentColumn<Row extends { deployment_id: string }>(
  names: ReadonlyMap<string, string>,
): Column<Row> {
  return {
    key: "deployment",
    title: "DEPLOYMENT",
    cell: ({ deployment_id }) => names.get(deployment_id) ?? deployment_id,
    concessions: resultConcessions.deployment,
    piped: ({ deployment_id }) => deployment_id,
  };
}
