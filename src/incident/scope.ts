/** An incident's scope, its candidates, and its API. */

import type { Automation, AutomationRef, DeploymentSummary } from "../api/types.js";
import { NothingFoundError, UsageError } from "../errors/cli-errors.js";
import { Exclusions, globMatcher } from "../fleet/exclusions.js";
import { isDeploymentId, itemKey, seeDeployments } from "../fleet/refs.js";
import { matchDeployment, noDeployments, type Selection } from "../fleet/selection.js";
import type { ApiIdentity, ScopeLine } from "../history/incident-lines.js";
import type { LedgerState } from "./ledger-state.js";

/**
 * Translates a selection into ids. `existing`: all deployments of the account. Throws NothingFoundError if a selector
 * matches no deployment, NotPossibleError if a name matches several.
 */
export function toScope(
  selection: Omit<Selection, "except"> & { except: readonly string[] },
  { existing, at }: { existing: readonly DeploymentSummary[]; at: Date },
): ScopeLine {
  const { customer, match, except } = selection;
  const deployments = selection.deployments.map((ref) => findDeployment(ref, existing).deployment_id);
  const scope: ScopeLine = {
    scope: true,
    at: at.toISOString(),
    deployments: deployments.length === 0 ? undefined : [...new Set(deployments)],
    customer,
    match,
    except: [...except],
  };
  if (deploymentsOf({ ...scope, except: [] }, existing).length > 0) return scope;
  throw noDeployments(customer);
}

function findDeployment(ref: string, existing: readonly DeploymentSummary[]): DeploymentSummary {
  if (!isDeploymentId(ref)) return matchDeployment(ref, existing);
  const found = existing.find((deployment) => deployment.deployment_id === ref);
  if (found !== undefined) return found;
  throw new NothingFoundError(`no deployment ${ref}`, { hint: seeDeployments });
}

export function deploymentsOf(
  { deployments, customer, except }: ScopeLine,
  existing: readonly DeploymentSummary[],
): DeploymentSummary[] {
  const exclusions = new Exclusions(except);
  return existing.filter(
    (each) =>
      (deployments === undefined || deployments.includes(each.deployment_id)) &&
      (customer === undefined || customer === each.customer_id) &&
      !exclusions.matchesDeployment(each),
  );
}

export interface Candidate extends AutomationRef {
  deployment_name?: string | null;
  customer_id?: string | null;
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

export function scopeTest(scope: ScopeLine): (candidate: Candidate) => boolean {
  const exclusions = new Exclusions(scope.except);
  const isSelected = selectorTest(scope);
  return (candidate) => isSelected(candidate) && !exclusions.matches(candidate);
}

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

/** Compares local servers by their store's id, whatever their address. */
export function isSameApi(one: ApiIdentity, other: ApiIdentity): boolean {
  if (one.store_id !== undefined || other.store_id !== undefined) return one.store_id === other.store_id;
  return one.origin === other.origin;
}

/** Throws UsageError if a ledger belongs to a different API. */
export function requireSameApi({ head }: LedgerState, api: ApiIdentity): void {
  if (isSameApi(head.target, api)) return;
  throw new UsageError(
    `incident ${head.incident} belongs to ${describeApi(head.target)}, not to ${describeApi(api)}`,
    { hint: `nothing was sent; its profile was "${head.target.profile}"` },
  );
}

export function describeApi({ origin, store_id }: ApiIdentity): string {
  return store_id === undefined ? origin : `the local server's store ${store_id}`;
}
