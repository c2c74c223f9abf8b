/** Globs, and the automations that `--except` excludes. */

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
 * The values of `--except`, which mean the same in every command: the id or name of a deployment, the id of a customer
 * (any text), the id of an automation, or a glob on the names of automations. Remembers which values matched.
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

  /** Tries every value, and remembers those that match. */
  matches(candidate: Excludable): boolean {
    const matching = this.#tests.filter(({ matches }) => matches(candidate));
    for (const { value } of matching) this.#matched.add(value);
    return matching.length > 0;
  }

  /** Matches a deployment from the API. Its name isn't compared as if it were an automation's. */
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
 * Throws NothingFoundError for the first `--except` that matches nothing, because no change may start if a value is
 * mistyped. `names` are candidates for a suggestion.
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

/** Says that `--except` doesn't accept `<deployment>/<name>`. */
function otherwise(value: string, names: readonly string[]): string {
  const [, deployment, name] = /^([^/]+)\/(.+)$/s.exec(value) ?? [];
  if (deployment === undefined) return "check its spelling";
  return names.includes(deployment)
    ? `--except takes an automation without its deployment: ${JSON.stringify(name)}`
    : nearMissHint(deployment, names, "check its spelling");
}

/**
 * Matches `*` with any text, `?` with any character, and every other character with itself. Needs time proportional, at
 * most, to the product of both lengths: with forty stars, a glob from a foreign ledger could otherwise run for years.
 */
export function globMatcher(glob: string): (text: string) => boolean {
  const pattern = Array.from(glob);
  return (text) => matchesGlob(pattern, Array.from(text));
}

export function isGlob(text: string): boolean {
  return /[*?]/.test(text);
}

/** Tries the part after the last star at each later position; the part before that star isn't tried again. */
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
