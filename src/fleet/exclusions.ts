import type { DeploymentSummary } from "../api/types.js";
import { NothingFoundError } from "../errors.js";
import { globMatcher } from "./glob.js";
import { isAutomationId, isDeploymentId, nearMissHint } from "./refs.js";

/** What `--except` looks at: an automation with what is known of where it stands, or a deployment alone. */
export interface Excludable {
  deployment_id?: string;
  deployment_name?: string | null;
  customer_id?: string | null;
  automation_id?: string;
  name?: string | null;
}

/**
 * What `--except` leaves out, the one meaning that it has in every command: a deployment's id or name, a customer's id
 * (any text), an automation's id, or a glob on automations' names. Notes which values fitted and where, so that the
 * others can be told.
 */
export class Exclusions {
  readonly values: readonly string[];
  readonly #tests: readonly {
    value: string;
    matches(candidate: Excludable): boolean;
    deployments: Set<string>;
  }[];

  constructor(values: readonly string[]) {
    this.values = values;
    this.#tests = values.map((value) => ({ value, matches: matcherOf(value), deployments: new Set() }));
  }

  /** Whether any of the values fits. All of them are tried, and those that fit are noted. */
  matches(candidate: Excludable): boolean {
    let isAny = false;
    for (const { matches, deployments } of this.#tests) {
      if (!matches(candidate)) continue;
      deployments.add(candidate.deployment_id ?? "");
      isAny = true;
    }
    return isAny;
  }

  /** The same for a deployment as the API has it: its name is no automation's. */
  matchesDeployment({ deployment_id, name, customer_id }: DeploymentSummary): boolean {
    return this.matches({ deployment_id, deployment_name: name, customer_id });
  }

  /** The values that fitted nothing so far. */
  get unmatched(): string[] {
    return this.#tests.filter(({ deployments }) => deployments.size === 0).map(({ value }) => value);
  }

  /** The values that fitted something in these deployments. */
  matchedIn(deploymentIds: readonly string[]): string[] {
    return this.#tests
      .filter(({ deployments }) => deploymentIds.some((id) => deployments.has(id)))
      .map(({ value }) => value);
  }
}

function matcherOf(value: string): (candidate: Excludable) => boolean {
  const other = matcherOfOther(value);
  return (candidate) => candidate.customer_id === value || other(candidate);
}

/** An id is never tried as a name. */
function matcherOfOther(value: string): (candidate: Excludable) => boolean {
  if (isDeploymentId(value)) return ({ deployment_id }) => deployment_id === value;
  if (isAutomationId(value)) return ({ automation_id }) => automation_id === value;
  const isName = globMatcher(value);
  return ({ deployment_name, name }) =>
    deployment_name === value || (typeof name === "string" && isName(name));
}

/**
 * Throws NothingFoundError for the first `--except` that fitted nothing: what changes something must not begin with a
 * mistyped one. `names` are those that it may have meant.
 */
export function refuseUnmatched(
  { unmatched: [first] }: Pick<Exclusions, "unmatched">,
  { where, names }: { where: string; names: readonly string[] },
): void {
  if (first === undefined) return;
  throw new NothingFoundError(`--except ${JSON.stringify(first)} matches nothing in ${where}`, {
    hint: `nothing was changed; ${nearMissHint(first, names, otherwise(first, names))}`,
  });
}

/** It takes no `<deployment>/<name>`. */
function otherwise(value: string, names: readonly string[]): string {
  const [, deployment, name] = /^([^/]+)\/(.+)$/s.exec(value) ?? [];
  if (deployment === undefined) return "check its spelling";
  return names.includes(deployment)
    ? `--except takes an automation without its deployment: ${JSON.stringify(name)}`
    : nearMissHint(deployment, names, "check its spelling");
}
