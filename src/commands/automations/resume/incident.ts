import type { Automation, AutomationDetail } from "../../../api/types.js";
import type { Context } from "../../../context.js";
import { NothingFoundError, NotPossibleError } from "../../../errors.js";
import { refuseUnfitted } from "../../../fleet/except.js";
import { execute } from "../../../fleet/execute.js";
import type { DeploymentReading } from "../../../fleet/read-fleet.js";
import { resolveRefs } from "../../../fleet/resolve-refs.js";
import { readTouches } from "../../../fleet/touches.js";
import { claimsOf, mayBeEdited, mayHaveFired } from "../../../incident/claims.js";
import { requireSameApi } from "../../../incident/identity.js";
import { IncidentFolder } from "../../../incident/incident-folder.js";
import { readLedger } from "../../../incident/ledger.js";
import { itemKey, type LedgerState } from "../../../incident/ledger-state.js";
import { readOpenStates } from "../../../incident/open-states.js";
import { fleetItems } from "../../../incident/pause-plan.js";
import {
  planResume,
  type ResumeItem,
  type ResumePlanInput,
  resumeCandidates,
} from "../../../incident/resume-selection.js";
import { type Candidate, selectorTest, toScope } from "../../../incident/scope.js";
import { errWidth } from "../../../output/sink.js";
import { throwOutage } from "../../fleet/outage.js";
import { persist } from "../../fleet/persist.js";
import { askForPlan, requireAsker } from "../../fleet/planned.js";
import { printRows } from "../../fleet/print-rows.js";
import {
  type FleetSession,
  openFleetSession,
  readDeployments,
  targetLine,
  warnOfBroken,
} from "../../fleet/session.js";
import {
  chooseLedger,
  type LedgerChoice,
  rememberLedger,
  withChosenLedger,
} from "../../incidents/ledger-choice.js";
import { carryOutResume, printPlannedResume } from "./outcome.js";
import { renderResumePlan } from "./plan-view.js";
import { namesOf, type PreparedResume, type ResumeIncidentOptions } from "./prepared.js";

/** Brings back what an incident paused and what is still as it left it (src/incident/README.md, "Resuming"). */
export async function resumeIncident(context: Context, options: ResumeIncidentOptions): Promise<void> {
  const isAsked = options.refs.length === 0 && !options.yes && !options.dryRun;
  if (isAsked) requireAsker(context, "resuming an incident");
  const choice = chooseLedger(context, options);
  requireLedger(context, choice, readLedger(context.settings.files, choice.place));
  await persist(context);
  const session = await openFleetSession(context);
  if (options.dryRun) {
    const state = requireLedger(context, choice, readLedger(context.settings.files, choice.place));
    if (isDone(state, session)) return printRows(session.printer, { rows: [], isFleet: false });
    const prepared = await prepare(context, session, { options, choice, state });
    showPlan(context, prepared, choice);
    return printPlannedResume(context, prepared);
  }
  await withChosenLedger(context, options, async (open) => {
    const state = requireLedger(context, open.choice, open.ledger.state);
    if (isDone(state, session)) return printRows(session.printer, { rows: [], isFleet: false });
    const prepared = await prepare(context, session, { options, choice: open.choice, state });
    showPlan(context, prepared, open.choice);
    if (isAsked) await askForPlan(context, "Resume", prepared.plan.toResume);
    rememberLedger(context, session.printer, open.choice);
    await carryOutResume(context, prepared, open);
  });
}

function requireLedger(
  context: Context,
  { incident, place }: LedgerChoice,
  state: LedgerState | undefined,
): LedgerState {
  if (state !== undefined) return state;
  if (place.isBeside) throw new NothingFoundError(`there is no ledger at ${place.path}`);
  return new IncidentFolder(context.settings).find(incident).state;
}

/** Whether it closed when all was brought back; one that was given up by hand is refused. */
function isDone(state: LedgerState, { api, printer }: FleetSession): boolean {
  requireSameApi(state, api);
  const { head, closed } = state;
  if (closed === undefined) return false;
  if (closed.why === "given up") {
    throw new NotPossibleError(`incident ${head.incident} was closed by hand at ${closed.at}`, {
      hint: (herm) =>
        `${herm("incidents", "reopen", head.incident)} reopens it; ${herm("automations", "resume")} <ref> resumes one`,
    });
  }
  printer.note(`incident ${head.incident} is closed: nothing that it paused is still paused`);
  return true;
}

interface Incident {
  options: ResumeIncidentOptions;
  choice: LedgerChoice;
  state: LedgerState;
}

async function prepare(
  context: Context,
  session: FleetSession,
  { options, choice, state }: Incident,
): Promise<PreparedResume> {
  const { concurrency, includeChanged: includesChanged } = options;
  const { states, broken } = readOpenStates(context.settings, { api: session.api, except: choice.incident });
  warnOfBroken(session.printer, broken);
  const claims = claimsOf([state, ...states], readTouches(context.settings));
  const candidates = resumeCandidates(state, claims);
  const ids = new Set(candidates.map(({ deployment_id }) => deployment_id));
  const deployments = session.everyone.filter(({ deployment_id }) => ids.has(deployment_id));
  const tests = narrow(session, { options, candidates, at: context.now() });
  const readings = await readDeployments(context, session, { deployments, concurrency });
  throwOutage(readings);
  const current = await currentAutomations(context, session, {
    readings,
    state,
    concurrency,
    includesChanged,
  });
  const plan = planResume({ state, readings, current, claims, includesChanged, ...tests });
  return { session, options, state, deployments, plan, current };
}

interface Narrowing {
  options: ResumeIncidentOptions;
  candidates: readonly ResumeItem[];
  at: Date;
}

/** Selectors look at the incident, not at the fleet; throws NothingFoundError for one that fits nothing in it. */
function narrow(
  { everyone }: FleetSession,
  { options: { refs, selection }, candidates, at }: Narrowing,
): Pick<ResumePlanInput, "isWanted" | "isExcluded"> {
  const scope = toScope({ ...selection, except: [] }, { everyone, at });
  const deploymentNames = new Map(everyone.map(({ deployment_id, name }) => [deployment_id, name]));
  const automations = refs.length === 0 ? undefined : keysOf(refs, { candidates, deploymentNames });
  const isWanted = selectorTest({ ...scope, automations });
  if (candidates.length > 0 && !candidates.some(isWanted)) {
    throw new NothingFoundError("the selectors match nothing in the incident", {
      hint: "nothing was changed",
    });
  }
  const isExcluded = (item: Candidate) =>
    selection.except.fits({ ...item, deployment_name: deploymentNames.get(item.deployment_id) });
  for (const candidate of candidates) isExcluded(candidate);
  refuseUnfitted(selection.except, {
    where: "the incident",
    names: candidates.flatMap(({ name }) => name ?? []),
  });
  return { isWanted, isExcluded };
}

interface Candidates {
  candidates: readonly ResumeItem[];
  deploymentNames: ReadonlyMap<string, string | null | undefined>;
}

function keysOf(refs: readonly string[], { candidates, deploymentNames }: Candidates): string[] {
  const places = new Map<string, Automation[]>();
  for (const { deployment_id, automation_id, ledgerItem } of candidates) {
    const { name, schedule } = ledgerItem.line;
    const automations = places.get(deployment_id) ?? [];
    automations.push({ automation_id, name, schedule, enabled: false });
    places.set(deployment_id, automations);
  }
  const found = resolveRefs(
    refs,
    [...places].map(([deploymentId, automations]) => ({
      deploymentId,
      deploymentName: deploymentNames.get(deploymentId),
      automations,
    })),
  );
  return found.map(({ deploymentId, automation: { automation_id } }) =>
    itemKey({ deployment_id: deploymentId, automation_id }),
  );
}

interface CurrentInput {
  readings: readonly DeploymentReading[];
  state: LedgerState;
  concurrency: number | undefined;
  includesChanged: boolean;
}

/** What was read, with recent runs and instructions of those where they may decide. */
async function currentAutomations(
  context: Context,
  { client }: FleetSession,
  { readings, state, concurrency, includesChanged }: CurrentInput,
): Promise<Map<string, Automation | AutomationDetail>> {
  const current = new Map<string, Automation | AutomationDetail>();
  const items = fleetItems(readings);
  for (const item of items) current.set(itemKey(item), item.automation);
  const doubtful = items.filter((item) => {
    const known = state.items.get(itemKey(item));
    if (known === undefined) return false;
    return mayHaveFired(known, item.automation) || (includesChanged && mayBeEdited(known, item.automation));
  });
  await execute({
    items: doubtful,
    signal: context.signal,
    concurrency,
    persistence: client.persistence,
    isReading: true,
    run: async (item) => {
      const { deployment_id, automation_id } = item;
      const options = { signal: context.signal };
      current.set(itemKey(item), await client.automations.get(deployment_id, automation_id, options));
      return { result: "done", value: undefined };
    },
  });
  context.signal.throwIfAborted();
  return current;
}

function showPlan(context: Context, prepared: PreparedResume, { incident }: LedgerChoice): void {
  const { session, options, state, deployments, plan } = prepared;
  if (context.settings.flags.quiet && (options.yes || options.dryRun)) return;
  const { printer, everyone, api } = session;
  const target = targetLine(context, { chosen: deployments.length, total: everyone.length, api });
  const names = namesOf(prepared);
  const view = { names, target, incident, state, style: printer.errStyle, width: errWidth(context) };
  printer.err(renderResumePlan(plan, view));
}
