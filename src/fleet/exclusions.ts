/** Globs, and what `--except` excludes. */

import type { DeploymentSummary } from "../api/types.js";
import { NothingFoundError } from "../errors/cli-errors.js";
import { isAutomationId, isDeploymentId, nearMissHint } from "./refs.js";

interface Excludable {
  deployment_id?: string;
  deployment_name?: string | null;
  customer_id?: string | null;
  automation_id?: string;
  name?: string | null;
}

/**
 * The values of `--except`, with one meaning in every command: a deployment's id or name, a customer's id (any text),
 * an automation's id, or a glob on automations' names. Remembers which values matched.
 */
export class Exclusions {
  readonly #tests: readonly {
    value: string;
    matches(candidate: Excludable): boolean;
  }[];
  readonly #matched = new Set<string>();

  constructor(readonly values: readonly string[]) {
    this.#tests = values.map((value) => ({ value, matches: matcherOf(value) }));
  }

  /** Tries all values, and remembers those that match. */
  matches(candidate: Excludable): boolean {
    const matching = this.#tests.filter(({ matches }) => matches(candidate));
    for (const { value } of matching) this.#matched.add(value);
    return matching.length > 0;
  }

  /** Matches a deployment of the API, whose name is no automation's. */
  matchesDeployment({ deployment_id, name, customer_id }: DeploymentSummary): boolean {
    return this.matches({ deployment_id, deployment_name: name, customer_id });
  }

  get unmatched(): string[] {
    return this.values.filter((value) => !this.#matched.has(value));
  }
}

function matcherOf(value: string): (candidate: Excludable) => boolean {
  const isId = isDeploymentId(value) || isAutomationId(value);
  const isName = globMatcher(value);
  return ({ deployment_id, deployment_name, customer_id, automation_id, name }) =>
    customer_id === value ||
    (isId
      ? deployment_id === value || automation_id === value
      : deployment_name === value || (typeof name === "string" && isName(name)));
}

/**
 * Throws NothingFoundError for the first `--except` that matched nothing: a change must not start with a mistyped one.
 * `names`: candidates for what it meant.
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

/** Explains that `--except` takes no `<deployment>/<name>`. */
function otherwise(value: string, names: readonly string[]): string {
  const [, deployment, name] = /^([^/]+)\/(.+)$/s.exec(value) ?? [];
  if (deployment === undefined) return "check its spelling";
  return names.includes(deployment)
    ? `--except takes an automation without its deployment: ${JSON.stringify(name)}`
    : nearMissHint(deployment, names, "check its spelling");
}

/**
 * Matches `*` with any text, `?` with one character, everything else with itself. Its time grows with the product of
 * both lengths at most, whatever a glob of somebody else's ledger holds: a pattern with forty stars would take years.
 */
export function globMatcher(glob: string): (text: string) => boolean {
  const pattern = Array.from(glob);
  return (text) => matchesGlob(pattern, Array.from(text));
}

export function isGlob(text: string): boolean {
  return /[*?]/.test(text);
}

/** Tries what follows the last star at each position behind it; what precedes that star never has to be tried again. */
function matchesGlob(glob: readonly string[], text: readonly string[]): boolean {
  let [inGlob, inText] = [0, 0];
  let lastStar: { inGlob: number; inText: number } | undefined;
  while (inText < text.length) {
    const pattern = glob[inGlob];
    if (pattern === "*") {
      inGlob += 1;
      lastStar = { inGlob, inText };
    } else if (pattern === "?" || pattern === text[inText]) {
      inGlob += 1;
      inText += 1;
    } else if (lastStar !== undefined) {
      lastStar.inText += 1;
      inGlob = lastStar.inGlob;
      inText = lastStar.inText;
    } else return false;
  }
  return glob.slice(inGlob).every((pattern) => pattern === "*");
}
