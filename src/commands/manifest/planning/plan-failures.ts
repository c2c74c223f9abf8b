import { commandLine, type TargetFlags } from "../../../command-line/next-command.js";
import { hintTo, NotPossibleError, PartialFailureError } from "../../../errors/cli-errors.js";
import type { ItemResult } from "../../../fleet/outcome.js";
import { isDeploymentId } from "../../../fleet/refs.js";
import { type DeploymentTarget, type Selection, selectsDeployments } from "../../../fleet/selection.js";
import { groupBy } from "../../../manifest/group-by.js";
import { isSameText } from "../../../manifest/plan/equality.js";
import { type DeploymentPlan, refusalsOf } from "../../../manifest/plan/fleet-plan.js";
import {
  type ActualAutomation,
  forNobody,
  isOfLeaving,
  notInRecord,
  notSent,
  type PlanItem,
} from "../../../manifest/plan/plan-item.js";
import type { Manifest } from "../../../manifest/read/manifest.js";
import type { DeploymentManifests } from "../../../manifest/state/desired-state.js";
import { failureOf } from "../../../operations/rows/exit-error.js";
import { whyUnseen } from "../../../operations/rows/result-rows.js";
import { UnknownDeploymentError } from "../../../operations/rows/session.js";
import { silenceHint } from "../../../operations/selection/selection-flags.js";
import { counted, joinNames } from "../../../output/count.js";
import type { Printer } from "../../../output/printer.js";
import { schedulesEqual } from "../../../schedule/compare.js";

export class NoRecordError extends NotPossibleError {}

/** The hint for a NoRecordError. `adopt` is the command that starts the record. */
export function howToStart(adopt: string): string {
  return `if there was one, restore it from git; to start one from existing automations: ${adopt}`;
}

const isDuplicate = ({ reason = "" }: { reason?: string }) => reason.startsWith("duplicate of ");

function skippedIn(plans: readonly DeploymentPlan[]) {
  return plans.flatMap(({ target, items }) =>
    items.flatMap((item) =>
      item.action === "skipped" && (item.reason === notInRecord || isDuplicate(item))
        ? [{ ...item, target }]
        : [],
    ),
  );
}

export function warnOfDuplicates(
  context: TargetFlags,
  { printer, plans }: { printer: Pick<Printer, "warn">; plans: readonly DeploymentPlan[] },
): void {
  for (const [name, [first, ...others]] of groupBy(
    skippedIn(plans).filter(isDuplicate),
    (each) => each.name,
  )) {
    if (first === undefined) continue;
    const { automation_id, reason, target } = first;
    const more = others.length === 0 ? "" : `, and ${others.length} more like it`;
    const remove = deletionOf([first], (...words) => commandLine(context, words));
    printer.warn(
      `"${name}" runs twice in ${target.name}: ${automation_id} is a ${reason}, and not in the record${more}; ${remove}`,
    );
  }
}

/** Warns about flags that override the deployments named in the files. */
export function warnOfReplaced(
  printer: Pick<Printer, "warn">,
  { selection, parts }: { selection: Selection; parts: readonly DeploymentManifests[] },
): void {
  const { allDeployments, customer } = selection;
  const flag = allDeployments ? "--all-deployments" : customer === undefined ? "-d" : "--customer";
  const replaced = new Set(
    parts.flatMap(({ target, manifests }) => manifests.filter((each) => isElsewhere(each, target))),
  );
  if (!selectsDeployments(selection) || replaced.size === 0) return;
  const files = counted(replaced.size, "file");
  printer.warn(`${flag} overrides deployments: in ${files}; omit it to use each file's deployments`);
}

/** True if the manifest names deployments, and the target is known not to be one of them. */
function isElsewhere(
  { deployments = [] }: Pick<Manifest, "deployments">,
  { deployment_id, name }: DeploymentTarget,
): boolean {
  const isUnread = name === deployment_id;
  if (deployments.length === 0 || (isUnread && !deployments.every(({ ref }) => isDeploymentId(ref))))
    return false;
  return !deployments.some(({ ref }) => ref === deployment_id || ref === name);
}

/** Warns, once for each pair, if an automation is deleted and a new one has the same text and schedule. */
export function warnOfRenames(printer: Pick<Printer, "warn">, plans: readonly DeploymentPlan[]): void {
  const pairs = plans.flatMap(({ target, items }) =>
    renamesIn(items).map(([from, to]) => ({ from: from.name, to: to.name, deployment: target.name })),
  );
  for (const same of groupBy(pairs, ({ from, to }) => JSON.stringify([from, to])).values()) {
    const [{ from, to, deployment } = { from: "", to: "", deployment: "" }] = same;
    const where = same.length === 1 ? deployment : `${same.length} deployments`;
    printer.warn(
      `in ${where}, "${from}" is deleted and created again as "${to}"; to rename it and keep its runs, add formerly: ${from}`,
    );
  }
}

function renamesIn(items: readonly PlanItem[]): [from: PlanItem, to: PlanItem][] {
  const deleted = items.filter((item) => item.action === "delete" && !isOfLeaving(item));
  return items
    .filter(({ action }) => action === "create")
    .flatMap((to) => {
      const same = deleted.filter(({ before }) => before !== undefined && isSameButNamed(before, to));
      const [from] = same;
      return from === undefined || same.length > 1 ? [] : [[from, to]];
    });
}

/** True for equal text and times. With a spread, the minute and hour depend on the name, so they may differ. */
function isSameButNamed(before: ActualAutomation, { changes, spreadMinutes }: PlanItem): boolean {
  const schedules = [before.schedule, changes?.schedule?.to ?? ""];
  const days = schedules.map((cron) => cron.split(" ").slice(2).join(" "));
  const [one = "", other = ""] = schedules;
  const isSameTime = spreadMinutes === undefined ? schedulesEqual(one, other) : days[0] === days[1];
  return isSameTime && isSameText(changes?.instructions?.to ?? "", before.instructions);
}

interface Strictly {
  plans: readonly DeploymentPlan[];
  /** The command that adopts automations that aren't in the record. */
  adopt?: string;
  isStrict?: boolean | undefined;
}

/** The error for automations whose item has no target; with `isStrict`, also for those missing from the record. */
export function skippedFailure({
  plans,
  adopt = "herm adopt",
  isStrict = false,
}: Strictly): PartialFailureError | undefined {
  const { length } = plans.flatMap(({ items }) => items.filter(({ reason }) => reason === forNobody));
  if (length > 0)
    return new PartialFailureError(`${counted(length, "automation")} ${forNobody}`, {
      hint: hintTo("to delete, use removed:; to see what this key sees", "deployments", "list"),
    });
  const unfit = plans.flatMap(({ items }) => items.filter(({ reason }) => reason?.startsWith(notSent)));
  if (unfit[0] !== undefined)
    return new PartialFailureError(`${counted(unfit.length, "automation")} ${unfit[0].reason}`, {
      hint: "existing automations stay as they are; to see each place, use lint",
    });
  const skipped = isStrict ? skippedIn(plans) : [];
  if (skipped.length === 0) return undefined;
  return new PartialFailureError(`${counted(skipped.length, "automation")} skipped: not in the record`, {
    hint: (herm) => {
      const copies = skipped.filter(isDuplicate);
      const others = skipped.filter((item) => !isDuplicate(item));
      return [...adoptHints(others, adopt), ...(copies.length === 0 ? [] : [deletionOf(copies, herm)])].join(
        "; ",
      );
    },
  });
}

type Skipped = ReturnType<typeof skippedIn>;

function adoptHints(skipped: Skipped, adopt: string): string[] {
  if (skipped.length === 0) return [];
  const others = skipped.flatMap(({ isOther, name, target }) =>
    isOther ? `"${name}" in ${target.name}` : [],
  );
  const them = skipped.length === 1 ? "it" : "them";
  const which = others.length === 0 ? "" : ` (with other texts: ${joinNames(others)})`;
  const command = others.length === 0 ? adopt : `${adopt} --different`;
  return [`to skip ${them}, add not: to the item; to adopt ${them} before apply${which}: ${command}`];
}

const mostToPaste = 10;

/** `to delete it: herm automations delete dep_1/auto_2` */
function deletionOf(copies: Skipped, herm: (...words: string[]) => string): string {
  const refs = copies.map(({ target, automation_id }) => `${target.deployment_id}/${automation_id}`);
  const them = refs.length === 1 ? "it" : refs.length > mostToPaste ? `the first ${mostToPaste}` : "them";
  return `to delete ${them}: ${herm("automations", "delete", ...refs.slice(0, mostToPaste))}`;
}

/** The error for unknown items, or undefined if there are none. Such items are unchanged and stay in the record. */
function unknownFailure(plans: readonly DeploymentPlan[]): PartialFailureError | undefined {
  const unknown = unknownIn(plans);
  const reasons = [...new Set(unknown.map(whyUnknown))];
  const [first] = reasons;
  if (first === undefined) return undefined;
  const are = unknown.length === 1 ? "is" : "are";
  const more = reasons.length === 1 ? "" : "; first";
  return new PartialFailureError(`${counted(unknown.length, "automation")} ${are} unknown${more}: ${first}`, {
    hint: unknownHint(plans),
  });
}

function unknownIn(plans: readonly DeploymentPlan[]): PlanItem[] {
  return plans.flatMap(({ items }) => items.filter(({ action }) => action === "unknown"));
}

/** The hint if every remaining item is unknown. */
export function unknownHint(plans: readonly DeploymentPlan[]): string {
  const unseen = unknownIn(plans).flatMap(({ cause }) =>
    cause instanceof UnknownDeploymentError && cause.isUnseen ? cause.deployment_id : [],
  );
  const isGone = unseen.length === 0 ? "" : `; if a deployment is gone for good: adopt --forget ${unseen[0]}`;
  return `unknown automations stay in the record, and nothing is created in their place; run it again${isGone}`;
}

export function whyUnknown({ cause }: Pick<PlanItem, "cause">): string {
  return whyUnseen(cause);
}

/**
 * Returns the error for a plan that sends no change, or undefined. With a single deployment, it is that deployment's
 * own error; otherwise it covers refusals and every item in a blocked deployment, or else the unknown items.
 */
export function failureOfPlans(
  plans: readonly DeploymentPlan[],
  { hint, refused = refusalsOf(plans) }: { hint?: string; refused?: readonly AnyResult[] } = {},
): unknown {
  const [only] = plans;
  if (plans.length === 1 && only?.error !== undefined) return only.error;
  const failed = plans.flatMap((plan) => {
    const { error, items } = plan;
    if (error === undefined) return [];
    // A deployment that failed before planning counts as one failure.
    const failing = items.length === 0 ? [plan] : items;
    return failing.map((item): AnyResult => ({ item, outcome: { result: "failed", error } }));
  });
  const others = plans.flatMap(({ error, items }) => (error === undefined ? items : []));
  const left = failed.length === 0 ? [] : others.filter(({ error }) => error === undefined);
  const unchanged = left.map((item): AnyResult => ({ item, outcome: { result: "unchanged", value: item } }));
  return failureOf([...failed, ...refused, ...unchanged], hint) ?? unknownFailure(plans);
}

/** Prints the hints about blocked deployments, if there are several plans. */
export function hintAtStopped(printer: Pick<Printer, "hint">, plans: readonly DeploymentPlan[]): void {
  if (plans.length < 2) return;
  const hints = plans.flatMap(({ error }) => (error instanceof NotPossibleError ? [error.hint] : []));
  const waitHint = silenceHint(plans.map(({ target, error }) => ({ what: target.name, error })));
  for (const hint of new Set([...hints, waitHint])) if (typeof hint === "string") printer.hint(hint);
}

type AnyResult = ItemResult<unknown, unknown>;
