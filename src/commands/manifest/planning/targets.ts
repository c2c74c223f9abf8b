import type { DeploymentSummary } from "../../../api/types.js";
import type { Context } from "../../../context/context.js";
import { errorOf } from "../../../fleet/outcome.js";
import { readMany } from "../../../fleet/read-many.js";
import {
  type DeploymentTarget,
  listDeployments,
  type Selection,
  selectDeployments,
  selectsDeployments,
  toTarget,
  wasListed,
} from "../../../fleet/selection.js";
import type { Manifest } from "../../../manifest/read/manifest.js";
import { needsDeployment } from "../../../manifest/state/desired-items.js";
import type { DeploymentManifests } from "../../../manifest/state/desired-state.js";
import { findFileTargets, hasTargets } from "../../../manifest/state/file-targets.js";
import { type UnknownDeploymentError, unknownDeployment } from "../../../operations/rows/session.js";
import { resolveDeployment } from "../../../operations/selection/resolve.js";
import type { OpenRecord } from "../record/writer.js";

interface Resolving {
  selection: Selection;
  manifests: readonly Manifest[];
  record: OpenRecord | undefined;
}

interface ResolvedDeployments {
  parts: readonly DeploymentManifests[];
  /** Errors for recorded deployments that are part of the run but can't be seen or read. */
  unknown: readonly UnknownDeploymentError[];
}

/** True if a run covers everything that the files name, or all deployments. */
export function reachesAll({ selection, manifests }: Pick<Resolving, "selection" | "manifests">): boolean {
  return selection.allDeployments || (!selectsDeployments(selection) && manifests.every(hasTargets));
}

/**
 * Decides which manifests apply to which deployment: all of them to those selected by flags; otherwise each to its own
 * `deployments`, or to the current one (src/manifest/README.md). Adds recorded deployments that a list doesn't contain,
 * with one GET for each. Throws what `findFileTargets` and `checkSeen` throw.
 */
export async function resolveManifests(context: Context, work: Resolving): Promise<ResolvedDeployments> {
  const { selection, manifests, record } = work;
  const parts = await partsOf(context, work);
  if (record === undefined) return { parts, unknown: [] };
  const targets = parts.map(({ target }) => target);
  await record.checkSeen(context, { targets });
  const { found, unknown } = await readElsewhere(context, { ...work, record, targets });
  const others = selection.allDeployments
    ? found.filter((each) => !selection.except.matchesDeployment(each))
    : [];
  return {
    parts: [...parts, ...others.map((each) => ({ target: toTarget(each, { isNamed: false }), manifests }))],
    unknown,
  };
}

async function partsOf(
  context: Context,
  work: Pick<Resolving, "selection" | "manifests">,
): Promise<DeploymentManifests[]> {
  const { selection, manifests } = work;
  if (selectsDeployments(selection)) {
    const targets = await selectDeployments(await context.client(), selection, context.signal);
    return targets.map((target) => ({ target, manifests }));
  }
  const ofFiles = await targetsOfFiles(context, work);
  const others = manifests.filter((manifest) => !ofFiles.has(manifest));
  const chosen = others.length === 0 ? [] : await selectChosen(context, selection);
  const parts = new Map<string, { target: DeploymentTarget; manifests: Manifest[] }>();
  for (const manifest of manifests) {
    for (const target of ofFiles.get(manifest) ?? (others.includes(manifest) ? chosen : [])) {
      const part = parts.get(target.deployment_id);
      part?.manifests.push(manifest);
      if (part === undefined) parts.set(target.deployment_id, { target, manifests: [manifest] });
    }
  }
  return [...parts.values()];
}

async function targetsOfFiles(
  context: Context,
  { selection: { except }, manifests }: Pick<Resolving, "selection" | "manifests">,
): Promise<Map<Manifest, DeploymentTarget[]>> {
  if (!manifests.some(hasTargets)) return new Map();
  const isReadWhole = except.values.length > 0 || needsDeployment(manifests);
  const { signal } = context;
  const found = await findFileTargets(manifests, { client: await context.client(), signal, isReadWhole });
  const isLeft = ({ deployment_id, name, customer_id }: DeploymentTarget) =>
    !except.matches({ deployment_id, deployment_name: name, customer_id });
  return new Map([...found].map(([manifest, targets]) => [manifest, targets.filter(isLeft)]));
}

async function selectChosen(context: Context, selection: Selection): Promise<DeploymentTarget[]> {
  const deployments = [await resolveDeployment(context, { mayBeMany: true })];
  return selectDeployments(await context.client(), { ...selection, deployments }, context.signal);
}

interface Elsewhere extends Omit<Resolving, "record"> {
  record: OpenRecord;
  targets: readonly DeploymentTarget[];
}

/** Requests the recorded deployments that are part of the run but are neither targets nor listed. */
async function readElsewhere(
  context: Context,
  work: Elsewhere,
): Promise<{ found: DeploymentSummary[]; unknown: UnknownDeploymentError[] }> {
  const { selection, record, targets } = work;
  if (!reachesAll(work)) return { found: [], unknown: [] };
  const known = new Set(targets.map(({ deployment_id }) => deployment_id));
  const recorded = record.contents.deploymentIds.filter((id) => !known.has(id));
  const client = await context.client();
  if (!selection.allDeployments && recorded.length > 0)
    await listDeployments(client, undefined, context.signal);
  const ids = recorded.filter(
    (id) => !wasListed(client, id) && !selection.except.matchesDeployment({ deployment_id: id }),
  );
  return askFor(context, ids);
}

/** Requests each deployment with a GET of its own. */
export async function askFor(
  context: Context,
  ids: readonly string[],
): Promise<{ found: DeploymentSummary[]; unknown: UnknownDeploymentError[] }> {
  const client = await context.client();
  const { signal } = context;
  const results = await readMany(
    ids.map((deployment_id) => ({ deployment_id })),
    { client, signal, read: ({ deployment_id }) => client.deployments.get(deployment_id, { signal }) },
  );
  signal.throwIfAborted();
  return {
    found: results.flatMap(({ outcome }) => ("value" in outcome ? outcome.value : [])),
    unknown: results.flatMap(({ item, outcome }) =>
      "value" in outcome ? [] : unknownDeployment(context, { ...item, cause: errorOf(outcome) }),
    ),
  };
}
