/** Reads the automations that a selection means, and narrows a change or an incident to a selection. */

import type { DeploymentSummary } from "../../api/types.js";
import type { Context } from "../../context/context.js";
import { NothingFoundError } from "../../errors/cli-errors.js";
import { refuseUnmatched } from "../../fleet/exclusions.js";
import type { DeploymentReading } from "../../fleet/read-fleet.js";
import { itemKey, parseRef } from "../../fleet/refs.js";
import { keysOfRefs, type RefDeployment } from "../../fleet/resolve-refs.js";
import { type Selection, selectsDeployments } from "../../fleet/selection.js";
import type { ChangeItem } from "../../history/change.js";
import type { ScopeLine } from "../../history/incident-lines.js";
import { type FleetItem, fleetItems } from "../../incident/pause-plan.js";
import {
  type Candidate,
  deploymentsOf as deploymentsInScope,
  scopeTest,
  selectorTest,
  toScope,
} from "../../incident/scope.js";
import { groupBy } from "../../manifest/group-by.js";
import { canonicalRefs, resolveDeployment } from "../selection/resolve.js";
import { checkUnmatched } from "../selection/selection-flags.js";
import { whyNoneMatches } from "../selection/why-empty.js";
import { throwOutage } from "./exit-error.js";
import { type FleetRow, unreadRow } from "./result-rows.js";
import { selectFailing } from "./select-failing.js";
import { deploymentsById, type FleetSession, type ReadOptions, readDeployments } from "./session.js";

/** The refs or selection that a command works on. */
export interface TargetChoice {
  refs: readonly string[];
  selection: Selection;
  /** Selectors choose first, and refs choose among their matches; without selectors, refs alone choose. */
  isSelection: boolean;
  isSingle: boolean;
}

interface ReadScope {
  scope: ScopeLine;
  deployments: DeploymentSummary[];
  readings: DeploymentReading[];
  items: readonly FleetItem[];
  /** Rows for automations that may be failing, but aren't selected because their runs couldn't be read. */
  unreadRows: FleetRow[];
}

interface ScopeOptions extends Pick<ReadOptions, "known" | "knownBy" | "concurrency"> {
  /** Keys of automations that are selected even if they aren't failing. */
  includes?: ReadonlySet<string> | undefined;
  /** True if a selection by failures excludes paused automations. */
  skipsPaused?: boolean;
}

/**
 * Reads the deployments of refs and selectors, and finds their matches. Before any change, throws if one of them or
 * an `--except` matches none, the outage's error if all reads fail, and what `chooseFailing` throws.
 */
export async function readScope(
  context: Context,
  session: FleetSession,
  choice: Omit<TargetChoice, "isSingle">,
  options: ScopeOptions = {},
): Promise<ReadScope> {
  const { selection, isSelection } = choice;
  const isPlaced = isSelection || selectsDeployments(selection);
  const refs = isPlaced ? choice.refs : await canonicalRefs(context, choice.refs);
  const { scope: wide, deployments: listed } = await chooseScope(context, session, { ...choice, refs });
  const ids = (options.known ?? []).map(({ deployment_id }) => deployment_id);
  const known = deploymentsInScope(wide, deploymentsById(ids, session.allDeployments));
  const deployments = [...new Set([...listed, ...known])];
  const readings = await readDeployments(context, session, { deployments, ...options });
  await throwOutage(readings, { client: session.client, signal: context.signal });
  const scope = refs.length === 0 ? wide : { ...wide, automations: keysOf(refs, readings) };
  checkFits(scope, { selection, readings, session });
  const called = fleetItems(readings).filter(scopeTest(scope));
  const chosen = await chooseFailing(context, session, selection, { ...options, readings, called });
  const isWhole = selection.failures === undefined;
  const failing = isWhole ? scope : { ...scope, automations: chosen.items.map(itemKey) };
  return { scope: failing, deployments, readings, ...chosen };
}

/** If requested, narrows the choice to failing automations. Throws QuietExit (0) if none is failing. */
export async function chooseFailing(
  context: Context,
  { printer }: Pick<FleetSession, "printer">,
  { failures }: Selection,
  {
    readings,
    called,
    concurrency,
    ...options
  }: ScopeOptions & { readings: readonly DeploymentReading[]; called: readonly FleetItem[] },
) {
  const { items, unreadable } = await selectFailing(context, called, {
    ...{ failures, printer, isChange: true, concurrency },
    ...{ includes: options.includes, skipsPaused: options.skipsPaused },
    isFleet: readings.length > 1,
    unlisted: readings.flatMap(({ deployment: { name, deployment_id }, error }) =>
      error === undefined ? [] : [{ kind: "deployment" as const, what: name ?? deployment_id, error }],
    ),
  });
  return { items, unreadable, unreadRows: unreadable.map(({ item, error }) => unreadRow(item, error)) };
}

/** The deployments that selectors choose or refs name before a slash, or else the current one. */
async function chooseScope(
  context: Context,
  { allDeployments }: FleetSession,
  { refs, selection, isSelection }: Omit<TargetChoice, "isSingle">,
): Promise<{ scope: ScopeLine; deployments: DeploymentSummary[] }> {
  const deployments = [...selection.deployments];
  if (!selectsDeployments(selection)) {
    const places = refs.map((ref) => parseRef(ref).deployment_id);
    const isBare = isSelection || places.length === 0 || places.includes(undefined);
    if (isBare) deployments.push(await resolveDeployment(context, { mayBeMany: isSelection }));
    if (!isSelection) deployments.push(...places.flatMap((place) => place ?? []));
  }
  const except = selection.except.values;
  const scope = toScope(
    { ...selection, deployments, except },
    { existing: allDeployments, at: context.now() },
  );
  return { scope, deployments: deploymentsInScope(scope, allDeployments) };
}

function checkFits(
  scope: ScopeLine,
  {
    selection,
    readings,
    session,
  }: { selection: Selection; readings: readonly DeploymentReading[]; session: FleetSession },
): void {
  const items = fleetItems(readings);
  const isReadWhole = readings.every(({ error }) => error === undefined);
  if (isReadWhole && selection.match !== undefined && !items.some(selectorTest(scope))) {
    const why = whyNoneMatches(
      selection.match,
      items.flatMap(({ name }) => name ?? []),
    );
    throw new NothingFoundError(`--match ${JSON.stringify(selection.match)} matches no automation`, {
      hint: (herm) => `nothing was changed; ${why ?? `to see all of them: ${herm("automations", "list")}`}`,
    });
  }
  const deployments = deploymentsInScope({ ...scope, except: [] }, session.allDeployments);
  for (const deployment of deployments) selection.except.matchesDeployment(deployment);
  for (const item of items) selection.except.matches(item);
  const names = [...items, ...deployments].flatMap(({ name }) => name ?? []);
  checkUnmatched(session.printer, selection, { isReadWhole, names });
}

/** Throws the deployment's own error for a ref that couldn't be looked up. */
function keysOf(refs: readonly string[], readings: readonly DeploymentReading[]): string[] {
  const places = readings.map(({ deployment, automations }) => ({
    deployment_id: deployment.deployment_id,
    deployment_name: deployment.name,
    automations,
  }));
  try {
    return keysOfRefs(refs, places);
  } catch (error) {
    throw readings.find((reading) => reading.error !== undefined)?.error ?? error;
  }
}

interface Narrowing {
  selection: Selection;
  candidates: readonly Candidate[];
  /** If there are any, lists only these refs. */
  refs?: readonly string[];
  at: Date;
  /** What is narrowed: `the incident`. */
  where: string;
}

/** Returns a filter for a selection's candidates. Throws NothingFoundError if a selector or ref matches none. */
export function narrowTo(
  existing: readonly DeploymentSummary[],
  { selection, candidates, refs = [], at, where }: Narrowing,
): { isSelected(candidate: Candidate): boolean; isExcluded(candidate: Candidate): boolean } {
  const scope = toScope({ ...selection, except: [] }, { existing, at });
  const deploymentNames = new Map(existing.map(({ deployment_id, name }) => [deployment_id, name]));
  const automations = refs.length === 0 ? undefined : keysOfRefs(refs, placesOf(candidates, deploymentNames));
  const isSelected = selectorTest({ ...scope, automations });
  if (candidates.length > 0 && !candidates.some(isSelected)) {
    throw new NothingFoundError(`the selectors match nothing in ${where}`, { hint: "nothing was changed" });
  }
  const isExcluded = (item: Candidate) =>
    selection.except.matches({ ...item, deployment_name: deploymentNames.get(item.deployment_id) });
  for (const candidate of candidates) isExcluded(candidate);
  const places = new Set(candidates.map((item) => deploymentNames.get(item.deployment_id)));
  const names = [...candidates.map(({ name }) => name), ...places].flatMap((name) => name ?? []);
  refuseUnmatched(selection.except, { where, names });
  return { isSelected, isExcluded };
}

/** Selects a change's items, with current names, even in an unlisted deployment. Throws what `narrowTo` throws. */
export function narrowChange<Item extends Pick<ChangeItem, "deployment_id" | "automation_id" | "name">>(
  listed: readonly DeploymentSummary[],
  { items, selection, at }: { items: readonly Item[]; selection: Selection; at: Date },
): (Candidate & { item: Item })[] {
  const ids = [...listed, ...items].map(({ deployment_id }) => deployment_id);
  const existing = deploymentsById(ids, listed);
  const known = new Map(existing.map((each) => [each.deployment_id, each]));
  const candidates = items.map((item) => {
    const { deployment_id, automation_id, name } = item;
    const { customer_id, name: deployment_name = deployment_id } = known.get(deployment_id) ?? {};
    return { deployment_id, deployment_name, customer_id, automation_id: automation_id ?? "", name, item };
  });
  const narrowed = narrowTo(existing, { selection, candidates, at, where: "the change" });
  return candidates.filter((each) => narrowed.isSelected(each) && !narrowed.isExcluded(each));
}

function placesOf(
  candidates: readonly Candidate[],
  deploymentNames: ReadonlyMap<string, string | null | undefined>,
): RefDeployment[] {
  const groups = groupBy(candidates, ({ deployment_id }) => deployment_id);
  return [...groups].map(([deployment_id, theirs]) => ({
    deployment_id,
    deployment_name: deploymentNames.get(deployment_id),
    automations: theirs.map((candidate) => ({ ...candidate })),
  }));
}
