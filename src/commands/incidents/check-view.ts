import type { DeploymentSummary } from "../../api/types.js";
import {
  type CheckedItem,
  countEnabled,
  countUnexpected,
  type IncidentCheck,
  isContained,
} from "../../incident/check.js";
import type { LedgerState } from "../../incident/ledger-state.js";
import type { Reach } from "../../operations/rows/reach.js";
import { resultDeploymentColumn, resultSteps } from "../../operations/rows/result-rows.js";
import { sinceJson, sinceText } from "../../operations/rows/runs-reader.js";
import { column, idColumn } from "../../output/columns.js";
import { counted } from "../../output/count.js";
import type { Column } from "../../output/render-table.js";
import { safe } from "../../output/safe.js";
import { factSeparator, type Style } from "../../output/style.js";
import { fold, foldParts } from "../../output/text/fold.js";
import { formatLocalBriefly, formatLocalClock, formatRfc3339, withLocalTimes } from "../../output/time.js";
import { textOrDash } from "../../output/value-text.js";

export interface IncidentView {
  state: LedgerState;
  check: IncidentCheck;
  /** The first line: the target, or the part of it that was read; undefined without a request. Plain text. */
  title: string | undefined;
  /** Set if the incident covers only part of the fleet. */
  reach?: Reach | undefined;
  /** The time of the check, by this machine's clock. */
  at: Date;
  deployments: readonly DeploymentSummary[];
}

/** `checked 04:09:41 · 371 of 371 paused · 0 enabled · 1 new · 6 runs still going`; in UTC if there is no `view`. */
export function checkLine(check: IncidentCheck, view?: { width: number; separator: string }): string {
  const { items, checkedAt, newSince, unreadable } = check;
  const there = items.filter(({ state }) => state !== "gone");
  const paused = there.filter(({ state }) => ["paused", "paused before", "skipped"].includes(state)).length;
  const resumed = countState(items, "resumed");
  const gone = countState(items, "gone");
  const timeOf = view === undefined ? formatRfc3339 : formatLocalClock;
  const when = checkedAt === undefined ? "from the ledger, not checked" : `checked ${timeOf(checkedAt)}`;
  // The total is unknown as long as a deployment is unreadable.
  const isComplete = unreadable.length === 0;
  const parts = [when, isComplete ? `${paused} of ${there.length} paused` : `at least ${paused} paused`];
  const unexpected = countUnexpected(check);
  if (unexpected > 0) parts.push(counted(unexpected, "unexpected run"));
  const doubtful = items.filter(({ since }) => since?.doubt !== undefined).length;
  if (doubtful > 0) parts.push(`${doubtful} may have run`);
  const byHand = countByHand(items);
  if (byHand > 0) parts.push(`${counted(byHand, "manual run")}`);
  if (resumed > 0) parts.push(`${resumed} resumed`);
  if (gone > 0) parts.push(`${gone} gone`);
  const unknown = countState(items, "unknown");
  if (unknown > 0) parts.push(`${unknown} unknown`);
  const enabled = countEnabled(check);
  // The number of enabled automations is left out, because 0 would look wrong beside those resumed.
  if (enabled > 0 || resumed === 0) parts.push(`${enabled} enabled`);
  if (checkedAt !== undefined && newSince > 0) parts.push(`${newSince} new`);
  if (checkedAt !== undefined) parts.push(...goingTexts({ ...check, unreadable: unreadable.length }));
  return foldParts(parts, { width: undefined, ...view });
}

/** `2 runs still going`, then the automations whose runs weren't checked, and the deployments that weren't. */
export function goingTexts({
  running,
  runsUnread,
  unreadable,
}: Pick<IncidentCheck, "running" | "runsUnread"> & { unreadable: number }): string[] {
  const notChecked = [
    ...(runsUnread === 0 ? [] : [`the runs of ${counted(runsUnread, "automation")} not checked`]),
    ...(unreadable === 0 ? [] : [`${counted(unreadable, "deployment")} not checked`]),
  ];
  const going = `${counted(running, "run")} still going`;
  return [running > 0 && notChecked.length > 0 ? `at least ${going}` : going, ...notChecked];
}

/** The lines above a check: its title and its incident. Without line ends. */
export function headLines(
  { state: { head }, title, at }: Pick<IncidentView, "state" | "title" | "at">,
  { style, columns: width }: { style: Style; columns: number },
): string[] {
  const line = (text: string) => fold(safe(text, "cell"), width);
  return [
    ...(title === undefined ? [] : [style.bold(line(title))]),
    line(`incident ${head.incident}${head.reason === null ? "" : `: ${head.reason}`}`),
    line(`since ${formatLocalBriefly(new Date(head.created_at), at)} by ${head.by.user} on ${head.by.host}`),
  ];
}

/** The proof, in a colour for its result. Without a line end. */
export function verdictLine(
  check: IncidentCheck,
  { style, columns }: { style: Style; columns: number },
): string {
  const colour = check.checkedAt === undefined ? style.bold : isContained(check) ? style.fine : style.failing;
  return colour(checkLine(check, { width: columns, separator: factSeparator(style) }));
}

/** Columns in documented order: name, state, deployment, id, why. */
export const itemColumns = (names: ReadonlyMap<string, string>, now: Date): Column<CheckedItem>[] => [
  column("name", ({ name }) => textOrDash(name), { steps: resultSteps.name }),
  column("state", stateWord, {
    pipedAs: "state (paused, paused before, resumed, skipped, gone, unexpected, enabled, failed, unknown)",
    steps: resultSteps.result,
    style: (text, item, style) => (isFailing(item) ? style.failing(text) : text),
  }),
  resultDeploymentColumn(names),
  idColumn(({ automation_id }) => automation_id, { steps: resultSteps.id }),
  column("why", (item) => whyOf(item, (at) => formatLocalBriefly(at, now)), {
    piped: (item) => whyOf(item),
    steps: resultSteps.why,
  }),
];

/** The exceptions: while the incident holds, automations that aren't simply paused; after that, those not resumed. */
export function notableItems({ items, resumedByRef }: IncidentCheck): CheckedItem[] {
  const isComingBack = resumedByRef === 0 && countState(items, "resumed") > 0;
  return items.filter((item) => {
    const { state, was_enabled, since } = item;
    if (isUnexpected(item) || since?.doubt !== undefined) return true;
    if (state === "resumed") return resumedByRef > 0;
    if (state === "paused before") return false;
    return state !== "paused" || (isComingBack && was_enabled === true);
  });
}

/** The reason, or the runs since the pause. Plain text. */
export function whyOf({ since, reason = "" }: CheckedItem, timeOf?: (at: Date) => string): string {
  const ran = since === undefined ? "" : sinceText(since, timeOf);
  const why = timeOf === undefined ? reason : withLocalTimes(reason);
  return ran === "" ? why : ran;
}

function isUnexpected({ since }: CheckedItem): boolean {
  return since !== undefined && since.unexpected.length > 0;
}

/**
 * `paused`; `unexpected` if it ran while paused; `enabled (new)` for a new automation. If a recorded automation's state
 * before the incident is unknown, the reason says so.
 */
export function stateWord(item: CheckedItem): string {
  const { state, was_enabled, reason } = item;
  if (isUnexpected(item)) return "unexpected";
  return was_enabled === null && reason === undefined ? `${state} (new)` : state;
}

export function isFailing(item: CheckedItem): boolean {
  const { state } = item;
  return isUnexpected(item) || state === "enabled" || state === "failed" || state === "unknown";
}

/** src/output/README.md, "JSON". */
export function checkJson(state: LedgerState, check: IncidentCheck): object {
  const isChecked = check.checkedAt !== undefined;
  const unreadableIds = check.unreadable.map(({ deployment }) => deployment.deployment_id);
  return {
    ...headJson(state),
    closed_at: state.closed?.at,
    checked_at: check.checkedAt === undefined ? null : formatRfc3339(check.checkedAt),
    enabled_now: isChecked ? countEnabled(check) : null,
    unexpected: isChecked ? countUnexpected(check) : null,
    new_since: isChecked ? check.newSince : null,
    running: isChecked ? check.running : null,
    runs_unread: check.runsUnread || undefined,
    unreadable: unreadableIds.length === 0 ? undefined : unreadableIds,
    items: check.items.map(({ since, ...item }) => ({ ...item, ...sinceJson(since) })),
  };
}

export function headJson({ head, scopes }: LedgerState): object {
  return {
    incident: head.incident,
    reason: head.reason,
    created_at: head.created_at,
    scope: scopes.map(({ scope: _scope, at: _at, ...scope }) => scope),
  };
}

function countByHand(items: readonly CheckedItem[]): number {
  const runs = items.flatMap(({ since }) => since?.runs ?? []);
  return runs.filter(({ trigger }) => trigger === "manual").length;
}

function countState(items: readonly CheckedItem[], which: CheckedItem["state"]): number {
  return items.filter(({ state }) => state === which).length;
}
