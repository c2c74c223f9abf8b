import { NothingFoundError } from "../../../../errors.js";
import { globMatcher } from "../../../../fleet/glob.js";
import { seeDeployments } from "../../../../fleet/refs.js";
import type { Selection } from "../../../../fleet/selection.js";
import { mistakeText } from "../../../../manifest/mistake.js";
import type { Manifest } from "../../../../manifest/read/manifest.js";
import type { DeploymentState } from "../../../../manifest/state/deployment-state.js";
import { unmatchedRefs } from "../../../../manifest/values/unmatched-refs.js";
import type { Printer } from "../../../../output/printer.js";
import { checkUnmatched, warnOfUnmatched } from "../../../targets/selection.js";
import { whyNoneMatches } from "../../../targets/why-empty.js";

interface SelectorCheck {
  /** `strict`: refuses also `--match`, and `for` and `not` of the files, that match nothing. */
  options: { selection: Selection; strict?: boolean };
  printer: Printer;
  /** Refuses `--except` that matches nothing: the plan is to be sent. */
  refusesUnmatched?: boolean;
}

/**
 * Checks selectors against all that is there and named. Warns, or throws NothingFoundError, and ManifestError for the
 * files'.
 */
export function checkSelectors(
  { options: { selection, strict = false }, printer, refusesUnmatched = false }: SelectorCheck,
  { manifests, states }: { manifests: readonly Manifest[]; states: readonly DeploymentState[] },
): void {
  const named = states.flatMap(({ target: { deployment_id }, desired, actual }) => [
    ...actual.map(({ automation_id, name }) => ({ deployment_id, automation_id, name })),
    ...desired.items.map(({ name }) => ({ deployment_id, name })),
    ...desired.removed.map(({ ref }) => ({ deployment_id, name: ref })),
  ]);
  for (const each of named) selection.except.matches(each);
  const isReadWhole = states.every(({ error }) => error === undefined);
  const names = named.map(({ name }) => name);
  if (refusesUnmatched || strict) checkUnmatched(printer, selection, { isReadWhole, names });
  else warnOfUnmatched(printer, selection);
  if (strict && isReadWhole) checkMatch(selection, names);
  if (!isWhole(selection)) return;
  const targets = states.map(({ target }) => target);
  const unmatched = unmatchedRefs(manifests, targets);
  if (strict) unmatched.throwIfAny([], { hint: seeDeployments });
  for (const mistake of unmatched.all) printer.warn(mistakeText(mistake));
}

function checkMatch({ match }: Selection, names: readonly string[]): void {
  if (match === undefined || names.some(globMatcher(match))) return;
  throw new NothingFoundError(`--match ${JSON.stringify(match)} matches no automation`, {
    hint: whyNoneMatches(match, names) ?? "nothing was changed",
  });
}

/** False for some deployments alone: the files may name others. */
function isWhole({ deployments, customer, except }: Selection): boolean {
  return deployments.length === 0 && customer === undefined && except.values.length === 0;
}
