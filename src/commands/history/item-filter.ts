import type { DeploymentSummary } from "../../api/types.js";
import type { Context } from "../../context.js";
import { globMatcher } from "../../fleet/glob.js";
import { isDeploymentId, itemKey, type ParsedRef, parseRef, prefixReadings } from "../../fleet/refs.js";
import { findDeployments, listDeployments, noDeployments, type Selection } from "../../fleet/selection.js";
import type { Change, ChangeItem } from "../../history/change.js";
import { incidentKey } from "../../history/incident-files.js";

interface FilterRef extends Pick<ParsedRef, "automation_id" | "name"> {
  deployments: ReadonlySet<string> | undefined;
}

/**
 * Loads a filter of changes by refs and selectors. Asks the API for the list of deployments alone, where one is named:
 * what is deleted is in the history still. Test changes newest first, so that what a name matched is found under its
 * older names too. The name of an incident matches its changes.
 */
export async function loadChangeFilter(
  context: Context,
  texts: readonly string[],
  { deployments, customer, match, except }: Selection,
): Promise<(change: Change) => boolean> {
  const parsed = texts.map(parseRef);
  const isPlaced = parsed.some((ref) => prefixReadings(ref).length > 0);
  const isListed = isPlaced || customer !== undefined || except.values.length > 0;
  const everyone = isListed ? await listDeployments(await context.client(), undefined, context.signal) : [];
  const known = new Map(everyone.map((each) => [each.deployment_id, each]));
  const idsWhere = (fits: (deployment: DeploymentSummary) => boolean) =>
    everyone.filter(fits).map(({ deployment_id }) => deployment_id);
  const ids =
    customer === undefined
      ? await idsOf(context, deployments)
      : idsWhere(({ customer_id }) => customer_id === customer);
  if (customer !== undefined && ids.length === 0) throw noDeployments(customer);
  const chosen = customer === undefined && deployments.length === 0 ? undefined : new Set(ids);
  const refs = parsed.flatMap((ref): FilterRef[] => [
    { ...ref, deployments: ref.deployment_id === undefined ? undefined : new Set([ref.deployment_id]) },
    ...prefixReadings(ref).flatMap(({ deployment, ref: inside }) => {
      const named = idsWhere(({ name }) => name === deployment);
      return named.length === 0 ? [] : [{ ...inside, deployments: new Set(named) }];
    }),
  ]);
  const fitsGlob = match === undefined ? undefined : globMatcher(match);
  const matched = new Set<string>();
  const fitsItem = (item: ChangeItem): boolean => {
    const { deployment_id, automation_id, name, after } = item;
    if (chosen?.has(deployment_id) === false) return false;
    const { name: deployment_name, customer_id } = known.get(deployment_id) ?? {};
    const ids = { deployment_id, automation_id: automation_id ?? undefined };
    if (except.matches({ ...ids, deployment_name, customer_id, name })) return false;
    if (matched.has(itemKey(item))) return true;
    const isNamed = (ref: FilterRef) => {
      if (ref.deployments?.has(deployment_id) === false) return false;
      if (ref.automation_id !== undefined) return ref.automation_id === automation_id;
      return ref.name === name || ref.name === after?.name;
    };
    const isMatched = fitsGlob === undefined || [name, after?.name].some((each) => each && fitsGlob(each));
    const isFound = isMatched && (refs.length === 0 || refs.some(isNamed));
    if (isFound && automation_id !== null) matched.add(itemKey(item));
    return isFound;
  };
  const isEverything =
    refs.length + except.values.length === 0 && chosen === undefined && match === undefined;
  return ({ items, incident }) => {
    if (incident !== undefined && refs.some(({ name }) => isOf(incident, name))) return true;
    // Without any filter a change of no items is shown too. Each item is tested: names are learnt.
    return items.length === 0 ? isEverything : items.filter(fitsItem).length > 0;
  };
}

function isOf(incident: string, name: string | undefined): boolean {
  return name !== undefined && incidentKey(name) === incidentKey(incident);
}

async function idsOf(context: Context, refs: readonly string[]): Promise<readonly string[]> {
  if (refs.every(isDeploymentId)) return refs;
  const found = await findDeployments(await context.client(), refs, context.signal);
  return found.map(({ deployment_id }) => deployment_id);
}
