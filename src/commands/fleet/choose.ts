import type { DeploymentSummary } from "../../api/types.js";
import type { Context } from "../../context.js";
import { NothingFoundError } from "../../errors.js";
import type { DeploymentReading } from "../../fleet/read-fleet.js";
import { isNotReady } from "../../fleet/readiness.js";
import { itemKey, parseRef } from "../../fleet/refs.js";
import { resolveRefs } from "../../fleet/resolve-refs.js";
import { type Selection, selectsDeployments, toTarget } from "../../fleet/selection.js";
import type { ScopeLine } from "../../incident/ledger-lines.js";
import { fleetItems } from "../../incident/pause-plan.js";
import { deploymentsOf as deploymentsInScope, selectorTest, toScope } from "../../incident/scope.js";
import type { Printer } from "../../output/printer.js";
import { resolveDeployment } from "../targets/deployment.js";
import { checkUnfitted, warnOfAllLeftOut } from "../targets/selection.js";
import { whyNoneMatches } from "../targets/why-empty.js";
import type { FleetSession } from "./session.js";

/** What a command that changes many was told to work on. */
export interface Choosing {
  refs: readonly string[];
  selection: Selection;
  /** Selectors choose by themselves, refs only among what they chose; else the refs alone choose. */
  isSelection: boolean;
}

/** Where to look: the selectors' deployments, those before the refs' slashes, or else the one in force. */
export async function chooseScope(
  context: Context,
  { everyone }: FleetSession,
  { refs, selection, isSelection }: Choosing,
): Promise<{ scope: ScopeLine; deployments: DeploymentSummary[] }> {
  const deployments = [...selection.deployments];
  if (!selectsDeployments(selection)) {
    const places = refs.map((ref) => parseRef(ref).deploymentId);
    const isBare = isSelection || places.length === 0 || places.includes(undefined);
    if (isBare) deployments.push(await resolveDeployment(context, { mayBeMany: isSelection }));
    if (!isSelection) deployments.push(...places.flatMap((place) => place ?? []));
  }
  const except = selection.except.values;
  const scope = toScope({ ...selection, deployments, except }, { everyone, at: context.now() });
  return { scope, deployments: deploymentsInScope(scope, everyone) };
}

/**
 * Leaves out, with a warning, one of several that isn't ready; throws what else couldn't be read: what is chosen by name has to
 * be known whole.
 */
export function leaveOutUnready(printer: Printer, readings: readonly DeploymentReading[]): void {
  const unread = readings.filter(({ error }) => error !== undefined);
  const failed = unread.find(({ error }) => readings.length === 1 || !isNotReady(error));
  if (failed !== undefined) throw failed.error;
  warnOfAllLeftOut(
    printer,
    unread.map(({ deployment }) => toTarget(deployment, { isNamed: false })),
  );
}

interface Narrowing {
  choosing: Choosing;
  readings: readonly DeploymentReading[];
  session: FleetSession;
}

/** Refuses selectors that fit nothing, before anything is changed; refs become ids. */
export function narrowScope(scope: ScopeLine, { choosing, readings, session }: Narrowing): ScopeLine {
  const { refs, selection } = choosing;
  const covered = refs.length === 0 ? scope : { ...scope, automations: keysOf(refs, readings) };
  const items = fleetItems(readings);
  const isReadWhole = readings.every(({ error }) => error === undefined);
  if (isReadWhole && selection.match !== undefined && !items.some(selectorTest(covered))) {
    const why = whyNoneMatches(
      selection.match,
      items.flatMap(({ name }) => name ?? []),
    );
    throw new NothingFoundError(`--match ${JSON.stringify(selection.match)} matches no automation`, {
      hint: (herm) => `nothing was changed; ${why ?? `${herm("automations", "list")} shows what is there`}`,
    });
  }
  const deployments = deploymentsInScope({ ...scope, except: [] }, session.everyone);
  for (const deployment of deployments) selection.except.fitsDeployment(deployment);
  for (const item of items) selection.except.fits(item);
  const names = [...items, ...deployments].flatMap(({ name }) => name ?? []);
  checkUnfitted(session.printer, selection, { isReadWhole, names });
  return covered;
}

function keysOf(refs: readonly string[], readings: readonly DeploymentReading[]): string[] {
  const places = readings.map(({ deployment, automations }) => ({
    deploymentId: deployment.deployment_id,
    deploymentName: deployment.name,
    automations,
  }));
  return resolveRefs(refs, places).map(({ deploymentId, automation: { automation_id } }) =>
    itemKey({ deployment_id: deploymentId, automation_id }),
  );
}
