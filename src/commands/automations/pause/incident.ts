import type { Context } from "../../../context.js";
import { NotPossibleError } from "../../../errors.js";
import { claimsOf } from "../../../incident/claims.js";
import { requireSameApi } from "../../../incident/identity.js";
import { readLedger } from "../../../incident/ledger.js";
import type { LedgerState } from "../../../incident/ledger-state.js";
import { readOpenStates } from "../../../incident/open-states.js";
import { planPause } from "../../../incident/pause-plan.js";
import { scopeTest } from "../../../incident/scope.js";
import { errWidth } from "../../../output/sink.js";
import { chooseScope, narrowScope } from "../../fleet/choose.js";
import { throwOutage } from "../../fleet/outage.js";
import { persist } from "../../fleet/persist.js";
import { askForPlan, requireAsker } from "../../fleet/planned.js";
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
  unrecordedLedger,
  withChosenLedger,
} from "../../incidents/ledger-choice.js";
import { printedState } from "../../incidents/printed-state.js";
import { carryOutPause, printPlannedPause } from "./outcome.js";
import { renderPausePlan } from "./plan-view.js";
import { namesOf, type PauseIncidentOptions, type PreparedPause } from "./prepared.js";

/** Pauses a selection, or refs for an incident, kept in a ledger (src/incident/README.md, "Pausing"). */
export async function pauseIncident(context: Context, options: PauseIncidentOptions): Promise<void> {
  const isAsked = options.isSelection && !options.yes && !options.dryRun;
  if (isAsked) requireAsker(context, "pausing a selection");
  const choice = chooseLedger(context, options);
  await persist(context, "paused");
  const session = await openFleetSession(context);
  if (options.dryRun) {
    const state = readLedger(context.settings.files, choice.place);
    const prepared = await prepare(context, session, { options, choice, state });
    showPlan(context, prepared, { choice, state });
    return printPlannedPause(prepared);
  }
  let isSending = false;
  const pausing = withChosenLedger(context, options, async (open) => {
    const soFar = { choice: open.choice, state: open.ledger.state };
    const prepared = await prepare(context, session, { options, ...soFar });
    showPlan(context, prepared, soFar);
    if (isAsked) await askForPlan(context, "Pause", prepared.plan.toPause);
    await carryOutPause(context, prepared, {
      ...open,
      onRecorded: () => {
        isSending = true;
      },
    });
  });
  await pausing.catch((error: unknown) => {
    throw isSending ? error : unrecordedLedger(error, options);
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
  await throwOutage(readings, { client: session.client, signal: context.signal });
  const covered = narrowScope(scope, { choosing: options, readings, session });
  const { states, broken } = readOpenStates(context.settings, { api: session.api, except: choice.incident });
  warnOfBroken(session.printer, broken);
  const open = state === undefined ? states : [state, ...states];
  const claims = claimsOf(open.map((each) => printedState(each, context.settings)));
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

function showPlan(context: Context, prepared: PreparedPause, { choice, state }: LedgerSoFar): void {
  const { session, options, deployments, plan } = prepared;
  if (session.printer.isQuiet && (options.yes || options.dryRun)) return;
  const total = session.everyone.length;
  const target = targetLine(context, { chosen: deployments.length, total, api: session.api });
  const { isSelection, incident: named, ledger } = options;
  const isKept = isSelection || named !== undefined || ledger !== undefined;
  const { reason } = state === undefined ? context : printedState(state, context.settings).head;
  const incident = isKept
    ? {
        name: choice.incident,
        isNew: state === undefined,
        reason,
      }
    : undefined;
  const { errStyle: style, err } = session.printer;
  const width = errWidth(context);
  const names = namesOf(prepared);
  err(renderPausePlan(plan, { names, target, incident, now: context.serverNow(), style, width }));
}
