import type { HermClient } from "../api/client.js";
import type { DeploymentSummary } from "../api/types.js";
import { type Hint, NothingFoundError, NotPossibleError } from "../errors/cli-errors.js";
import { type Exclusions, globMatcher } from "./exclusions.js";
import { isDeploymentId, nearMissHint, seeDeployments } from "./refs.js";

/** The deployments and automations that a command works on (src/commands/README.md, "Selections"). */
export interface Selection {
  deployments: string[];
  customer?: string;
  allDeployments: boolean;
  match?: string;
  except: Exclusions;
  /** How many of the last runs must all have failed for `selectFailing` to select an automation. */
  failures?: number | undefined;
}

export interface DeploymentTarget {
  deployment_id: string;
  /** The name, or the id if only an id was given, because then no name is read. */
  name: string;
  customer_id?: string;
  status?: DeploymentSummary["status"];
  isNamed: boolean;
}

/** True if the selection says which deployments, so that the one in the settings doesn't matter. */
export function selectsDeployments(selection: Selection): boolean {
  return selection.deployments.length > 0 || selection.customer !== undefined || selection.allDeployments;
}

export function isOfSeveral({ deployments, customer, allDeployments }: Selection): boolean {
  return allDeployments || customer !== undefined || deployments.length > 1;
}

/**
 * Finds the deployments selected by `-d`, `--customer` or `--all-deployments`, except those that `--except` names.
 * Throws NothingFoundError for a name or customer that matches nothing, and NotPossibleError for an ambiguous name.
 */
export async function selectDeployments(
  client: HermClient,
  selection: Selection,
  signal?: AbortSignal,
): Promise<DeploymentTarget[]> {
  const isNamed = selection.deployments.length > 0;
  const [first = ""] = selection.deployments;
  const { except } = selection;
  if (selection.deployments.length === 1 && isDeploymentId(first) && except.values.length === 0) {
    return [{ deployment_id: first, name: first, isNamed: true }];
  }
  const found = isNamed
    ? await findDeployments(client, selection.deployments, signal)
    : await listDeployments(client, selection.customer, signal);
  if (found.length === 0) throw noDeployments(selection.customer);
  return found
    .filter((deployment) => !except.matchesDeployment(deployment))
    .map((deployment) => toTarget(deployment, { isNamed }));
}

export function noDeployments(customer: string | undefined): NothingFoundError {
  return new NothingFoundError(
    customer === undefined ? "there are no deployments" : `customer ${customer} has no deployments`,
    { hint: seeDeployments },
  );
}

declare module "../api/client.js" {
  interface HermClient {
    deploymentNames?: ReadonlyMap<string, string>;
  }
}

export async function listDeployments(
  client: HermClient,
  customer?: string,
  signal?: AbortSignal,
  maxWaitMs?: number,
): Promise<DeploymentSummary[]> {
  const query = { limit: 100, customer_id: customer };
  const found: DeploymentSummary[] = [];
  for await (const deployment of client.deployments.list(query, { signal, maxWaitMs }))
    found.push(deployment);
  const names = found.map(({ deployment_id, name }) => [deployment_id, name ?? ""] as const);
  client.deploymentNames = new Map([...knownDeployments(client), ...names]);
  return found;
}

/** The names of the deployments that `listDeployments` has read, by id; "" for one without a name. */
export function knownDeployments(client: HermClient): ReadonlyMap<string, string> {
  return client.deploymentNames ?? new Map();
}

/** The name, if `listDeployments` has read it. */
export function knownName(client: HermClient, deployment_id: string): string | undefined {
  return knownDeployments(client).get(deployment_id) || undefined;
}

/** True if `listDeployments` has read a deployment with this id or name. */
export function wasListed(client: HermClient, ref: string): boolean {
  const names = knownDeployments(client);
  return names.has(ref) || [...names.values()].includes(ref);
}

/** Looks up each ref (an id or an exact name) only once; an id takes one GET. */
export async function findDeployments(
  client: HermClient,
  refs: readonly string[],
  signal?: AbortSignal,
): Promise<DeploymentSummary[]> {
  const existing = refs.every(isDeploymentId) ? [] : await listDeployments(client, undefined, signal);
  const found = new Map<string, DeploymentSummary>();
  for (const ref of refs) {
    const deployment = isDeploymentId(ref)
      ? await client.deployments.get(ref, { signal })
      : matchDeployment(ref, existing);
    found.set(deployment.deployment_id, deployment);
  }
  return [...found.values()];
}

/** Throws NothingFoundError if no deployment has exactly that name, and NotPossibleError if several have. */
export function matchDeployment(name: string, existing: readonly DeploymentSummary[]): DeploymentSummary {
  const fitting = existing.filter((deployment) => deployment.name === name);
  const [only] = fitting;
  if (only !== undefined && fitting.length === 1) return only;
  if (fitting.length > 1) {
    throw ambiguousNameError(
      name,
      fitting.map((deployment) => deployment.deployment_id),
    );
  }
  throw unknownDeploymentError(name, existing, seeDeployments);
}

/** The error for an unknown name; suggests similar names or, if there are none, `otherwise`. */
export function unknownDeploymentError(
  name: string,
  existing: readonly DeploymentSummary[],
  otherwise: Hint,
): NothingFoundError {
  const names = existing.flatMap((deployment) => deployment.name ?? []);
  return new NothingFoundError(`no deployment named "${name}"`, {
    hint: nearMissHint(name, names, otherwise),
  });
}

export function ambiguousNameError(name: string, ids: readonly string[]): NotPossibleError {
  return new NotPossibleError(`${ids.length} deployments are named "${name}"`, {
    hint: `give one of their ids: ${ids.join(", ")}`,
  });
}

export function toTarget(deployment: DeploymentSummary, { isNamed }: { isNamed: boolean }): DeploymentTarget {
  return {
    deployment_id: deployment.deployment_id,
    name: deployment.name ?? deployment.deployment_id,
    customer_id: deployment.customer_id ?? undefined,
    status: deployment.status ?? undefined,
    isNamed,
  };
}

export function automationFilter(
  selection: Selection,
): (automation: { automation_id: string; name?: string | null }) => boolean {
  const { match, except } = selection;
  const isMatch = match === undefined ? () => true : globMatcher(match);
  // `except` tests even the automations that `match` skips, because it remembers which values have matched.
  return ({ automation_id, name }) => !except.matches({ automation_id, name }) && isMatch(name ?? "");
}
