import type { Context } from "../../context/context.js";
import { presenceIn } from "../../fleet/presence.js";
import type { DeploymentReading } from "../../fleet/read-fleet.js";
import type { Change, SwitchAct } from "../../history/change.js";
import { changesAfter } from "../../history/read.js";
import { readOpenStates } from "../../incident/incident-folder.js";
import { readLedger } from "../../incident/ledger.js";
import type { LedgerState } from "../../incident/ledger-state.js";
import { type Candidate, requireSameApi } from "../../incident/scope.js";
import { type ChangeAnswer, type ChangeResult, knownItems } from "../../incident/switch-item.js";
import type { Operation, OperationInput, Plan } from "../../operations/operation.js";
import { requireInteractive } from "../../operations/plan-view.js";
import { withNothingDone } from "../../operations/rows/exit-error.js";
import {
  type FleetSession,
  openFleetSession,
  readBackDeployments,
  targetLine,
  warnOfBrokenLedgers,
} from "../../operations/rows/session.js";
import { retryOutages } from "../../operations/rows/wait-notes.js";
import { runOperation } from "../../operations/run-operation.js";
import { lookForMany } from "../../operations/sending/lost-changes.js";
import { isEnabling } from "../../operations/sending/read-recent.js";
import { waitForOpen } from "../../operations/sending/wait-for-open.js";
import { counted, joinNames } from "../../output/count.js";
import {
  chooseLedger,
  type IncidentJournal,
  type LedgerChoice,
  type LedgerFlags,
  type OpenIncident,
  withChosenLedger,
} from "./incident-journal.js";
import { redactedState } from "./print-incident.js";

export interface IncidentInput extends OperationInput, LedgerFlags {
  undoes?: { change: Change; session: FleetSession };
}

/** The incident that a pause or resume is for. */
export interface Incident {
  session: FleetSession;
  choice: LedgerChoice;
  /** Undefined in a dry run, which writes no ledger. */
  open?: OpenIncident | undefined;
  state: LedgerState | undefined;
}

/** Runs an incident's operation with its ledger locked. */
export async function runForIncident<Item, Planned extends Plan<Item>>(
  context: Context,
  {
    input,
    words: { done },
    confirmationSubject,
    asksOnlyIfAny,
  }: Pick<Operation<Item>, "words" | "confirmationSubject" | "asksOnlyIfAny"> & { input: IncidentInput },
  operationOf: (incident: Incident) => Operation<Item, ChangeAnswer, Planned> & {
    journal: Pick<IncidentJournal<Planned>, "explain"> | undefined;
  },
): Promise<void> {
  if (confirmationSubject !== undefined && !input.yes && !input.dryRun && !asksOnlyIfAny)
    requireInteractive(context, confirmationSubject);
  await retryOutages(context, done);
  const openSession = () =>
    openFleetSession(context).catch((error: unknown) => {
      throw withNothingDone(error, done);
    });
  const session = input.undoes?.session ?? (await openSession());
  const work = async (incident: Incident) => {
    if (incident.state !== undefined) requireSameApi(incident.state, session.api);
    const operation = operationOf(incident);
    await runOperation(context, operation).catch((error: unknown) => {
      throw operation.journal?.explain(error) ?? error;
    });
  };
  if (!input.dryRun) {
    const { incident, ledger } = input;
    return withChosenLedger(context, { incident, ledger, printer: session.printer }, (open) =>
      work({ session, choice: open.choice, open, state: open.ledger.state }),
    );
  }
  const choice = chooseLedger(context, input);
  return work({ session, choice, state: readLedger(context.settings.files, choice.location) });
}

/** Reads the states of all open incidents, and warns about unreadable ones. */
export function openStates(
  { settings }: Context,
  { session: { api, printer }, choice, state }: Incident,
): LedgerState[] {
  const { states, broken } = readOpenStates(settings, { api, except: choice.incident });
  warnOfBrokenLedgers(printer, broken);
  return state === undefined ? states : [state, ...states];
}

/** The changes sent for an incident, and the state of the deployments after them; undefined after Ctrl-C. */
export interface SentResults<Item> extends OpenIncident {
  results: readonly ChangeResult<Item>[];
  readings: readonly DeploymentReading[] | undefined;
  at: Date;
}

/** Reads again after everything is sent; undefined if no incident was started. */
export async function readSent<Item extends Candidate>(
  context: Context,
  { session, open }: Incident,
  sent: { act: SwitchAct; results: readonly ChangeResult<Item>[]; input: IncidentInput } & Pick<
    Plan<Item>,
    "deployments" | "unreadable"
  >,
): Promise<SentResults<Item> | undefined> {
  if (open?.ledger.state === undefined) return undefined;
  const { act, results, input, deployments, unreadable } = sent;
  if (act === "pause") await waitForResumes(context, results);
  const known = knownItems(open.ledger.state, { act, results });
  const reading = { deployments, unreadable, ...known, concurrency: input.concurrency };
  const unknown = results.filter(({ outcome }) => outcome.result === "unknown");
  let readings: DeploymentReading[] | undefined;
  const look = async () => {
    readings = await readBackDeployments(context, session, reading);
    const presenceOf = presenceIn(readings ?? []);
    return unknown.every(({ item }) => {
      const presence = presenceOf(item);
      return presence.is === "there" && presence.automation.enabled === (act === "resume");
    });
  };
  const count = unknown.length;
  // Attempts continued until the time from --max-wait was over.
  const times = { sentMs: Number.NEGATIVE_INFINITY, failedMs: context.monotonic() };
  const looking = count === 0 ? look() : lookForMany(context, { count, ...times, look });
  await unlessInterrupted(context, looking);
  if (context.signal.aborted) readings = undefined;
  return { ...open, results, readings, at: context.now() };
}

/** Waits until no unanswered resume can still have an effect; after Ctrl-C, it waits for less time. */
async function waitForResumes(context: Context, results: readonly ChangeResult<Candidate>[]): Promise<void> {
  const items = results.map(({ item }) => item);
  await unlessInterrupted(context, waitForOpen(context, items, isEnabling));
}

async function unlessInterrupted({ signal }: Context, work: Promise<unknown>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

/** The part that pause and resume plans have in common. */
export function planOfIncident(
  context: Context,
  { session: { allDeployments }, choice, state }: Incident,
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

/** Lines about the change to undo; runs that it started aren't stopped. */
function undoLines({ settings }: Pick<Context, "settings">, change: Change): string[] {
  const beside = changesAfter(settings, change).filter(({ command }) => command === change.command);
  const runs = beside.flatMap(({ items }) =>
    items.flatMap(({ act, run_id }) => (act === "trigger" && run_id !== undefined ? [run_id] : [])),
  );
  const started = `${counted(runs.length, "run")} that it started can't be undone: ${joinNames(runs)}`;
  return [`undoing ${change.items[0]?.act} ${change.id}`, ...(runs.length === 0 ? [] : [started])];
}
