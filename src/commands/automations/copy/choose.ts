import type { Context } from "../../../context.js";
import { NothingFoundError, NotPossibleError, UsageError } from "../../../errors.js";
import { Exclusions } from "../../../fleet/exclusions.js";
import { errorOf } from "../../../fleet/outcome.js";
import { type DeploymentTarget, selectsDeployments, toTarget } from "../../../fleet/selection.js";
import type { FleetItem } from "../../../incident/pause-plan.js";
import { deploymentsOf, toScope } from "../../../incident/scope.js";
import { readForManifest } from "../../../manifest/export/collect.js";
import { readScope } from "../../fleet/read-scope.js";
import { ReadingProgress } from "../../fleet/read-with-progress.js";
import { type FleetSession, openFleetSession } from "../../fleet/session.js";
import { requireRefs } from "../../targets/pick.js";
import { readSelection } from "../../targets/selection.js";
import type { CopySource } from "./desired-states.js";
import type { CopyInput } from "./input.js";

export interface CopyChoice {
  sources: readonly CopySource[];
  targets: readonly DeploymentTarget[];
  session: FleetSession;
}

export function requireTarget({ to, toCustomer, toAllDeployments }: CopyInput): void {
  if (to.length > 0 || toCustomer !== undefined || toAllDeployments) return;
  throw new UsageError("where to?", {
    hint: "--to <deployment>, --to-customer <id> or --to-all-deployments",
  });
}

/**
 * Finds what is to be copied, with instructions, and the target deployments. Throws where a selector matches nothing.
 */
export async function chooseCopies(context: Context, input: CopyInput): Promise<CopyChoice> {
  const { concurrency } = input;
  const selection = readSelection(context, input);
  const isSelection = selectsDeployments(selection) || selection.match !== undefined;
  const refs = isSelection ? input.refs : await requireRefs(context, { refs: input.refs, verb: "copy" });
  const session = await openFleetSession(context);
  const { targets, matchedExcludes } = chooseTargets(context, session, input);
  const choosing = { refs, selection, isSelection };
  const { items } = await readScope(context, session, choosing, {
    concurrency,
    isWhole: true,
    matchedExcludes,
  });
  return { sources: await readSources(context, items, session), targets, session };
}

/** `matchedExcludes`: values of `--except` that leave out any of them. */
function chooseTargets(
  context: Context,
  { everyone }: FleetSession,
  { to, toCustomer, except }: CopyInput,
): { targets: DeploymentTarget[]; matchedExcludes: ReadonlySet<string> } {
  const requested = { deployments: [...to], customer: toCustomer, allDeployments: to.length === 0 };
  const scope = toScope({ ...requested, except: [] }, { everyone, at: context.now() });
  const found = deploymentsOf(scope, everyone);
  // What a person named is meant.
  const excludes = new Exclusions(to.length > 0 ? [] : except);
  const targets = found
    .filter((deployment) => !excludes.matchesDeployment(deployment))
    .map((deployment) => toTarget(deployment, { isNamed: to.length > 0 }));
  if (targets.length === 0) throw new NothingFoundError("--except leaves no deployment to copy to");
  const unmatched = new Set(excludes.unmatched);
  return { targets, matchedExcludes: new Set(excludes.values.filter((value) => !unmatched.has(value))) };
}

async function readSources(
  context: Context,
  items: readonly FleetItem[],
  { client, printer }: FleetSession,
): Promise<CopySource[]> {
  const progress = new ReadingProgress(context, printer);
  const requested = items.map(({ deployment, automation }) => ({
    deployment: toTarget(deployment, { isNamed: false }),
    deployment_id: deployment.deployment_id,
    automation_id: automation.automation_id,
    name: automation.name ?? automation.automation_id,
  }));
  const results = await readForManifest(requested, {
    client,
    signal: context.signal,
    onStart: (stage, total) => progress.start(stage, total),
    onRead: () => progress.item(),
  }).finally(() => progress.finish());
  return results.flatMap(({ item: { deployment, automation_id, name }, outcome }): CopySource[] => {
    const error = errorOf(outcome);
    if (error !== undefined) throw error;
    if (!("value" in outcome) || outcome.value === undefined) return [];
    if (outcome.value !== "incomplete") return [{ deployment, automation: outcome.value }];
    throw new NotPossibleError(
      `"${name}" in ${deployment.name}: the API doesn't send everything a copy needs; nothing was changed`,
      { hint: `--except ${automation_id} excludes it` },
    );
  });
}
