import type { Context } from "../../context.js";
import { globMatcher } from "../../fleet/glob.js";
import { type AutomationRef, isDeploymentId, itemKey, parseRef, prefixReadings } from "../../fleet/refs.js";
import { findDeployments, listDeployments, noDeployments, type Selection } from "../../fleet/selection.js";
import type { Change, ChangeItem } from "../../history/change.js";
import { incidentKey } from "../../history/incident-files.js";

interface FilterRef extends Pick<AutomationRef, "automation_id" | "name"> {
  deployments: ReadonlySet<string> | undefined;
}

/**
 * Filters items of the history by refs and selectors. Asks the API for the list of deployments alone, where one is named:
 * what is deleted is in the history still.
 */
export class ItemFilter {
  /** Keys of what a name matched, to find it under its older names. */
  readonly #known = new Set<string>();

  private constructor(
    private readonly refs: readonly FilterRef[],
    private readonly deployments: ReadonlySet<string> | undefined,
    private readonly matches: (name: string | null | undefined) => boolean,
    private readonly isExcluded: (item: ChangeItem) => boolean,
    /** True without any filter: a change of no items is shown too. */
    private readonly isEverything: boolean,
  ) {}

  static async of(
    context: Context,
    texts: readonly string[],
    { deployments, customer, match, except }: Selection,
  ): Promise<ItemFilter> {
    const refs = texts.map(parseRef);
    const isPlaced = refs.some((ref) => prefixReadings(ref).length > 0);
    const isListed = isPlaced || customer !== undefined || except.values.length > 0;
    const everyone = isListed ? await listDeployments(await context.client(), undefined, context.signal) : [];
    const known = new Map(everyone.map((each) => [each.deployment_id, each]));
    const ids =
      customer === undefined
        ? await idsOf(context, deployments)
        : everyone.filter((each) => each.customer_id === customer).map((each) => each.deployment_id);
    if (customer !== undefined && ids.length === 0) throw noDeployments(customer);
    const chosen = customer === undefined && deployments.length === 0 ? undefined : new Set(ids);
    const filterRefs = refs.flatMap((ref): FilterRef[] => [
      { ...ref, deployments: ref.deployment_id === undefined ? undefined : new Set([ref.deployment_id]) },
      ...prefixReadings(ref).flatMap(({ deployment, ref: inside }) => {
        const ids = everyone
          .filter(({ name }) => name === deployment)
          .map(({ deployment_id }) => deployment_id);
        return ids.length === 0 ? [] : [{ ...inside, deployments: new Set(ids) }];
      }),
    ]);
    const glob = match === undefined ? undefined : globMatcher(match);
    const matches = (name: string | null | undefined) => glob === undefined || (name ? glob(name) : false);
    const isExcluded = ({ deployment_id, automation_id, name }: ChangeItem) => {
      const { name: deployment_name, customer_id } = known.get(deployment_id) ?? {};
      const place = { deployment_id, deployment_name, customer_id };
      return except.matches({ ...place, automation_id: automation_id ?? undefined, name });
    };
    const isEverything = refs.length === 0 && chosen === undefined && match === undefined;
    return new ItemFilter(
      filterRefs,
      chosen,
      matches,
      isExcluded,
      isEverything && except.values.length === 0,
    );
  }

  /** Tests a change, newest first, so that older names are found too. The name of an incident matches its changes. */
  fits({ items, incident }: Change): boolean {
    if (incident !== undefined && this.refs.some(({ name }) => isOf(incident, name))) return true;
    if (items.length === 0) return this.isEverything;
    return items.filter((item) => this.#fitsItem(item)).length > 0;
  }

  #fitsItem(item: ChangeItem): boolean {
    const { deployment_id, automation_id, name, after } = item;
    if (this.deployments?.has(deployment_id) === false || this.isExcluded(item)) return false;
    if (this.#known.has(itemKey(item))) return true;
    const isNamed = (ref: FilterRef) => {
      if (ref.deployments?.has(deployment_id) === false) return false;
      if (ref.automation_id !== undefined) return ref.automation_id === automation_id;
      return ref.name === name || ref.name === after?.name;
    };
    const isMatched = this.matches(name) || this.matches(after?.name);
    const isFound = isMatched && (this.refs.length === 0 || this.refs.some(isNamed));
    if (isFound && automation_id !== null) this.#known.add(itemKey(item));
    return isFound;
  }
}

function isOf(incident: string, name: string | undefined): boolean {
  return name !== undefined && incidentKey(name) === incidentKey(incident);
}

async function idsOf(context: Context, refs: readonly string[]): Promise<readonly string[]> {
  if (refs.every(isDeploymentId)) return refs;
  const found = await findDeployments(await context.client(), refs, context.signal);
  return found.map(({ deployment_id }) => deployment_id);
}
