import type { AutomationDetail } from "../../../api/types.js";
import type { Context } from "../../../context.js";
import { NothingFoundError, NotPossibleError } from "../../../errors.js";
import type { Success } from "../../../fleet/outcome.js";
import type { DeploymentReading } from "../../../fleet/read-fleet.js";
import { readMany, unlessGone } from "../../../fleet/read-many.js";
import { itemKey } from "../../../fleet/refs.js";
import { changeRecordsOf } from "../../../history/change-records.js";
import { itemsToUndo } from "../../../history/undo-plan.js";
import { IncidentFolder } from "../../../incident/incident-folder.js";
import { knownItems } from "../../../incident/known-items.js";
import { readLedger } from "../../../incident/ledger.js";
import type { LedgerState } from "../../../incident/ledger-state.js";
import { mayHaveBeenEnabled, ownersOf } from "../../../incident/owners.js";
import { fleetItems } from "../../../incident/pause-plan.js";
import {
  judgeResume,
  planResume,
  type ResumeItem,
  resumeCandidates,
  resumeItem,
  skippedLines,
} from "../../../incident/resume-plan.js";
import { noteResumedByRef } from "../../../incident/resumed-by-ref.js";
import { type ChangeAnswer, switchItem } from "../../../incident/switch-item.js";
import { Names } from "../../../operations/rows/names.js";
import { narrowTo } from "../../../operations/rows/narrow.js";
import { throwOutage } from "../../../operations/rows/outage.js";
import { deploymentsById, type FleetSession, readDeployments } from "../../../operations/rows/session.js";
import { formatLocalBriefly } from "../../../output/time.js";
import {
  type IncidentState,
  planOfIncident,
  runIncidentOperation,
} from "../../incidents/incident-operation.js";
import { chooseLedger, type LedgerChoice } from "../../incidents/ledger-choice.js";
import { resumeWords } from "../shared/switch-enabled.js";
import { type ResumeOptions, type ResumeWork, toPlan } from "./plan-view.js";
import { readBackResume } from "./read-back.js";

/** Brings back what an incident paused and what is still as it left it (src/incident/README.md, "Resuming"). */
export function resumeIncident(context: Context, options: ResumeOptions): Promise<void> {
  return runIncidentOperation<ResumeItem, ResumeWork>(context, {
    act: "resume",
    words: { ...resumeWords, unchanged: "already resumed" },
    input: options,
    confirmationSubject: options.refs.length === 0 ? "resuming an incident" : undefined,
    isSingle: options.refs.length === 1,
    validate: () => {
      const choice = chooseLedger(context, options);
      const state = requireLedger(context, choice, readLedger(context.settings.files, choice.location));
      refuseClosedByHand(state, context.now());
      return state;
    },
    prepare: (incident, open) => prepare(context, incident, { options, open }),
    plannedOf: ({ state, plan: { toResume } }) => [
      ...[...state.items.values()].map(({ line }) => line),
      ...toResume.map((item) => ({ ...item, fields: { enabled: true } })),
    ],
    toJournalItem: resumeItem,
    openingLines: ({ plan, state }) => {
      const at = context.now();
      const isReopened = state.closed !== undefined && plan.toResume.length > 0;
      const first = isReopened ? [{ reopened: true, at: at.toISOString() } as const] : [];
      return { first, found: skippedLines(plan, at) };
    },
    send: (item) => sendResume(context, item, options),
    automationOf: (item) => item.current ?? { ...item },
    plannedRow: ({ missedRuns }) =>
      options.catchUp && missedRuns !== undefined ? { missed: missedRuns.runs } : {},
    readBack: (work, sent) => readBackResume(context, work, sent),
  });
}

/** The ledger's state. Throws NothingFoundError where there is none. */
function requireLedger(
  context: Context,
  { incident, location }: LedgerChoice,
  state: LedgerState | undefined,
): LedgerState {
  if (state !== undefined) return state;
  if (location.isOutsideDataDir) throw new NothingFoundError(`there is no ledger at ${location.path}`);
  return new IncidentFolder(context.settings).find(incident).state;
}

/** One that closed by itself is read once more: what it didn't see may be there again. */
function refuseClosedByHand({ head, closed }: LedgerState, now: Date): void {
  if (closed?.why !== "given up") return;
  throw new NotPossibleError(
    `incident ${head.incident} was closed by hand at ${formatLocalBriefly(new Date(closed.at), now)}`,
    {
      hint: (herm) =>
        `${herm("incidents", "reopen", head.incident)} reopens it; ${herm("automations", "resume")} <ref> resumes one`,
    },
  );
}

async function prepare(
  context: Context,
  incident: IncidentState,
  { options, open }: { options: ResumeOptions; open: readonly LedgerState[] },
): Promise<ResumeWork> {
  const { session } = incident;
  const { refs, selection, undoes, concurrency, includeChanged: includesChanged } = options;
  const state = requireLedger(context, incident.choice, incident.state);
  refuseClosedByHand(state, context.now());
  const sinceMs = Math.min(...open.map(({ head }) => Date.parse(head.created_at)));
  const changes = changeRecordsOf(context.settings, { sinceMs });
  noteResumedByRef(state, changes);
  const owners = ownersOf(open, changes);
  const paused = resumeCandidates(state, owners);
  const only = undoes && new Set(itemsToUndo(undoes.change).map(itemKey));
  const candidates = only === undefined ? paused : paused.filter((item) => only.has(itemKey(item)));
  const deployments = deploymentsById(
    candidates.map(({ deployment_id }) => deployment_id),
    session.allDeployments,
  );
  const narrowing = { refs, selection, candidates, at: context.now(), where: "the incident" };
  const tests = narrowTo([...new Set([...session.allDeployments, ...deployments])], narrowing);
  const reading = { deployments, concurrency, ...knownItems(state) };
  const readings = await readDeployments(context, session, reading);
  await throwOutage(readings, { client: session.client, signal: context.signal });
  const details = await readDoubtful(context, session, readings, { state, concurrency });
  const nowMs = context.serverNow().getTime();
  const plan = planResume({ candidates, readings, details, includesChanged, nowMs, ...tests });
  const mentionedItems = [...plan.toResume, ...[...plan.skipped, ...plan.unknown].map(({ item }) => item)];
  const names = new Names(mentionedItems, session.allDeployments, deployments.length > 1);
  const common = planOfIncident(context, incident, { input: options, refs, deployments });
  const work = { session, options, state, plan, names };
  return { ...work, operationPlan: toPlan(work, common) };
}

/** Reads automations whole whose recent runs may decide. */
async function readDoubtful(
  { signal }: Context,
  { client }: FleetSession,
  readings: readonly DeploymentReading[],
  { state, concurrency }: { state: LedgerState } & Pick<ResumeOptions, "concurrency">,
): Promise<Map<string, AutomationDetail>> {
  const doubtful = fleetItems(readings).filter(({ automation, ...item }) => {
    const known = state.items.get(itemKey(item));
    return known !== undefined && mayHaveBeenEnabled(known, automation);
  });
  const results = await readMany(doubtful, {
    client,
    signal,
    concurrency,
    read: ({ deployment_id, automation_id }) =>
      client.automations.get(deployment_id, automation_id, { signal }),
  });
  signal.throwIfAborted();
  return new Map(
    results.flatMap(({ item, outcome }) => ("value" in outcome ? [[itemKey(item), outcome.value]] : [])),
  );
}

/** Enables an item after a last check, since the plan may be as old as the question. */
async function sendResume(
  context: Context,
  item: ResumeItem,
  { includeChanged: includesChanged }: ResumeOptions,
): Promise<Success<ChangeAnswer>> {
  const { deployment_id, automation_id, ledgerItem, owners } = item;
  const { automations } = await context.client();
  const current = await unlessGone(automations.get(deployment_id, automation_id, { signal: context.signal }));
  const verdict = judgeResume(ledgerItem, current, { owners, includesChanged });
  if (verdict.verdict === "resume") return switchItem(context, item, "resume");
  const value: ChangeAnswer =
    verdict.verdict === "back"
      ? { result: "enabled", reason: "already enabled again" }
      : { result: verdict.verdict, reason: verdict.reason };
  return { result: "unchanged", value };
}
