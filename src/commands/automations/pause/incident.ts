import type { DeploymentSummary } from "../../../api/types.js";
import type { Context } from "../../../context.js";
import { NothingFoundError, NotPossibleError } from "../../../errors.js";
import type { DeploymentReading } from "../../../fleet/read-fleet.js";
import { parseRef } from "../../../fleet/refs.js";
import { resolveRefs } from "../../../fleet/resolve-refs.js";
import { selectsDeployments } from "../../../fleet/selection.js";
import { claimsOf } from "../../../incident/claims.js";
import { requireSameApi } from "../../../incident/identity.js";
import { readLedger } from "../../../incident/ledger.js";
import type { ScopeLine } from "../../../incident/ledger-lines.js";
import { itemKey, type LedgerState } from "../../../incident/ledger-state.js";
import { readOpenStates } from "../../../incident/open-states.js";
import { fleetItems, planPause } from "../../../incident/pause-plan.js";
import {
  deploymentsOf as deploymentsInScope,
  scopeTest,
  selectorTest,
  toScope,
} from "../../../incident/scope.js";
import { errWidth } from "../../../output/sink.js";
import { throwOutage } from "../../fleet/outage.js";
import { persist } from "../../fleet/persist.js";
import {
  type FleetSession,
  openFleetSession,
  readDeployments,
  targetLine,
  warnOfBroken,
} from "../../fleet/session.js";
import { askForPlan, requireAsker } from "../../incidents/change-planned.js";
import { chooseLedger, type LedgerChoice, withChosenLedger } from "../../incidents/ledger-choice.js";
import { resolveDeployment } from "../../targets/deployment.js";
import { checkUnfitted } from "../../targets/selection.js";
import { whyNoneMatches } from "../../targets/why-empty.js";
import { carryOutPause, printPlannedPause } from "./outcome.js";
import { renderPausePlan } from "./plan-view.js";
import { namesOf, type PauseIncidentOptions, type PreparedPause } from "./prepared.js";

/** Pauses a selection, or refs for an incident, kept in a ledger (src/incident/README.md, "Pausing"). */
export async function pauseIncident(context: Context, options: PauseIncidentOptions): Promise<void> {
  const isAsked = options.isSelection && !options.yes && !options.dryRun;
  if (isAsked) requireAsker(context, "pausing a selection");
  const choice = chooseLedger(context, options);
  await persist(context);
  const session = await openFleetSession(context);
  if (options.dryRun) {
    const state = readLedger(context.settings.files, choice.place);
    const prepared = await prepare(context, session, { options, choice, state });
    showPlan(context, prepared, { choice, state });
    return printPlannedPause(prepared);
  }
  await withChosenLedger(context, options, async (open) => {
    const soFar = { choice: open.choice, state: open.ledger.state };
    const prepared = await prepare(context, session, { options, ...soFar });
    showPlan(context, prepared, soFar);
    if (isAsked) await askForPlan(context, "Pause", prepared.plan.toPause);
    await carryOutPause(context, prepared, open);
  });
}

interface LedgerSoFar {
  choice: LedgerChoice;
  state: LedgerState | undefined;
}

async function prepare(
  context: Context,
  session: FleetSession,
  { options, choice, state }: LedgerSoFar & { options: PauseIncidentOptions },
): Promise<PreparedPause> {
  if (state !== undefined) {
    requireSameApi(state, session.api);
    refuseClosed(state);
  }
  const { scope, deployments } = await chooseScope(context, session, options);
  const { concurrency } = options;
  const readings = await readDeployments(context, session, { deployments, concurrency });
  throwOutage(readings);
  const covered = narrow(scope, { options, readings, session });
  const { states, broken } = readOpenStates(context.settings, { api: session.api, except: choice.incident });
  warnOfBroken(session.printer, broken);
  const claims = claimsOf(state === undefined ? states : [state, ...states]);
  const plan = planPause({ readings, state, isSelected: scopeTest(covered), claims });
  return { session, options, scope: covered, deployments, plan };
}

function refuseClosed({ head, closed }: LedgerState): void {
  if (closed === undefined) return;
  throw new NotPossibleError(`incident ${head.incident} was closed at ${closed.at}`, {
    hint: (herm) =>
      `choose another name for a new one; ${herm("incidents", "reopen", head.incident)} goes on with this one`,
  });
}

/** Where to look: the selectors' deployments, those before the refs' slashes, or else the one in force. */
async function chooseScope(
  context: Context,
  { everyone }: FleetSession,
  { refs, selection, isSelection }: PauseIncidentOptions,
): Promise<{ scope: ScopeLine; deployments: DeploymentSummary[] }> {
  const deployments = [...selection.deployments];
  if (!selectsDeployments(selection)) {
    const places = refs.map((ref) => parseRef(ref).deploymentId);
    const isBare = isSelection || places.length === 0 || places.includes(undefined);
    if (isBare) deployments.push(await resolveDeployment(context));
    if (!isSelection) deployments.push(...places.flatMap((place) => place ?? []));
  }
  const except = selection.except.values;
  const scope = toScope({ ...selection, deployments, except }, { everyone, at: context.now() });
  return { scope, deployments: deploymentsInScope(scope, everyone) };
}

interface Narrowing {
  options: PauseIncidentOptions;
  readings: readonly DeploymentReading[];
  session: FleetSession;
}

/** Refuses selectors that fit nothing, before anything is written; refs become ids. */
function narrow(scope: ScopeLine, { options, readings, session }: Narrowing): ScopeLine {
  const { refs, selection } = options;
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
  for (const { deployment_id, name, customer_id } of deployments) {
    selection.except.fits({ deployment_id, deployment_name: name, customer_id });
  }
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

function showPlan(context: Context, prepared: PreparedPause, { choice, state }: LedgerSoFar): void {
  const { session, options, deployments, plan } = prepared;
  if (context.settings.flags.quiet && (options.yes || options.dryRun)) return;
  const total = session.everyone.length;
  const target = targetLine(context, { chosen: deployments.length, total, api: session.api });
  const isKept = options.isSelection || options.incident !== undefined || options.ledger !== undefined;
  const reason = state === undefined ? options.reason : state.head.reason;
  const incident = isKept ? { name: choice.incident, isNew: state === undefined, reason } : undefined;
  const { errStyle: style, err } = session.printer;
  const width = errWidth(context);
  const names = namesOf(prepared);
  err(renderPausePlan(plan, { names, target, incident, now: context.serverNow(), style, width }));
}
