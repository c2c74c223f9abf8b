import type { Automation, AutomationDetail } from "../../../api/types.js";
import type { Context } from "../../../context.js";
import { NothingFoundError, NotPossibleError } from "../../../errors.js";
import { execute } from "../../../fleet/crew.js";
import type { DeploymentReading } from "../../../fleet/read-fleet.js";
import { itemKey } from "../../../fleet/refs.js";
import { touchesOf } from "../../../history/touches.js";
import type { ChangeAnswer } from "../../../incident/change.js";
import { claimsOf, mayBeEdited, mayHaveBeenEnabled } from "../../../incident/claims.js";
import { requireSameApi } from "../../../incident/identity.js";
import { IncidentFolder } from "../../../incident/incident-folder.js";
import { readLedger } from "../../../incident/ledger.js";
import type { LedgerState } from "../../../incident/ledger-state.js";
import { readOpenStates } from "../../../incident/open-states.js";
import { fleetItems } from "../../../incident/pause-plan.js";
import {
  leftLines,
  planResume,
  type ResumeItem,
  resumeCandidates,
} from "../../../incident/resume-selection.js";
import { fold } from "../../../output/fold.js";
import { Names } from "../../fleet/names.js";
import { narrowTo } from "../../fleet/narrow.js";
import { throwOutage } from "../../fleet/outage.js";
import { persist } from "../../fleet/persist.js";
import { requireAsker } from "../../fleet/planned.js";
import { printRows } from "../../fleet/print-rows.js";
import { answerRow } from "../../fleet/rows.js";
import { type FleetSession, openFleetSession, readDeployments, warnOfBroken } from "../../fleet/session.js";
import { IncidentJournal } from "../../incidents/journal.js";
import {
  chooseLedger,
  type LedgerChoice,
  type OpenIncident,
  rememberLedger,
  withChosenLedger,
} from "../../incidents/ledger-choice.js";
import { conduct } from "../../operations/conduct.js";
import type { Operation } from "../../operations/operation.js";
import { printChanged } from "../shared/changed.js";
import { resumeWords } from "../shared/switch-enabled.js";
import { keptItems } from "./kept.js";
import { toPlan } from "./plan-view.js";
import type { PreparedResume, ResumeOptions } from "./prepared.js";
import { readBackResume, standingLines } from "./read-back.js";
import { sendResume } from "./send.js";

/** Brings back what an incident paused and what is still as it left it (src/incident/README.md, "Resuming"). */
export async function resumeIncident(context: Context, options: ResumeOptions): Promise<void> {
  const isUndo = options.undoes !== undefined;
  const asks = isUndo ? "undo" : options.refs.length === 0 ? "resuming an incident" : undefined;
  if (asks !== undefined && !options.yes && !options.dryRun) requireAsker(context, asks);
  const choice = chooseLedger(context, options);
  const known = () => requireLedger(context, choice, readLedger(context.settings.files, choice.place));
  known();
  await persist(context, "resumed");
  const session = await openFleetSession(context);
  const resume = async (soFar: IncidentSoFar) => {
    if (!isDone(soFar.state, session))
      return conduct(context, resuming(context, { session, options, asks, soFar }));
    return printRows(session.printer, { rows: [] });
  };
  if (options.dryRun) return resume({ choice, state: known() });
  await withChosenLedger(context, options, (open) =>
    resume({ ...open, state: requireLedger(context, open.choice, open.ledger.state) }),
  );
}

interface IncidentSoFar extends Partial<Pick<OpenIncident, "ledger">> {
  choice: LedgerChoice;
  state: LedgerState;
}

interface Resuming {
  session: FleetSession;
  options: ResumeOptions;
  asks: string | undefined;
  soFar: IncidentSoFar;
}

function resuming(
  context: Context,
  { session, options, asks, soFar }: Resuming,
): Operation<ResumeItem, ChangeAnswer> {
  const { choice, ledger } = soFar;
  let prepared: PreparedResume | undefined;
  const known = () => {
    if (prepared === undefined) throw new Error("nothing was planned");
    return prepared;
  };
  let standing: { isClosed: boolean } | undefined;
  let refuse: (() => void) | undefined;
  const open = ledger && { choice, ledger };
  return {
    words: { ...resumeWords, unchanged: "back already" },
    input: options,
    asks,
    isSingle: options.refs.length === 1,
    canBeUndone: true,
    journal:
      open &&
      new IncidentJournal<ResumeItem>(context, {
        ...open,
        change: "resume",
        undoes: options.undoes?.id,
        planned: () => known().plan.toResume.length,
        begin: () => {
          rememberLedger(context, session.printer, choice);
          open.ledger.write(leftLines(known().plan, context.now().toISOString()));
        },
      }),
    plan: async () => {
      prepared = await prepare(context, session, { options, ...soFar });
      return prepared.shown;
    },
    subject: (item) => item,
    send: (item) => sendResume(context, item, options),
    detail: (item, answer) => {
      if (answer !== undefined) return answerRow(answer.value, "resume");
      const kept = options.catchUp ? known().kept.find((each) => itemKey(each) === itemKey(item)) : undefined;
      return kept === undefined ? {} : { missed: kept.owed.runs };
    },
    readBack: async (results) => {
      if (open === undefined) return undefined;
      const read = await readBackResume(context, known(), { ...open, results });
      ({ standing, refuse } = read);
      return read.found;
    },
    one: (item, answer) => {
      const automation = known().current.get(itemKey(item)) ?? { ...item };
      return printChanged(context, {
        automation: { ...automation, ...answer?.value.automation },
        deploymentId: item.deployment_id,
        verb: answer === undefined ? "Already enabled:" : "Resumed",
      });
    },
    after: ({ isOutage }) => {
      if (isOutage || standing === undefined) return;
      const { printer } = session;
      for (const line of standingLines(context, choice, standing))
        printer.note(fold(line, printer.errLook.width));
    },
    refuse: () => refuse?.(),
  };
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

/** Reads what an incident is about, and plans. Nothing is changed. */
async function prepare(
  context: Context,
  session: FleetSession,
  { options, choice, state }: IncidentSoFar & { options: ResumeOptions },
): Promise<PreparedResume> {
  const { states, broken } = readOpenStates(context.settings, { api: session.api, except: choice.incident });
  warnOfBroken(session.printer, broken);
  const open = [state, ...states];
  const sinceMs = Math.min(...open.map(({ head }) => Date.parse(head.created_at)));
  const claims = claimsOf(open, touchesOf(context.settings, { sinceMs }));
  const paused = resumeCandidates(state, claims);
  const only = options.undoes && new Set(options.undoes.items.map(itemKey));
  const candidates = only === undefined ? paused : paused.filter((item) => only.has(itemKey(item)));
  const ids = new Set(candidates.map(({ deployment_id }) => deployment_id));
  const deployments = session.everyone.filter(({ deployment_id }) => ids.has(deployment_id));
  const { refs, selection } = options;
  const narrowing = { refs, selection, candidates, at: context.now(), where: "the incident" };
  const tests = narrowTo(session.everyone, narrowing);
  const { concurrency, includeChanged: includesChanged } = options;
  const readings = await readDeployments(context, session, { deployments, concurrency });
  await throwOutage(readings, { client: session.client, signal: context.signal });
  const reading = { readings, state, concurrency, includesChanged };
  const current = await currentAutomations(context, session, reading);
  const plan = planResume({ candidates, readings, current, includesChanged, ...tests });
  const kept = keptItems({ plan, current, nowMs: context.serverNow().getTime() });
  const spokenOf = [...plan.toResume, ...plan.left.map(({ item }) => item)];
  const names = new Names(spokenOf, session.everyone, deployments.length > 1);
  const prepared = { session, options, choice, state, plan, current, kept, names };
  return { ...prepared, shown: toPlan(context, { ...prepared, deployments }) };
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
