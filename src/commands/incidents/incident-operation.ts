import type { Automation } from "../../api/types.js";
import type { Context } from "../../context.js";
import type { Success } from "../../fleet/outcome.js";
import type { DeploymentReading } from "../../fleet/read-fleet.js";
import type { Change, SwitchAct } from "../../history/change.js";
import { changesAfter } from "../../history/read.js";
import { requireSameApi } from "../../incident/identity.js";
import { readOpenStates } from "../../incident/incident-folder.js";
import { knownItems } from "../../incident/known-items.js";
import { readLedger } from "../../incident/ledger.js";
import type { LedgerState } from "../../incident/ledger-state.js";
import type { Candidate } from "../../incident/scope.js";
import type { ChangeAnswer, ChangeResult } from "../../incident/switch-item.js";
import type { CheckedResults, Operation, OperationInput, Plan } from "../../operations/operation.js";
import { requireInteractive } from "../../operations/rows/confirm.js";
import { withNothingDone } from "../../operations/rows/outage.js";
import { retryOutages } from "../../operations/rows/outage-retry.js";
import { answerFields, type FleetRow } from "../../operations/rows/rows.js";
import {
  type FleetSession,
  openFleetSession,
  readBackDeployments,
  targetLine,
  warnOfBrokenLedgers,
} from "../../operations/rows/session.js";
import { runOperation } from "../../operations/run-operation.js";
import { isEnabling } from "../../operations/sending/recent.js";
import { type Planned, readSettled, waitForOpen } from "../../operations/sending/wait-for-open.js";
import { counted, joinNames } from "../../output/count.js";
import { printSwitched } from "../automations/shared/switch-enabled.js";
import { IncidentJournal, type JournalItem, type JournalLines } from "./journal.js";
import {
  chooseLedger,
  type LedgerFlags,
  type OpenIncident,
  rememberLedger,
  withChosenLedger,
} from "./ledger-choice.js";
import { redactedState } from "./print-incident.js";

export interface IncidentInput extends OperationInput, LedgerFlags {
  /** The change that this undoes, and the session that is open already for it. */
  undoes?: { change: Change; session: FleetSession };
}

/** An incident; without a ledger nothing is written: `--dry-run`. */
export interface IncidentState extends Pick<OpenIncident, "choice">, Partial<Pick<OpenIncident, "ledger">> {
  session: FleetSession;
  /** The state before; undefined for a new one. */
  state: LedgerState | undefined;
}

export interface SentResults<Item> extends OpenIncident {
  results: readonly ChangeResult<Item>[];
  readings: readonly DeploymentReading[] | undefined;
  at: Date;
}

export interface ReadBack {
  found?: CheckedResults | undefined;
  printStatus(ended: { isOutage: boolean }): void;
  assertFinalState(): void;
}

/** The differences of an incident's pause and its resume. */
export interface IncidentOperation<Item extends Candidate, Work>
  extends Pick<
    Operation<Item, ChangeAnswer>,
    "words" | "isSingle" | "triesEveryDeployment" | "confirmationSubject"
  > {
  act: SwitchAct;
  input: IncidentInput;
  /** The known state, before anything is read. Throws where there is no such incident. */
  validate?(): LedgerState;
  /** Reads and plans; `open`: the states of this incident and of the other open ones. */
  prepare(incident: IncidentState, open: readonly LedgerState[]): Promise<Work>;
  /** Names what was judged: where an earlier change of it has no answer, that is waited for, and all is prepared again. */
  plannedOf?(work: Work): readonly Planned[];
  toJournalItem(item: Item): JournalItem;
  /** Lines for the ledger before the first change is sent; undefined: no incident begins. */
  openingLines(work: Work, open: OpenIncident): JournalLines | undefined;
  send(item: Item): Promise<Success<ChangeAnswer>>;
  automationOf(item: Item, work: Work): Automation;
  plannedRow?(item: Item, work: Work): Partial<FleetRow>;
  readBack(work: Work, sent: SentResults<Item>): Promise<ReadBack | undefined>;
}

/** Runs a pause or resume of an incident with its ledger locked. */
export async function runIncidentOperation<
  Item extends Candidate,
  Work extends { operationPlan: Plan<Item> },
>(context: Context, incidentOperation: IncidentOperation<Item, Work>): Promise<void> {
  const { input, words } = incidentOperation;
  const confirmationSubject = input.undoes === undefined ? incidentOperation.confirmationSubject : "undo";
  // One that is closed may have nothing to ask about.
  const asksOnlyIfAny = incidentOperation.validate?.().closed !== undefined;
  if (confirmationSubject !== undefined && !input.yes && !input.dryRun && !asksOnlyIfAny)
    requireInteractive(context, confirmationSubject);
  await retryOutages(context, words.done);
  const openSession = () =>
    openFleetSession(context).catch((error: unknown) => {
      throw withNothingDone(error, words.done);
    });
  const session = input.undoes?.session ?? (await openSession());
  const work = async (incident: IncidentState) => {
    if (incident.state !== undefined) requireSameApi(incident.state, session.api);
    const operation = {
      ...toOperation(context, incident, { ...incidentOperation, confirmationSubject }),
      asksOnlyIfAny,
    };
    await runOperation(context, operation).catch((error: unknown) => {
      throw operation.journal?.explain(error) ?? error;
    });
  };
  if (!input.dryRun) {
    const { incident, ledger } = input;
    return withChosenLedger(context, { incident, ledger, printer: session.printer }, (open) =>
      work({ session, ...open, state: open.ledger.state }),
    );
  }
  const choice = chooseLedger(context, input);
  return work({ session, choice, state: readLedger(context.settings.files, choice.location) });
}

function toOperation<Item extends Candidate, Work extends { operationPlan: Plan<Item> }>(
  context: Context,
  incident: IncidentState,
  incidentOperation: IncidentOperation<Item, Work>,
): Operation<Item, ChangeAnswer> & { journal: IncidentJournal<Item> | undefined } {
  const { session, choice, ledger, state } = incident;
  const { words, input, confirmationSubject, isSingle, triesEveryDeployment, act, send } = incidentOperation;
  let work: Work;
  let read: ReadBack | undefined;
  const open = ledger && { choice, ledger };
  return {
    words,
    input,
    confirmationSubject,
    isSingle,
    triesEveryDeployment,
    canBeUndone: true,
    journal:
      open &&
      new IncidentJournal<Item>(context, {
        ...open,
        ...{ change: act, api: session.api, input },
        undoes: input.undoes?.change.id,
        items: () => work.operationPlan.items.map((item) => incidentOperation.toJournalItem(item)),
        begin: () => {
          const lines = incidentOperation.openingLines(work, open);
          if (lines !== undefined) rememberLedger(context, session.printer, choice);
          return lines;
        },
      }),
    plan: async () => {
      const { states, broken } = readOpenStates(context.settings, {
        api: session.api,
        except: choice.incident,
      });
      warnOfBrokenLedgers(session.printer, broken);
      const prepare = () =>
        incidentOperation.prepare(incident, state === undefined ? states : [state, ...states]);
      const { plannedOf } = incidentOperation;
      work = await (plannedOf === undefined ? prepare() : readSettled(context, prepare, plannedOf));
      return work.operationPlan;
    },
    subject: (item) => item,
    send,
    detail: (item, answer) =>
      answer === undefined
        ? (incidentOperation.plannedRow?.(item, work) ?? {})
        : answerFields(answer.value, act),
    readBack: async (results) => {
      if (open?.ledger.state === undefined) return undefined;
      if (act === "pause") await waitForResumes(context, results);
      const { deployments, unreadable } = work.operationPlan;
      const known = knownItems(open.ledger.state, { act, results });
      const { concurrency } = input;
      const reading = { deployments, unreadable, ...known, concurrency };
      const readings = await readBackDeployments(context, session, reading);
      read = await incidentOperation.readBack(work, { ...open, results, readings, at: context.now() });
      return read?.found;
    },
    printItem: (item, answer) => {
      const automation = { ...incidentOperation.automationOf(item, work), ...answer?.value.automation };
      const isDone = answer !== undefined;
      return printSwitched(context, act, { automation, deployment_id: item.deployment_id, isDone });
    },
    after: (ended) => read?.printStatus(ended),
    assertFinalState: () => read?.assertFinalState(),
  };
}

/** Waits until what was left open can't enable any more what was paused; less long after Ctrl-C. */
async function waitForResumes(context: Context, results: readonly ChangeResult<Candidate>[]): Promise<void> {
  const wait = waitForOpen(context, () => results.map(({ item }) => item), isEnabling);
  await wait.catch((error: unknown) => {
    if (!context.signal.aborted) throw error;
  });
}

/** The common part of the plans of pause and resume. */
export function planOfIncident(
  context: Context,
  { session: { allDeployments }, choice, state }: IncidentState,
  {
    input: { undoes },
    refs,
    deployments,
  }: { input: IncidentInput; refs: readonly string[] } & Pick<Plan<unknown>, "deployments">,
): Pick<Plan<unknown>, "deployments" | "retryCommand"> & {
  view: { target: string; lead: string[] };
} {
  const { reason } = state === undefined ? context : redactedState(state, context.settings).head;
  const incident = context.settings.redact(choice.incident);
  return {
    deployments,
    retryCommand:
      undoes === undefined
        ? { arguments: refs, flags: { incident: choice.incident } }
        : { arguments: [undoes.change.id] },
    view: {
      target: targetLine(context, {
        chosen: deployments.length,
        total: new Set([...allDeployments, ...deployments]).size,
      }),
      lead: [
        ...(undoes === undefined ? [] : undoLines(context, undoes.change)),
        `incident ${incident}${state === undefined ? " (new)" : ""}${reason ? `: ${reason}` : ""}`,
      ],
    },
  };
}

/** Lines of the change that is undone; runs that it started can't be. */
function undoLines({ settings }: Pick<Context, "settings">, change: Change): string[] {
  const beside = changesAfter(settings, change).filter(({ command }) => command === change.command);
  const runs = beside.flatMap(({ items }) =>
    items.flatMap(({ act, run_id }) => (act === "trigger" && run_id !== undefined ? [run_id] : [])),
  );
  const started = `${counted(runs.length, "run")} that it started can't be undone: ${joinNames(runs)}`;
  return [`undoing ${change.items[0]?.act} ${change.id}`, ...(runs.length === 0 ? [] : [started])];
}
