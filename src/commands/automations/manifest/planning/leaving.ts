import type { Context } from "../../../../context.js";
import { UsageError } from "../../../../errors.js";
import { unlessGone } from "../../../../fleet/read-many.js";
import { isDeploymentId } from "../../../../fleet/refs.js";
import {
  listDeployments,
  type Selection,
  selectsDeployments,
  toTarget,
} from "../../../../fleet/selection.js";
import type { Manifest } from "../../../../manifest/read/manifest-set.js";
import type { DeploymentManifests } from "../../../../manifest/state/desired-state.js";
import type { OpenRecord } from "../record/open-record.js";

interface Leaving {
  selection: Selection;
  manifests: readonly Manifest[];
  parts: readonly DeploymentManifests[];
  record: OpenRecord | undefined;
}

/**
 * Adds the deployments that `leaving` names, with nothing desired, and has the record forget those that are gone.
 * Throws UsageError without a record.
 */
export async function withLeaving(
  context: Context,
  { selection, manifests, parts, record }: Leaving,
): Promise<DeploymentManifests[]> {
  const refs = new Set(manifests.flatMap(({ leaving }) => leaving.map(({ ref }) => ref)));
  if (refs.size === 0) return [...parts];
  if (record === undefined) {
    throw new UsageError("leaving: needs a record, and none is named", {
      hint: "record: herm.lock.yaml in a manifest, or --record, names one",
    });
  }
  const isLeaving = ({ target: { deployment_id, name } }: DeploymentManifests) =>
    refs.has(deployment_id) || refs.has(name);
  const found = parts.map((part) => (isLeaving(part) ? { ...part, manifests: [] } : part));
  // Of some deployments alone nothing is done elsewhere.
  const isWhole = !selectsDeployments(selection) || selection.allDeployments;
  const others = isWhole
    ? [...refs].filter(
        (ref) => !parts.some(({ target }) => [target.deployment_id, target.name].includes(ref)),
      )
    : [];
  for (const ref of others) {
    const target = await findTarget(context, ref, record);
    if (target !== undefined) found.push({ target, manifests: [] });
  }
  record.leave(found.filter(isLeaving).map(({ target }) => target.deployment_id));
  return found;
}

/** Gives undefined for one that the record has nothing in. */
async function findTarget(context: Context, ref: string, record: OpenRecord) {
  const client = await context.client();
  const { signal } = context;
  if (!isDeploymentId(ref)) {
    const named = (await listDeployments(client, undefined, signal)).find(({ name }) => name === ref);
    return named && toTarget(named, { isNamed: false });
  }
  if (!record.hasIn(ref)) return undefined;
  const deployment = await unlessGone(client.deployments.get(ref, { signal }));
  if (deployment === undefined) record.forget(ref);
  return deployment && toTarget(deployment, { isNamed: false });
}
