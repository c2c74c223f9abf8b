import type { Context } from "../../../context.js";
import { NotPossibleError } from "../../../errors.js";
import { type ChangeAnswer, switchItem } from "../../../incident/change.js";
import { claimsOf } from "../../../incident/claims.js";
import { requireSameApi } from "../../../incident/identity.js";
import { readLedger } from "../../../incident/ledger.js";
import type { LedgerLine } from "../../../incident/ledger-lines.js";
import { confirmedLine, type LedgerState } from "../../../incident/ledger-state.js";
import { readOpenStates } from "../../../incident/open-states.js";
import { type FleetItem, itemLines, planPause } from "../../../incident/pause-plan.js";
import { scopeTest } from "../../../incident/scope.js";
import { readScope } from "../../fleet/choose.js";
import { Names } from "../../fleet/names.js";
import { withNothingDone } from "../../fleet/outage.js";
import { persist } from "../../fleet/persist.js";
import { requireAsker } from "../../fleet/planned.js";
import { answerRow, type FleetRow, itemRow } from "../../fleet/rows.js";
import {
  type FleetSession,
  headLine,
  openFleetSession,
  targetLine,
  warnOfBroken,
} from "../../fleet/session.js";
import { IncidentJournal } from "../../incidents/journal.js";
import {
  chooseLedger,
  type LedgerChoice,
  type OpenIncident,
  rememberLedger,
  unrecordedLedger,
  withChosenLedger,
} from "../../incidents/ledger-choice.js";
import { printedState } from "../../incidents/printed-state.js";
import { conduct } from "../../operations/conduct.js";
import type { Found, Operation, Plan } from "../../operations/operation.js";
import { printChanged } from "../shared/changed.js";
import { pauseWords } from "../shared/switch-enabled.js";
import { planLines } from "./plan-lines.js";
import type { PauseOptions, PreparedPause } from "./prepared.js";
import { printStanding, readBackPause, refuseUnexpected } from "./read-back.js";
import { goneRows, readUndone, undoLines } from "./undone.js";

/** Pauses a selection, or refs for an incident, kept in a ledger (src/incident/README.md, "Pausing"). */
export async function pauseIncident(context: Context, options: PauseOptions): Promise<void> {
  const isUndo = options.undoes !== undefined;
  const asks = isUndo ? "undo" : options.choice.isSelection ? "pausing a selection" : undefined;
  if (asks !== undefined && !options.yes && !options.dryRun) requireAsker(context, asks);
  await persist(context, "paused");
  const session = await openFleetSession(context).catch((error: unknown) => {
    throw withNothingDone(error, "paused");
  });
  const pause = (soFar: LedgerSoFar) => conduct(context, pausing(context, { session, options, asks, soFar }));
  if (options.dryRun) {
    const choice = chooseLedger(context, options);
    const state = readLedger(context.settings.files, choice.place);
    return pause({ choice, state });
  }
  let isSending = false;
  const onRecorded = () => {
    isSending = true;
  };
  const work = (open: OpenIncident) => pause({ ...open, state: open.ledger.state, onRecorded });
  await withChosenLedger(context, options, work).catch((error: unknown) => {
    throw isSending ? error : unrecordedLedger(error, options);
  });
}

interface LedgerSoFar extends Partial<Pick<OpenIncident, "ledger">> {
  choice: LedgerChoice;
  state: LedgerState | undefined;
  /** What shall be paused is in the ledger, on the disk. */
  onRecorded?(): void;
}

interface Pausing {
  session: FleetSession;
  options: PauseOptions;
  asks: string | undefined;
  soFar: LedgerSoFar;
}

function pausing(
  context: Context,
  { session, options, asks, soFar }: Pausing,
): Operation<FleetItem, ChangeAnswer> {
  const { choice, ledger, onRecorded } = soFar;
  let prepared: PreparedPause | undefined;
  const known = () => {
    if (prepared === undefined) throw new Error("nothing was planned");
    return prepared;
  };
  const begin = async (open: OpenIncident) => {
    rememberLedger(context, known().session.printer, open.choice);
    open.ledger.write(firstLines(context, known(), open));
    await open.ledger.settle();
    onRecorded?.();
  };
  const open = ledger && { choice, ledger };
  const journal =
    open &&
    new IncidentJournal<FleetItem>(context, {
      ...open,
      change: "pause",
      undoes: options.undoes?.id,
      planned: () => known().plan.toPause.length,
      begin: () => begin(open),
    });
  let standing: Awaited<ReturnType<typeof readBackPause>>["standing"] | undefined;
  let found: Found | undefined;
  return {
    words: { ...pauseWords, left: "left to other incidents" },
    input: options,
    asks,
    isSingle: options.choice.isSingle,
    canBeUndone: true,
    triesEveryDeployment: true,
    journal,
    plan: async () => {
      prepared = await prepare(context, session, { options, soFar });
      return prepared.shown;
    },
    subject: (item) => item,
    send: (item) => switchItem(context, item, "pause"),
    detail: (_, answer) => (answer === undefined ? {} : answerRow(answer.value, "pause")),
    readBack: async (results) => {
      if (open === undefined) return undefined;
      const read = await readBackPause(context, known(), { ...open, results });
      ({ standing, found } = read);
      return found;
    },
    one: ({ automation, deployment_id: deploymentId }, answer) => {
      const verb = answer === undefined ? "Already paused:" : "Paused";
      return printChanged(context, {
        automation: { ...automation, ...answer?.value.automation },
        deploymentId,
        verb,
      });
    },
    after: ({ isOutage }) => {
      if (open === undefined || standing === undefined) return;
      printStanding(context, known(), { ...open, standing, isOutage });
    },
    refuse: () => refuseUnexpected(found?.rows ?? [], choice.incident),
  };
}

async function prepare(
  context: Context,
  session: FleetSession,
  { options, soFar: { choice, state } }: { options: PauseOptions; soFar: LedgerSoFar },
): Promise<PreparedPause> {
  if (state !== undefined) {
    requireSameApi(state, session.api);
    if (options.undoes === undefined) refuseClosed(state);
  }
  const { undoes } = options;
  const { scope, deployments, readings } =
    undoes === undefined
      ? await readScope(context, session, options.choice, options)
      : await readUndone(context, session, { ...options, undoes, selection: options.choice.selection });
  const { states, broken } = readOpenStates(context.settings, { api: session.api, except: choice.incident });
  warnOfBroken(session.printer, broken);
  const open = state === undefined ? states : [state, ...states];
  const claims = claimsOf(open.map((each) => printedState(each, context.settings)));
  const plan = planPause({ readings, state, isSelected: scopeTest(scope), claims });
  const isFleet = deployments.length > 1;
  const { toPause, untouched, unreadable } = plan;
  const names = new Names([...toPause, ...untouched.map(({ item }) => item)], session.everyone, isFleet);
  const { everyone, api } = session;
  const isDone = toPause.length === 0 && untouched[0]?.result === "unchanged";
  const shown: Plan<FleetItem> = {
    items: toPause,
    only: options.choice.isSingle && isDone ? untouched[0]?.item : undefined,
    rest: [
      ...untouched.map(({ item, result, reason }): FleetRow => ({ ...itemRow(item), result, reason })),
      ...(undoes === undefined ? [] : goneRows(undoes, { scope, readings })),
    ],
    unreadable,
    deployments,
    names,
    isRestByRefs: false,
    again:
      undoes === undefined
        ? { arguments: options.choice.refs, flags: { incident: choice.incident } }
        : { arguments: [undoes.id] },
    view: {
      target: targetLine(context, { chosen: deployments.length, total: everyone.length, api }),
      lead: [
        ...(undoes === undefined ? [] : undoLines(context, undoes)),
        incidentLine(context, { choice, state }),
      ],
      body: (look) => planLines(plan, { ...look, names, now: context.serverNow() }),
    },
  };
  return { session, options, scope, plan, shown };
}

function refuseClosed({ head, closed }: LedgerState): void {
  if (closed === undefined) return;
  throw new NotPossibleError(`incident ${head.incident} was closed at ${closed.at}`, {
    hint: (herm) =>
      `choose another name for a new one; ${herm("incidents", "reopen", head.incident)} goes on with this one`,
  });
}

/** `incident INC-42 (new): bad model`. */
function incidentLine(context: Context, { choice, state }: LedgerSoFar): string {
  const { reason } = state === undefined ? context : printedState(state, context.settings).head;
  return `incident ${choice.incident}${state === undefined ? " (new)" : ""}${reason ? `: ${reason}` : ""}`;
}

/** All that the ledger must hold before the first change is sent. */
function firstLines(
  context: Context,
  { session, scope, plan, options }: PreparedPause,
  { choice, ledger: { state } }: OpenIncident,
): LedgerLine[] {
  const at = context.now();
  const date = context.serverNow();
  const { incident } = choice;
  const head = headLine(context, { incident, reason: context.reason, api: session.api });
  return [
    ...(state === undefined ? [head] : []),
    ...(state?.closed === undefined ? [] : [{ type: "reopened", at: at.toISOString() } as const]),
    ...(options.undoes !== undefined || state?.covers(scope) ? [] : [scope]),
    ...itemLines(plan, { state, at: at.toISOString(), date: date.toISOString() }),
    ...plan.confirmed.map((item) =>
      confirmedLine("pause", item, { at, date, updatedAt: item.automation.updated_at }),
    ),
  ];
}
