import type { AutomationDetail } from "../../../api/types.js";
import type { Context } from "../../../context/context.js";
import { NothingFoundError, NotPossibleError } from "../../../errors/cli-errors.js";
import type { Success } from "../../../fleet/outcome.js";
import type { DeploymentReading } from "../../../fleet/read-fleet.js";
import { readMany, unlessGone } from "../../../fleet/read-many.js";
import { itemKey } from "../../../fleet/refs.js";
import { changeRecordsOf } from "../../../history/change-records.js";
import { itemsToUndo } from "../../../history/undo-plan.js";
import { IncidentFolder } from "../../../incident/incident-folder.js";
import { readLedger } from "../../../incident/ledger.js";
import { type LedgerState, noteResumedByRef } from "../../../incident/ledger-state.js";
import { isInDoubtByList, type Owners, ownersOf } from "../../../incident/owners.js";
import { fleetItems } from "../../../incident/pause-plan.js";
import {
  judgeResume,
  planResume,
  type ResumeItem,
  resumeCandidates,
  resumeItem,
  skippedLines,
} from "../../../incident/resume-plan.js";
import { type ChangeAnswer, knownItems, switchItem } from "../../../incident/switch-item.js";
import type { SendTools } from "../../../operations/operation.js";
import { throwOutage } from "../../../operations/rows/exit-error.js";
import { Names } from "../../../operations/rows/names.js";
import { chooseFailing, narrowTo } from "../../../operations/rows/read-scope.js";
import { answerFields } from "../../../operations/rows/result-rows.js";
import { deploymentsById, type FleetSession, readDeployments } from "../../../operations/rows/session.js";
import { readSettled } from "../../../operations/sending/wait-for-open.js";
import { formatLocalBriefly } from "../../../output/time.js";
import { chooseLedger, IncidentJournal, type LedgerChoice } from "../../incidents/incident-journal.js";
import {
  type Incident,
  openStates,
  planOfIncident,
  readSent,
  runForIncident,
} from "../../incidents/incident-operation.js";
import { printSwitched, resumeWords } from "../shared/switch-enabled.js";
import { readBackResume } from "./read-back-resume.js";
import { type ResumeOptions, type ResumeWork, toPlan } from "./resume-view.js";

/** Resumes automations that an incident paused and that are still paused (src/incident/README.md, "Resuming"). */
export function resumeIncident(context: Context, options: ResumeOptions): Promise<void> {
  const { refs, undoes } = options;
  const choice = chooseLedger(context, options);
  const known = requireOpen(context, choice, readLedger(context.settings.files, choice.location));
  const ownSubject = refs.length === 0 ? "resuming an incident" : undefined;
  const asked = {
    words: { ...resumeWords, unchanged: "already resumed" },
    input: options,
    confirmationSubject: undoes === undefined ? ownSubject : "undo",
    // In a closed incident, there may be nothing to ask about.
    asksOnlyIfAny: known.closed !== undefined,
  };
  return runForIncident<ResumeItem, ResumeWork>(context, asked, (incident) => ({
    ...asked,
    isSingle: refs.length === 1,
    canBeUndone: true,
    plan: () => {
      const open = openStates(context, incident);
      return readSettled(context, () => planIncident(context, incident, { options, open }), knownIn);
    },
    subject: (item) => item,
    toHistoryItem: resumeItem,
    move: ({ current }) => [current, { ...current, enabled: true }],
    journal:
      incident.open &&
      new IncidentJournal<ResumeWork>(context, {
        ...incident.open,
        change: "resume",
        session: incident.session,
        input: options,
        linesOf: ({ judged, state }) => {
          const at = context.now();
          const isReopened = state.closed !== undefined && judged.toResume.length > 0;
          const first = isReopened ? [{ reopened: true, at: at.toISOString() } as const] : [];
          return { first, found: skippedLines(judged, at) };
        },
      }),
    send: (item, { resend }) => sendResume(context, item, { ...options, resend }),
    detail: ({ missedRuns }, answer) => {
      if (answer !== undefined) return answerFields(answer.value, "resume");
      return options.catchUp && missedRuns !== undefined ? { missed: missedRuns.runs } : {};
    },
    printItem: ({ current, ...item }, answer) => {
      const automation = { ...(current ?? item), ...answer?.value.automation };
      const { deployment_id } = item;
      return printSwitched(context, "resume", { automation, deployment_id, isDone: answer !== undefined });
    },
    readBack: async (results, plan) => {
      const sent = await readSent(context, incident, { ...plan, act: "resume", results, input: options });
      return sent && readBackResume(context, plan, sent);
    },
  }));
}

/** The automations whose unanswered earlier changes `readSettled` waits for. */
function knownIn({ state }: ResumeWork) {
  return [...state.items.values()].map(({ line }) => line);
}

/**
 * Returns the ledger's state. Throws NothingFoundError if there is none, and NotPossibleError if the incident was
 * closed by hand; one that closed by itself is read again, since unseen automations may have returned.
 */
function requireOpen(
  context: Context,
  { incident, location }: LedgerChoice,
  found: LedgerState | undefined,
): LedgerState {
  if (found === undefined && location.isOutsideDataDir)
    throw new NothingFoundError(`there is no ledger at ${location.path}`);
  const state = found ?? new IncidentFolder(context.settings).find(incident).state;
  const { head, closed } = state;
  if (closed?.why !== "given up") return state;
  const at = formatLocalBriefly(new Date(closed.at), context.now());
  throw new NotPossibleError(`incident ${head.incident} was closed by hand at ${at}`, {
    hint: (herm) =>
      `to reopen it: ${herm("incidents", "reopen", head.incident)}; to resume one automation: ${herm("automations", "resume")} <ref>`,
  });
}

async function planIncident(
  context: Context,
  incident: Incident,
  { options, open }: { options: ResumeOptions; open: readonly LedgerState[] },
): Promise<ResumeWork> {
  const { session } = incident;
  const { refs, selection, undoes, concurrency, includeChanged: includesChanged } = options;
  const state = requireOpen(context, incident.choice, incident.state);
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
  const keys = new Set(candidates.filter(tests.isSelected).map(itemKey));
  const called = fleetItems(readings).filter((item) => keys.has(itemKey(item)));
  const choosing = { concurrency, readings, called };
  const { items, unreadRows } = await chooseFailing(context, session, selection, choosing);
  if (selection.failures !== undefined) {
    const failing = new Set(items.map(itemKey));
    tests.isSelected = (item) => failing.has(itemKey(item));
  }
  const details = await readDoubtful(context, session, readings, { state, owners, concurrency });
  const nowMs = context.serverNow().getTime();
  const judged = planResume({ candidates, readings, details, includesChanged, nowMs, ...tests });
  const { toResume, skipped, unknown } = judged;
  const mentionedItems = [...toResume, ...[...skipped, ...unknown].map(({ item }) => item)];
  const names = new Names(mentionedItems, session.allDeployments, deployments.length > 1);
  const common = planOfIncident(context, incident, { input: options, refs, deployments });
  const plan = toPlan({ session, options, state, judged, names }, common);
  return { ...plan, unsentRows: [...plan.unsentRows, ...unreadRows] };
}

/** Reads an automation in full if its recent runs or instructions may affect the decision. */
async function readDoubtful(
  { signal }: Context,
  { client }: FleetSession,
  readings: readonly DeploymentReading[],
  { state, owners, concurrency }: { state: LedgerState; owners: Owners } & Pick<ResumeOptions, "concurrency">,
): Promise<Map<string, AutomationDetail>> {
  const doubtful = fleetItems(readings).filter(({ automation, ...item }) => {
    const key = itemKey(item);
    const own = owners.get(key)?.find((owner) => owner.item === state.items.get(key));
    return own !== undefined && automation.enabled === false && isInDoubtByList(own, automation);
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

/** Enables an item after a final check, because the plan was made before the user answered. */
async function sendResume(
  context: Context,
  item: ResumeItem,
  { includeChanged: includesChanged, resend }: ResumeOptions & Pick<SendTools, "resend">,
): Promise<Success<ChangeAnswer>> {
  const { deployment_id, automation_id, ledgerItem, owners } = item;
  const { automations } = await context.client();
  const current = await unlessGone(automations.get(deployment_id, automation_id, { signal: context.signal }));
  const verdict = judgeResume(ledgerItem, current, { owners, includesChanged });
  if (verdict.verdict === "resume") return switchItem(context, item, "resume", resend);
  const value: ChangeAnswer =
    verdict.verdict === "back"
      ? { result: "enabled", reason: "already enabled again" }
      : { result: verdict.verdict, reason: verdict.reason };
  return { result: "unchanged", value };
}
