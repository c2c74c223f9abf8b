import type { HermClient } from "../../api/client.js";
import { saysNotThere } from "../../api/exchange.js";
import type { DeploymentSummary } from "../../api/types.js";
import { didYouMeanOne } from "../../errors/near-misses.js";
import { unlessGone } from "../../fleet/read-many.js";
import { isDeploymentId, seeDeployments } from "../../fleet/refs.js";
import { type DeploymentTarget, listDeployments, toTarget } from "../../fleet/selection.js";
import { excerpt, type Mistake, Mistakes } from "../mistake.js";
import type { Manifest, ManifestItem, PositionedRef } from "../read/manifest.js";
import { nameInKey, type RecordEntry } from "../record/automation-record.js";
import { type Audience, deploymentValues } from "../values/variables.js";
import type { DeploymentState } from "./deployment-state.js";

export function hasTargets({ deployments }: Pick<Manifest, "deployments">): boolean {
  return deployments !== undefined;
}

interface TargetReading {
  client: HermClient;
  signal: AbortSignal;
  /** True if every deployment is read, because `--except` needs more than ids. */
  isReadWhole: boolean;
}

/**
 * Finds the deployments that each manifest names, by ids and exact names. Throws ManifestError with every ref without
 * a match, or with several though it means one.
 */
export async function findFileTargets(
  manifests: readonly Manifest[],
  reading: TargetReading,
): Promise<Map<Manifest, DeploymentTarget[]>> {
  const all = manifests.filter(hasTargets);
  const finder = new TargetFinder(reading);
  await finder.read(new Set(all.flatMap(({ deployments = [] }) => deployments.map(({ ref }) => ref))));
  const found = new Map(all.map((manifest) => [manifest, finder.targetsOf(manifest)]));
  finder.mistakes.throwIfAny([], { hint: seeDeployments });
  return found;
}

/** Throws ManifestError for unread ids that, according to their states, can't be seen. */
export function refuseMissing(states: readonly DeploymentState[], manifests: readonly Manifest[]): void {
  const missing = states.filter(({ error }) => saysNotThere(error));
  const ids = new Set(missing.map(({ target }) => target.deployment_id));
  const mistakes = new Mistakes();
  for (const { ref, position } of manifests.flatMap(({ deployments = [] }) => deployments)) {
    if (ids.has(ref)) mistakes.add({ position, ...aboutMissing(ref) });
  }
  mistakes.throwIfAny([], { hint: seeDeployments });
}

class TargetFinder {
  readonly mistakes = new Mistakes();
  #existing: readonly DeploymentSummary[] = [];
  readonly #byId = new Map<string, DeploymentTarget>();

  constructor(private readonly reading: TargetReading) {}

  /** Reads ids with one request each, but a single id without any; other refs require the list. */
  async read(refs: ReadonlySet<string>): Promise<void> {
    const { client, signal, isReadWhole } = this.reading;
    const [firstRef] = refs;
    if (![...refs].every(isDeploymentId)) {
      this.#existing = await listDeployments(client, undefined, signal);
      for (const each of this.#existing)
        this.#byId.set(each.deployment_id, toTarget(each, { isNamed: true }));
    } else if (firstRef !== undefined && refs.size === 1 && !isReadWhole) {
      this.#byId.set(firstRef, { deployment_id: firstRef, name: firstRef, isNamed: true });
    } else {
      for (const ref of refs) {
        const found = await unlessGone(client.deployments.get(ref, { signal }));
        if (found !== undefined) this.#byId.set(ref, toTarget(found, { isNamed: true }));
      }
    }
  }

  targetsOf({ deployments = [] }: Manifest): DeploymentTarget[] {
    const named = deployments.flatMap((deployment) => this.#named(deployment) ?? []);
    return [...new Map(named.map((target) => [target.deployment_id, target])).values()];
  }

  #named({ ref, position }: PositionedRef): DeploymentTarget | undefined {
    const fitting = isDeploymentId(ref) ? [] : this.#existing.filter(({ name }) => name === ref);
    const [only] = fitting;
    if (only !== undefined && fitting.length === 1) return toTarget(only, { isNamed: true });
    const byId = this.#byId.get(ref);
    if (byId === undefined) this.mistakes.add({ position, ...this.#aboutNamed(ref, fitting) });
    return byId;
  }

  #aboutNamed(ref: string, fitting: readonly DeploymentSummary[]): Omit<Mistake, "position"> {
    if (isDeploymentId(ref)) return aboutMissing(ref);
    if (fitting.length > 0) {
      const ids = fitting.map(({ deployment_id }) => deployment_id).join(", ");
      const message = `${fitting.length} deployments are named "${excerpt(ref)}"`;
      return { message, suggestion: `give one of their ids: ${ids}` };
    }
    const names = this.#existing.flatMap(({ name }) => (name ? [excerpt(name)] : []));
    const message = `no deployment named "${excerpt(ref)}"`;
    return { message, suggestion: /[*?]/.test(ref) ? globHint : didYouMeanOne(ref, names) };
  }
}

function aboutMissing(id: string): Omit<Mistake, "position"> {
  const suggestion = "ids differ between environments; export --by-name writes names";
  return { message: `deployment ${excerpt(id)} isn't visible to this key`, suggestion };
}

const globHint = "use a name, not a glob; to narrow down --all-deployments, use for: {deployments: […]}";

/** Ids of recorded automations whose item has a `for` without a match among these deployments. */
export function idsForNobody(
  manifests: readonly Manifest[],
  { targets, entries }: { targets: readonly DeploymentTarget[]; entries: readonly RecordEntry[] },
): string[] {
  const values = targets.map(deploymentValues);
  const items = manifests
    .flatMap((manifest) => manifest.items)
    .filter(
      ({ audience }) =>
        isNarrowedByFor(audience) && values.every((each) => audience.rankFor(each) === undefined),
    );
  const recorded = entries.filter(({ key }) => items.some((item) => mayBe(item, key)));
  return recorded.map(({ automation_id }) => automation_id);
}

function isNarrowedByFor({ forRefs, within }: Audience): boolean {
  return (forRefs ?? within?.forRefs ?? []).length > 0;
}

/** True if a record's key is the item's, or may be with some deployment's values. */
function mayBe({ id, name }: ManifestItem, key: string): boolean {
  if (id !== undefined || name === undefined) return id === key;
  if (!key.startsWith('"')) return false;
  const pattern = name.parts.map((part) =>
    typeof part === "string" ? part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&") : ".*",
  );
  return new RegExp(`^${pattern.join("")}$`, "s").test(nameInKey(key));
}
