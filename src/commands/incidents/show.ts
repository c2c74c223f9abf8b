import type { DeploymentSummary } from "../../api/types.js";
import { declareCommand, type InputOf, requestCodes } from "../../command/declaration.js";
import { flag, optional } from "../../command/flags.js";
import { commandLine, flagWords } from "../../command-line/next-command.js";
import type { Context } from "../../context/context.js";
import { exitCodes, QuietExit, UsageError } from "../../errors/cli-errors.js";
import { AskedBefore } from "../../fleet/presence.js";
import { itemKey } from "../../fleet/refs.js";
import { listDeployments } from "../../fleet/selection.js";
import {
  type CheckedItem,
  checkIncident,
  countEnabled,
  countUnexpected,
  isContained,
  recallIncident,
  scopeItems,
} from "../../incident/check.js";
import { readLedger } from "../../incident/ledger.js";
import type { LedgerState } from "../../incident/ledger-state.js";
import { fleetItems } from "../../incident/pause-plan.js";
import { deploymentsOf, requireSameApi } from "../../incident/scope.js";
import { knownItems } from "../../incident/switch-item.js";
import { Names } from "../../operations/rows/names.js";
import { nothingOf, reachLine, reachOf } from "../../operations/rows/reach.js";
import { countRuns, RunsReader } from "../../operations/rows/runs-reader.js";
import {
  deploymentsById,
  type FleetSession,
  openFleetSession,
  readDeployments,
  readIncidentRuns,
  targetLine,
} from "../../operations/rows/session.js";
import { retryOutages } from "../../operations/rows/wait-notes.js";
import { selectionWords } from "../../operations/selection/selection-flags.js";
import { pipedFields } from "../../output/columns.js";
import { counted, joinNames } from "../../output/count.js";
import { createPrinter, type Printer } from "../../output/printer.js";
import { redactTexts } from "../../settings/key.js";
import { printCheck, watchCheck } from "./check-print.js";
import { type IncidentView, itemColumns } from "./check-view.js";
import { chooseIncident, noteChanges, redactedState } from "./print-incident.js";

export const command = declareCommand({
  effect: "reads",
  arguments: {
    name: optional("name", "the incident (default: the only open one)", { completes: "incidents" }),
  },
  flags: {
    watch: flag("keep checking until you press q or Ctrl-C", { excludes: ["offline"] }),
    offline: flag("show only the ledger's contents, without sending requests"),
    verbose: flag("a row for every automation, including paused ones"),
  },
  help: {
    about:
      "Check with the server that everything an incident paused is still paused, and list automations that are enabled, new or resumed.",
    use: "Run it after the pause to prove that everything has stopped, and until the resume to see that it stays stopped.",
    inPipe: pipedFields(itemColumns(new Map(), new Date(0))),
    exitCodes: requestCodes({
      0: "everything is paused, or the incident is closed",
      4: "no such incident",
      6: "several are open: name one",
      8: "something is enabled, ran despite being paused, or could not be read",
    }),
    examples: [
      "herm incidents show INC-42",
      "herm incidents show INC-42 --watch",
      "herm incidents show INC-42 --offline --output json",
    ],
  },
  run: (context, input): Promise<void> => showIncident(context, input),
});

/** Checks an incident, or prints its ledger. Throws QuietExit (8) if it doesn't hold. */
async function showIncident(context: Context, options: InputOf<typeof command>): Promise<void> {
  const printer = await createPrinter(context);
  if (options.watch && printer.format.whole !== undefined) {
    throw new UsageError("--watch never ends, so it can't print a JSON array", { hint: "use -o jsonl" });
  }
  const { location, state } = await chooseIncident(context, { name: options.name, verb: "show" });
  if (options.offline) {
    noteChanges(context, [state]);
    const recalled = { state, check: recallIncident(state), at: context.now(), title: undefined };
    await printCheck(printer, printable({ ...recalled, deployments: [] }, context));
    return noteHandOver(printer, { state, path: location.path });
  }
  // A watch repeats its reads itself.
  if (!options.watch) await retryOutages(context);
  const session = await openFleetSession(context);
  requireSameApi(state, session.api);
  const reader = new RunsReader(session.client);
  const asked = options.watch ? new AskedBefore(() => context.monotonic()) : undefined;
  const look = async (): Promise<IncidentView> =>
    lookAt(context, session, {
      state: readLedger(context.settings.files, location) ?? state,
      reader,
      asked,
      isSilent: options.watch,
    });
  if (options.watch) return watchCheck(context, printer, look);
  const seen = await look();
  await printCheck(printer, seen);
  if (seen.state.closed !== undefined) return;
  if (printer.format.isForReading) printer.note(verdictText(context, seen));
  noteHandOver(printer, { state: seen.state, path: location.path });
  if (!isContained(seen.check)) throw new QuietExit(exitCodes.partial);
}

function noteHandOver(printer: Printer, { state, path }: { state: LedgerState; path: string }): void {
  if (state.closed !== undefined || !printer.format.isForReading) return;
  printer.note(`to hand this over, send ${path}; the other person runs: herm incidents import <file>`);
}

interface Look {
  state: LedgerState;
  reader: RunsReader;
  asked: AskedBefore | undefined;
  isSilent: boolean;
}

async function lookAt(
  context: Context,
  session: FleetSession,
  { state, reader, asked, isSilent }: Look,
): Promise<IncidentView> {
  const { client } = session;
  noteChanges(context, [state]);
  // A watch may last for days, and deployments may be added and removed in that time.
  const existing = isSilent
    ? await listDeployments(client, undefined, context.signal)
    : session.allDeployments;
  const deployments = deploymentsOfIncident(state, existing);
  const reading = { deployments, existing, isSilent, asked, ...knownItems(state) };
  const readings = await readDeployments(context, session, reading);
  const items = scopeItems(state, readings);
  const { underWay, since } = await readIncidentRuns(context, session, { reader, state, items, isSilent });
  context.signal.throwIfAborted();
  const runs = { running: countRuns(underWay.going), runsUnread: underWay.unreadable.length };
  const at = context.now();
  const check = checkIncident(state, { readings, runs, since, at });
  const [scope, ...otherScopes] = state.scopes;
  const reach = reachOf({
    deployments,
    existing,
    match: otherScopes.length === 0 ? scope?.match : undefined,
    leftOut: fleetItems(readings).length - items.length,
  });
  const title =
    reach === undefined
      ? targetLine(context, { chosen: deployments.length, total: deployments.length })
      : reachLine(reach, "not shown");
  return printable({ state, check, title, reach, at, deployments: existing }, context);
}

function printable({ state, check, ...look }: IncidentView, { settings }: Context): IncidentView {
  const items = redactTexts(check.items, settings);
  return { ...look, state: redactedState(state, settings), check: { ...check, items } };
}

function deploymentsOfIncident(
  state: LedgerState,
  existing: readonly DeploymentSummary[],
): DeploymentSummary[] {
  const ids = new Set([...state.items.values()].map(({ line }) => line.deployment_id));
  for (const scope of state.scopes) {
    for (const { deployment_id } of deploymentsOf(scope, existing)) ids.add(deployment_id);
  }
  return deploymentsById(ids, existing);
}

const mostRefs = 10;

/** A summary of the check of an open incident, and the next command. Plain text. */
function verdictText(context: Context, view: IncidentView): string {
  const { state, check, reach } = view;
  const { incident } = state.head;
  const herm = (...words: string[]) => commandLine(context, words);
  const close = herm("incidents", "close", incident);
  const resume = herm("automations", "resume", ...flagWords("--incident", incident));
  const own = check.items.filter(({ was_enabled }) => was_enabled === true);
  const count = (...states: string[]) => own.filter((item) => states.includes(item.state)).length;
  const paused = count("paused", "skipped");
  const unknown = check.items.filter((item) => item.state === "unknown").length;
  if (check.resumedByRef > 0) return pauseText(context, view);
  if (count("resumed") > 0 && paused > 0) return `${paused} of ${own.length} paused; to resume: ${resume}`;
  if (count("resumed") === 0 && countEnabled(check) > 0) return pauseText(context, view);
  if (unknown > 0) return `${unknown} unknown, so ${incident} stays open; to close it anyway: ${close}`;
  if (check.unreadable.length > 0)
    return `${counted(check.unreadable.length, "deployment")} not checked; to check again: ${herm("incidents", "show", incident)}`;
  if (paused === 0) return `everything is resumed; to close the incident: ${close}`;
  const unexpected = countUnexpected(check);
  if (unexpected > 0)
    return `${counted(unexpected, "unexpected run")}: report ${unexpected === 1 ? "it" : "them"}; to acknowledge: ${samePause(context, view)}`;
  if (!isContained(check)) return `${paused} paused; to resume: ${resume}`;
  const good = reach === undefined ? "everything is paused" : `${nothingOf(reach)} is enabled`;
  return `${good}; to resume it: ${resume}`;
}

/** The command that pauses enabled automations, and those resumed by ref while the rest are still paused. */
function pauseText(context: Context, view: IncidentView): string {
  const { check, state, deployments } = view;
  const enabled = countEnabled(check);
  const wasPaused = (item: CheckedItem) => state.items.get(itemKey(item))?.pause === "done";
  const again = check.items.filter((item) => item.state === "enabled" && wasPaused(item)).length;
  const byRef = check.items.filter(({ reason }) => check.resumedByRef > 0 && reason === "by ref");
  const names = new Names(byRef, deployments);
  const [all, those] = [enabled + byRef.length, again].map((count) => (count === 1 ? "it" : "them"));
  const what = [
    ...(byRef.length > 0 ? [`resumed by ref: ${joinNames(byRef.map((item) => names.of(item)))}`] : []),
    ...(enabled > again ? [`${enabled - again} enabled`] : []),
    ...(again > 0 ? [`${again} enabled again elsewhere: did a colleague resume ${those}?`] : []),
  ].join("; ");
  const pause = `to pause ${all}${enabled > 0 ? "" : " again"}: ${samePause(context, view)}`;
  return `${what}${again > 0 ? "" : ";"} ${pause}`;
}

/** The command that made the pause, or a description if there were several commands or many names. */
function samePause(context: Context, { state, check, deployments }: IncidentView): string {
  const { incident } = state.head;
  const [scope, ...others] = state.scopes;
  const { automations: keys, deployments: ids, customer, match, except } = scope ?? {};
  if (except === undefined || others.length > 0 || (keys ?? []).length > mostRefs)
    return `repeat the same pause with --incident ${incident}`;
  const names = new Names(check.items, deployments);
  const known = new Map(check.items.map((item) => [itemKey(item), item]));
  const refOf = (key: string) => {
    const item = known.get(key);
    return item === undefined ? key : names.ref(item);
  };
  const selected = selectionWords({
    deployments: ids?.map((id) => names.deployment(id)),
    customer,
    allDeployments: customer === undefined && ids === undefined,
    match,
    except,
  });
  const all = ids !== undefined && match === undefined ? ["--all"] : [];
  const words = keys?.map(refOf) ?? [...selected, ...all];
  return commandLine(context, ["automations", "pause", ...words, ...flagWords("--incident", incident)]);
}
