import { NotPossibleError } from "../../../errors.js";
import { failureOf } from "../../../fleet/failure.js";
import type { ItemResult } from "../../../fleet/outcome.js";
import type { DeploymentPlan } from "../../../manifest/fleet-plan.js";
import type { Printer } from "../../../output/printer.js";
import type { TaskResult } from "./rows.js";

/**
 * What the command ends with, or undefined: judged by every change, and by every item of a deployment in which nothing could
 * be tried; of the only deployment by its own error.
 */
export function failureOfPlans(
  plans: readonly DeploymentPlan[],
  results: readonly TaskResult[] = [],
  hint?: string,
): unknown {
  const [only] = plans;
  if (plans.length === 1 && only?.error !== undefined) return only.error;
  // The very error that each of several ended with: the deployment's turn wasn't given.
  const errors = new Set(results.map(({ outcome }) => ("error" in outcome ? outcome.error : undefined)));
  const [common] = errors;
  if (plans.length === 1 && errors.size === 1 && common !== undefined) return common;
  const failed = plans.flatMap((plan) => {
    const { error, items } = plan;
    if (error === undefined) return [];
    // One of which the files only say what shall be gone failed too.
    const failing = items.length === 0 ? [plan] : items;
    return failing.map((item): AnyResult => ({ item, outcome: { result: "failed", error } }));
  });
  const others = plans.flatMap(({ error, items }) => (error === undefined ? items : []));
  const tried = new Set(results.map(({ item }) => item.change));
  const left = failed.length === 0 ? [] : others.filter((change) => !tried.has(change));
  const unchanged = left.map((item): AnyResult => ({ item, outcome: { result: "unchanged", value: item } }));
  return failureOf([...failed, ...results, ...unchanged], hint);
}

/** Of several deployments, of which none ends the command with its own error: what those want that can't be planned. */
export function hintAtStopped(printer: Pick<Printer, "hint">, plans: readonly DeploymentPlan[]): void {
  if (plans.length < 2) return;
  const hints = plans.flatMap(({ error }) => (error instanceof NotPossibleError ? [error.hint] : []));
  for (const hint of new Set(hints)) if (typeof hint === "string") printer.hint(hint);
}

type AnyResult = ItemResult<unknown, unknown>;
