import type { Automation, DeploymentSummary } from "../api/types.js";
import { NothingFoundError } from "../errors.js";
import { Exclusions } from "../fleet/exclusions.js";
import { globMatcher } from "../fleet/glob.js";
import { isDeploymentId, itemKey, seeDeployments } from "../fleet/refs.js";
import { matchDeployment, noDeployments, type Selection } from "../fleet/selection.js";
import type { ScopeLine } from "../history/incident-lines.js";

/**
 * What a selection covers, in ids. `everyone`: all deployments of the account. Throws NothingFoundError where a selector
 * fits no deployment, NotPossibleError where a name fits several.
 */
export function toScope(
  selection: Omit<Selection, "except"> & { except: readonly string[] },
  { everyone, at }: { everyone: readonly DeploymentSummary[]; at: Date },
): ScopeLine {
  const { customer, match, except } = selection;
  const deployments = selection.deployments.map((ref) => findDeployment(ref, everyone).deployment_id);
  const scope: ScopeLine = {
    scope: true,
    at: at.toISOString(),
    deployments: deployments.length === 0 ? undefined : [...new Set(deployments)],
    customer,
    match,
    except: [...except],
  };
  if (deploymentsOf({ ...scope, except: [] }, everyone).length > 0) return scope;
  throw noDeployments(customer);
}

function findDeployment(ref: string, everyone: readonly DeploymentSummary[]): DeploymentSummary {
  if (!isDeploymentId(ref)) return matchDeployment(ref, everyone);
  const found = everyone.find((deployment) => deployment.deployment_id === ref);
  if (found !== undefined) return found;
  throw new NothingFoundError(`no deployment ${ref}`, { hint: seeDeployments });
}

/** The deployments that a scope covers, in the order of `everyone`. */
export function deploymentsOf(
  { deployments, customer, except }: ScopeLine,
  everyone: readonly DeploymentSummary[],
): DeploymentSummary[] {
  const exclusions = new Exclusions(except);
  return everyone.filter(
    (each) =>
      (deployments === undefined || deployments.includes(each.deployment_id)) &&
      (customer === undefined || customer === each.customer_id) &&
      !exclusions.matchesDeployment(each),
  );
}

/** A deployment's or an item's ids and name: what selectors look at. */
export interface Candidate {
  deployment_id: string;
  /** As it is called now; absent where only a ledger speaks. */
  deployment_name?: string | null;
  customer_id?: string | null;
  automation_id: string;
  /** Of an automation without one, only its id can be spoken of. */
  name?: string | null;
}

export function toCandidate(deployment: DeploymentSummary, automation: Automation): Candidate {
  return {
    deployment_id: deployment.deployment_id,
    deployment_name: deployment.name,
    customer_id: deployment.customer_id,
    automation_id: automation.automation_id,
    name: automation.name,
  };
}

/** Whether a scope covers an automation. */
export function scopeTest(scope: ScopeLine): (candidate: Candidate) => boolean {
  const exclusions = new Exclusions(scope.except);
  const isSelected = selectorTest(scope);
  return (candidate) => isSelected(candidate) && !exclusions.matches(candidate);
}

/** The same without `--except`. */
export function selectorTest({
  deployments,
  customer,
  match,
  automations,
}: ScopeLine): (candidate: Candidate) => boolean {
  const fitsName = match === undefined ? () => true : globMatcher(match);
  const ids = automations === undefined ? undefined : new Set(automations);
  return (candidate) =>
    (deployments === undefined || deployments.includes(candidate.deployment_id)) &&
    (customer === undefined || customer === candidate.customer_id) &&
    (ids === undefined || ids.has(itemKey(candidate))) &&
    fitsName(candidate.name ?? "");
}
