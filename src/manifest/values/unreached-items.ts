import type { DeploymentTarget } from "../../fleet/selection.js";
import { didYouMeanOne } from "../../near-misses.js";
import { Mistakes } from "../mistake.js";
import type { Manifest, ManifestItem } from "../read/manifest.js";
import type { RecordEntry } from "../record/automation-record.js";
import { nameInKey } from "../record/key.js";
import { deploymentValues } from "./variables.js";

/** An item that the record has, and whose `for` matches none of some deployments. */
export interface UnreachedItem {
  item: ManifestItem;
  recorded: number;
}

/** Items that the record has, and that are for none of these deployments. */
export function unreachedItems(
  manifests: readonly Manifest[],
  { targets, entries }: { targets: readonly DeploymentTarget[]; entries: readonly RecordEntry[] },
): UnreachedItem[] {
  const values = targets.map(deploymentValues);
  return manifests.flatMap(({ items }) =>
    items.flatMap((item) => {
      const { audience } = item;
      if (refsOf(item).length === 0 || values.some((each) => audience.rankFor(each) !== undefined)) return [];
      const recorded = entries.filter(({ key }) => mayBe(item, key)).length;
      return recorded === 0 ? [] : [{ item, recorded }];
    }),
  );
}

/** Mistakes of items that are for no deployment at all: with `--prune` all that the record has of them would go. */
export function unreachedMistakes(
  unreached: readonly UnreachedItem[],
  everyone: readonly DeploymentTarget[],
): Mistakes {
  const mistakes = new Mistakes();
  const known = everyone.flatMap(({ deployment_id, name, customer_id }) => [
    name,
    deployment_id,
    customer_id ?? "",
  ]);
  for (const { item, recorded } of unreached) {
    const [first] = refsOf(item);
    if (first === undefined) continue;
    const automations = recorded === 1 ? "1 automation" : `${recorded} automations`;
    const message = `for: matches none of the ${everyone.length} deployments that this key sees, so --prune would delete ${automations} that the record has of this item`;
    mistakes.add({ position: first.position, message, suggestion: didYouMeanOne(first.ref, known) });
  }
  return mistakes;
}

function refsOf({ audience: { forRefs, within } }: ManifestItem) {
  return forRefs ?? within?.forRefs ?? [];
}

/** True when a record's key is the item's, or may be with some deployment's values. */
function mayBe({ id, name }: ManifestItem, key: string): boolean {
  if (id !== undefined || name === undefined) return id === key;
  if (!key.startsWith('"')) return false;
  const pattern = name.parts.map((part) =>
    typeof part === "string" ? part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&") : ".*",
  );
  return new RegExp(`^${pattern.join("")}$`, "s").test(nameInKey(key));
}
