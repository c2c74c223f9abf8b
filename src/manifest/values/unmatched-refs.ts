import { globMatcher } from "../../fleet/glob.js";
import { isDeploymentId } from "../../fleet/refs.js";
import type { DeploymentTarget } from "../../fleet/selection.js";
import { didYouMeanOne } from "../../near-misses.js";
import { excerpt, Mistakes, positionText } from "../mistake.js";
import type { Manifest } from "../read/manifest.js";
import type { AudienceRef } from "./audience.js";

/** Everything that `for` and `not` of manifests and values name, or one of the two, each position once. */
export function refsOf(
  manifests: readonly Manifest[],
  which: "refs" | "forRefs" | "notRefs" = "refs",
): AudienceRef[] {
  const audiences = manifests.flatMap(({ audience: whole, items, expander }) => [
    whole,
    ...items.map(({ audience }) => audience),
    ...expander.layers.audiences,
  ]);
  const refs = [...new Set(audiences)].flatMap((audience) => audience[which] ?? []);
  return [...new Map(refs.map((ref) => [positionText(ref.position), ref])).values()];
}

/** Refs of `for` or of `not` that match none of the deployments, whose names and customers are known. */
export function unmatchedRefs(
  manifests: readonly Manifest[],
  { which, targets }: { which: "forRefs" | "notRefs"; targets: readonly DeploymentTarget[] },
): Mistakes {
  const mistakes = new Mistakes();
  const ids = new Set(targets.map(({ deployment_id }) => deployment_id));
  const customers = new Set(targets.map(({ customer_id }) => customer_id));
  const names = targets.map(({ name }) => name);
  for (const { kind, ref, position } of refsOf(manifests, which)) {
    const isCustomer = kind === "customer";
    const isId = isCustomer || isDeploymentId(ref);
    const isMatched = isId ? (isCustomer ? customers : ids).has(ref) : names.some(globMatcher(ref));
    if (isMatched) continue;
    const known = isCustomer ? [...customers].filter((each) => each !== undefined) : isId ? [...ids] : names;
    const verb = isCustomer ? "has" : "matches";
    const message = `${kind} ${excerpt(ref)} ${verb} none of the selected deployments`;
    mistakes.add({ position, message, suggestion: didYouMeanOne(ref, known) });
  }
  return mistakes;
}
