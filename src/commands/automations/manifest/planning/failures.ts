import { NotPossibleError, PartialFailureError } from "../../../../errors.js";
import type { ItemResult } from "../../../../fleet/outcome.js";
import { groupBy } from "../../../../manifest/group-by.js";
import { type DeploymentPlan, refusalsOf } from "../../../../manifest/plan/fleet-plan.js";
import { notOurs, type PlanItem } from "../../../../manifest/plan/plan-item.js";
import { counted, joinNames } from "../../../../output/count.js";
import type { Printer } from "../../../../output/printer.js";
import { failureOf } from "../../../fleet/exit-error.js";
import { whyUnseen } from "../../../fleet/rows.js";
import { UnknownDeploymentError } from "../../../fleet/unknown-deployment.js";
import { silenceHint } from "../../../targets/selection.js";

/** The record that is needed doesn't exist yet. */
export class NoRecordError extends NotPossibleError {}

/** The hint of a NoRecordError; `adopt`: the command that starts the record. */
export function howToStart(adopt: string): string {
  return `${adopt} creates one with what exists already; if there was one, restore it from git or the cache`;
}

const isDuplicate = ({ reason = "" }: { reason?: string }) => reason.startsWith("duplicate of ");

function skippedIn(plans: readonly DeploymentPlan[]) {
  return plans.flatMap(({ target, items }) =>
    items.flatMap((item) =>
      item.action === "skipped" && (item.reason === notOurs || isDuplicate(item))
        ? [{ ...item, target }]
        : [],
    ),
  );
}

export function warnOfDuplicates(printer: Pick<Printer, "warn">, plans: readonly DeploymentPlan[]): void {
  for (const [name, [first, ...others]] of groupBy(
    skippedIn(plans).filter(isDuplicate),
    (each) => each.name,
  )) {
    const { automation_id, reason, target } = first ?? {};
    const more = others.length === 0 ? "" : `, and ${others.length} more like it`;
    printer.warn(
      `"${name}" runs twice in ${target?.name}: ${automation_id} is a ${reason}, and not in the record${more}; apply --remove-duplicates deletes it`,
    );
  }
}

/** The error of `--strict` where something was skipped because the record doesn't have it. */
export function strictFailure(plans: readonly DeploymentPlan[]): PartialFailureError | undefined {
  const skipped = skippedIn(plans);
  if (skipped.length === 0) return undefined;
  return new PartialFailureError(`${counted(skipped.length, "automation")} skipped, as not ours`, {
    hint: "not: on an item skips a customer or deployment; automations adopt <ref> adds one to the record; --remove-duplicates deletes copies",
  });
}

/** The error of what is unknown, if anything is: nothing was done with it, and it stays in the record. */
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

/** The hint where only what is unknown is left. */
export function unknownHint(plans: readonly DeploymentPlan[]): string {
  const unseen = unknownIn(plans).flatMap(({ cause }) =>
    cause instanceof UnknownDeploymentError && cause.isUnseen ? cause.deployment_id : [],
  );
  const isGone =
    unseen.length === 0 ? "" : `; if one is gone for good: leaving: [${joinNames([...new Set(unseen)])}]`;
  return `what is unknown stays in the record, and nothing is created in its place; run it again${isGone}`;
}

/** The reason why it isn't known whether something is there. */
export function whyUnknown({ cause }: Pick<PlanItem, "cause">): string {
  return cause instanceof UnknownDeploymentError ? cause.message : whyUnseen(cause);
}

/**
 * The error of a plan of which nothing is to be sent, if any: of what it refuses, and of every item of a deployment in
 * which nothing can be done; of a single deployment its own; else of what is unknown.
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
    // A deployment that failed before any of its items was planned counts as one failure.
    const failing = items.length === 0 ? [plan] : items;
    return failing.map((item): AnyResult => ({ item, outcome: { result: "failed", error } }));
  });
  const others = plans.flatMap(({ error, items }) => (error === undefined ? items : []));
  const left = failed.length === 0 ? [] : others.filter(({ error }) => error === undefined);
  const unchanged = left.map((item): AnyResult => ({ item, outcome: { result: "unchanged", value: item } }));
  return failureOf([...failed, ...refused, ...unchanged], hint) ?? unknownFailure(plans);
}

/** Prints hints about deployments that can't be planned, where several are planned. */
export function hintAtStopped(printer: Pick<Printer, "hint">, plans: readonly DeploymentPlan[]): void {
  if (plans.length < 2) return;
  const hints = plans.flatMap(({ error }) => (error instanceof NotPossibleError ? [error.hint] : []));
  const waitHint = silenceHint(plans.map(({ target, error }) => ({ what: target.name, error })));
  for (const hint of new Set([...hints, waitHint])) if (typeof hint === "string") printer.hint(hint);
}

type AnyResult = ItemResult<unknown, unknown>;
