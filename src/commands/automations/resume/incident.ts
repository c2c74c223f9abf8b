import type { Automation, AutomationDetail } from "../../../api/types.js";
import type { Context } from "../../../context.js";
import { NothingFoundError, NotPossibleError } from "../../../errors.js";
import { execute } from "../../../fleet/execute.js";
import type { DeploymentReading } from "../../../fleet/read-fleet.js";
import { itemKey } from "../../../fleet/refs.js";
import { readTouches } from "../../../fleet/touches.js";
import { claimsOf, mayBeEdited, mayHaveBeenEnabled } from "../../../incident/claims.js";
import { requireSameApi } from "../../../incident/identity.js";
import { IncidentFolder } from "../../../incident/incident-folder.js";
import { readLedger } from "../../../incident/ledger.js";
import type { LedgerState } from "../../../incident/ledger-state.js";
import { readOpenStates } from "../../../incident/open-states.js";
import { fleetItems } from "../../../incident/pause-plan.js";
import { planResume, resumeCandidates } from "../../../incident/resume-selection.js";
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
import { printedState } from "../../incidents/printed-state.js";
import { keptItems, keptText } from "./kept.js";
import { narrow } from "./narrow.js";
import { carryOutResumes, printPlannedResume } from "./outcome.js";
import { renderResumePlan } from "./plan-view.js";
import {
  everyOf,
  namesOf,
  type PreparedResume,
  type ResumeIncidentOptions,
  readingsOf,
  toResumeOf,
} from "./prepared.js";

/** Brings back what an incident paused and what is still as it left it (src/incident/README.md, "Resuming"). */
export async function resumeIncident(context: Context, options: ResumeIncidentOptions): Promise<void> {
  const isAsked = options.refs.length === 0 && !options.yes && !options.dryRun;
  if (isAsked) requireAsker(context, "resuming an incident");
  const choice = chooseLedger(context, options);
  requireLedger(context, choice, readLedger(context.settings.files, choice.place));
  await persist(context, "resumed");
  const session = await openFleetSession(context);
  if (options.dryRun) {
    const state = requireLedger(context, choice, readLedger(context.settings.files, choice.place));
    if (isDone(state, session)) return printRows(session.printer, { rows: [] });
    const prepared = await prepareResumes(context, session, [{ options, choice, state }]);
    showResumePlan(context, prepared);
    return printPlannedResume(prepared);
  }
  await withChosenLedger(context, options, async (open) => {
    const state = requireLedger(context, open.choice, open.ledger.state);
    if (isDone(state, session)) return printRows(session.printer, { rows: [] });
    const prepared = await prepareResumes(context, session, [{ options, choice: open.choice, state }]);
    showResumePlan(context, prepared);
    if (isAsked) await askForResume(context, prepared);
    rememberLedger(context, session.printer, open.choice);
    await carryOutResumes(context, prepared, [open]);
  });
}

/** Asks, where there is anything to do. Throws DeclinedError. */
async function askForResume(context: Context, prepared: readonly PreparedResume[]): Promise<void> {
  const toResume = toResumeOf(prepared);
  const kept = prepared.flatMap((each) => (each.options.catchUp ? each.kept : []));
  const toStart = kept.filter(({ isToStart }) => isToStart);
  if (toStart.length === 0) return askForPlan(context, "Resume", toResume);
  if (toResume.length === 0) return askForPlan(context, "Start", toStart);
  await askForPlan(context, { verb: "Resume", after: `, then start ${toStart.length} once` }, toResume);
}

/** What the ledger says. Throws NothingFoundError where there is none. */
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

/** Reads what these incidents are about, each deployment once, and plans for each of them. Nothing is changed. */
async function prepareResumes(
  context: Context,
  session: FleetSession,
  incidents: readonly Incident[],
): Promise<PreparedResume[]> {
  const drafts = incidents.map((incident) => draftOf(context, session, incident));
  const deployments = everyOf(session, drafts);
  const concurrency = drafts[0]?.options.concurrency;
  const readings = await readDeployments(context, session, { deployments, concurrency });
  await throwOutage(readings, { client: session.client, signal: context.signal });
  const prepared: PreparedResume[] = [];
  for (const { tests, claims, ...draft } of drafts) {
    const { options, state } = draft;
    const includesChanged = options.includeChanged;
    const own = readingsOf(draft, readings);
    const reading = { readings: own, state, concurrency, includesChanged };
    const current = await currentAutomations(context, session, reading);
    const plan = planResume({ state, readings: own, current, claims, includesChanged, ...tests });
    const kept = keptItems({ plan, current, nowMs: context.serverNow().getTime() });
    prepared.push({ session, ...draft, plan, current, kept });
  }
  return prepared;
}

function draftOf(context: Context, session: FleetSession, { options, choice, state }: Incident) {
  const { states, broken } = readOpenStates(context.settings, { api: session.api, except: choice.incident });
  warnOfBroken(session.printer, broken);
  const claims = claimsOf([state, ...states], readTouches(context.settings));
  const candidates = resumeCandidates(state, claims);
  const ids = new Set(candidates.map(({ deployment_id }) => deployment_id));
  const deployments = session.everyone.filter(({ deployment_id }) => ids.has(deployment_id));
  const tests = narrow(session, { options, candidates, at: context.now() });
  return { options, choice, state, deployments, claims, tests };
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
    return (
      mayHaveBeenEnabled(known, item.automation) || (includesChanged && mayBeEdited(known, item.automation))
    );
  });
  await execute({
    items: doubtful,
    signal: context.signal,
    concurrency,
    persistence: client.persistence,
    reader: client,
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

/** Says what these resumes of one command are about to do. */
function showResumePlan(context: Context, prepared: readonly PreparedResume[]): void {
  const [first] = prepared;
  if (first === undefined) return;
  const { session, options } = first;
  if (session.printer.isQuiet && (options.yes || options.dryRun)) return;
  const { printer, everyone, api } = session;
  const chosen = everyOf(session, prepared).length;
  const target = targetLine(context, { chosen, total: everyone.length, api });
  const parts = prepared.map((each) => ({
    plan: each.plan,
    names: namesOf(each),
    incident: context.settings.redact(each.choice.incident),
    state: printedState(each.state, context.settings),
    // Of what nobody could read nothing is said to be so.
    kept:
      each.plan.unreadable.length === 0 || each.kept.length > 0
        ? keptText(each.kept, options.catchUp)
        : undefined,
  }));
  const page = { target, style: printer.errStyle, width: errWidth(context) };
  printer.err(renderResumePlan(parts, page));
}
