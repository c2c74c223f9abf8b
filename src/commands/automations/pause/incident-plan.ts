/** Plans a pause: reads and judges the deployments, and writes the first lines of the ledger. */

import type { Context } from "../../../context/context.js";
import { hintTo, NotPossibleError } from "../../../errors/cli-errors.js";
import { presenceIn } from "../../../fleet/presence.js";
import { itemKey } from "../../../fleet/refs.js";
import type { Change } from "../../../history/change.js";
import type { ScopeLine } from "../../../history/incident-lines.js";
import type { LedgerLine } from "../../../history/parse.js";
import { itemsToUndo } from "../../../history/undo-plan.js";
import { confirmedLine, isInDoubt, type LedgerState } from "../../../incident/ledger-state.js";
import { ownersOf } from "../../../incident/owners.js";
import {
  countLastRunsUnderWay,
  type FleetItem,
  fleetItems,
  foundPausedLines,
  type PausePlan,
  planPause,
} from "../../../incident/pause-plan.js";
import { scopeTest } from "../../../incident/scope.js";
import { knownItems } from "../../../incident/switch-item.js";
import type { Plan } from "../../../operations/operation.js";
import { throwOutage } from "../../../operations/rows/exit-error.js";
import { Names, upcomingLines } from "../../../operations/rows/names.js";
import { reachOf } from "../../../operations/rows/reach.js";
import { narrowChange, readScope, type TargetChoice } from "../../../operations/rows/read-scope.js";
import { type FleetRow, itemRow, unseenRow } from "../../../operations/rows/result-rows.js";
import {
  deploymentsById,
  type FleetSession,
  newLedgerHead,
  readDeployments,
} from "../../../operations/rows/session.js";
import { enabledByOpenChanges } from "../../../operations/sending/read-recent.js";
import { counted } from "../../../output/count.js";
import type { RenderOptions } from "../../../output/printer.js";
import { safe } from "../../../output/safe.js";
import { fold } from "../../../output/text/fold.js";
import { formatLocalBriefly } from "../../../output/time.js";
import type { JournalLines } from "../../incidents/incident-journal.js";
import {
  type Incident,
  type IncidentInput,
  openStates,
  planOfIncident,
} from "../../incidents/incident-operation.js";
import { redactedState } from "../../incidents/print-incident.js";

/** Options for a pause. `undoes`: the resume whose selected part is paused again, into the same incident. */
export interface PauseOptions extends IncidentInput {
  tell?: string | undefined;
  /** If it is a selection, asks first and starts an incident; if it is refs, does so only if an incident is named. */
  choice: TargetChoice;
}

export interface PauseWork extends Plan<FleetItem> {
  session: FleetSession;
  options: PauseOptions;
  scope: ScopeLine;
  judged: PausePlan;
  /** True if no automation has to be paused and no run sent a message, so that no incident starts. */
  beginsNone: boolean;
}

export async function planIncident(
  context: Context,
  incident: Incident,
  options: PauseOptions,
): Promise<PauseWork> {
  const { session, state } = incident;
  const open = openStates(context, incident);
  const { choice, undoes } = options;
  if (state !== undefined && undoes === undefined) refuseClosed(state, context.now());
  const {
    scope,
    deployments,
    readings,
    gone: unsent,
  } = undoes === undefined
    ? await readIncidentScope(context, incident, options)
    : await readUndoScope(context, session, undoes.change, options);
  const owners = ownersOf(open.map((each) => redactedState(each, context.settings)));
  const mayBeEnabled = enabledByOpenChanges(context);
  const judged = planPause({ readings, state, isSelected: scopeTest(scope), owners, mayBeEnabled });
  const { toPause, unchanged, unreadable } = judged;
  const mentionedItems = [...toPause, ...unchanged.map(({ item }) => item)];
  const names = new Names(mentionedItems, session.allDeployments, deployments.length > 1);
  const isDone = toPause.length === 0 && unchanged[0]?.result === "unchanged";
  const beginsNone = toPause.length === 0 && state === undefined && options.tell === undefined;
  const common = planOfIncident(context, incident, { input: options, refs: choice.refs, deployments });
  return {
    ...{ session, options, scope, judged, beginsNone },
    ...common,
    items: toPause,
    unchangedItem: choice.isSingle && isDone ? unchanged[0]?.item : undefined,
    unsentRows: [
      ...unchanged.map(({ item, result, reason }): FleetRow => ({ ...itemRow(item), result, reason })),
      ...unsent,
    ],
    unreadable,
    names,
    view: {
      ...common.view,
      reach:
        choice.isSelection && undoes === undefined
          ? reachOf({
              deployments,
              existing: session.allDeployments,
              match: scope.match,
              leftOut: fleetItems(readings).filter((item) => !scopeTest(scope)(item)).length,
            })
          : undefined,
      ...(beginsNone ? { lead: undefined } : {}),
      namesNoItems: true,
      body: (look) => planLines(judged, { ...look, names, now: context.serverNow() }),
    },
  };
}

function planLines(
  { toPause, unchanged, unreadable }: PausePlan,
  { names, now, width }: RenderOptions & { names: Names; now: Date },
): string[] {
  const running = countLastRunsUnderWay([...toPause, ...unchanged.map(({ item }) => item)]);
  const lines = upcomingLines(toPause, { now, names, verb: "would run", isPart: unreadable.length > 0 });
  if (running > 0)
    lines.push(
      `at least ${counted(running, "run")} still going: pausing doesn't stop ${running === 1 ? "it" : "them"}`,
    );
  return lines.map((line) => fold(safe(line, "cell"), width));
}

function refuseClosed({ head, closed }: LedgerState, now: Date): void {
  if (closed === undefined) return;
  throw new NotPossibleError(
    `incident ${head.incident} was closed at ${formatLocalBriefly(new Date(closed.at), now)}`,
    { hint: hintTo("choose another name; to reopen this one", "incidents", "reopen", head.incident) },
  );
}

/** Lines that must be in the ledger before the first change is sent. */
export function firstLines(
  context: Context,
  { session, choice: { incident }, state }: Incident,
  { scope, judged, options, beginsNone }: PauseWork,
): JournalLines | undefined {
  if (beginsNone) return undefined;
  const at = context.now();
  const date = context.serverNow();
  const head = newLedgerHead(context, { incident, reason: context.reason, api: session.api });
  const first: LedgerLine[] = [
    ...(state === undefined ? [head] : []),
    ...(state?.closed === undefined ? [] : [{ reopened: true, at: at.toISOString() } as const]),
    ...(options.undoes !== undefined || state?.covers(scope) ? [] : [scope]),
  ];
  const found = [
    ...foundPausedLines(judged, { state, at: at.toISOString(), date: date.toISOString() }),
    ...judged.confirmed.flatMap((item) => {
      const number = state?.items.get(itemKey(item))?.numbers.pause;
      const { updated_at } = item.automation;
      return number === undefined ? [] : [confirmedLine(number, { at, date, updated_at })];
    }),
  ];
  return { first, found };
}

/** Reads the selection, and any automations not run since an earlier pause without a response. */
async function readIncidentScope(
  context: Context,
  { session, state }: Incident,
  { choice, concurrency }: PauseOptions,
) {
  const inDoubt = [...(state?.items ?? [])].filter(([, item]) => isInDoubt(item)).map(([key]) => key);
  const reading = { concurrency, includes: new Set(inDoubt), skipsPaused: true, ...knownItems(state) };
  const { unreadRows: gone, ...read } = await readScope(context, session, choice, reading);
  return { ...read, gone };
}

/** Reads the selected part of the automations in a change. Throws what `narrowChange` throws. */
async function readUndoScope(
  context: Context,
  session: FleetSession,
  change: Change,
  { choice: { selection }, concurrency }: PauseOptions,
) {
  const at = context.now();
  const selected = narrowChange(session.allDeployments, { items: itemsToUndo(change), selection, at });
  const ids = new Set(selected.map(({ deployment_id }) => deployment_id));
  const deployments = deploymentsById(ids, session.allDeployments);
  const readings = await readDeployments(context, session, { deployments, known: selected, concurrency });
  await throwOutage(readings, { client: session.client, signal: context.signal });
  const presenceOf = presenceIn(readings);
  const unread = new Set(
    readings.flatMap(({ deployment, error }) => (error ? deployment.deployment_id : [])),
  );
  const scope: ScopeLine = {
    scope: true,
    at: at.toISOString(),
    deployments: [...ids],
    automations: selected.map(itemKey),
    except: [],
  };
  const gone = selected.flatMap((item): FleetRow[] => {
    const presence = presenceOf(item);
    if (presence.is === "not there")
      return [{ ...itemRow(item), result: "skipped", reason: "deleted since" }];
    // An unreadable deployment has a row of its own.
    const isUnknown = presence.is === "unknown" && !unread.has(item.deployment_id);
    return isUnknown ? [unseenRow(item, presence.error)] : [];
  });
  return { scope, deployments, readings, gone };
}
