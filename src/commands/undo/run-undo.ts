/** Carries out an undo, and chooses the change to undo. */

import { rerunCommand } from "../../command/rerun-command.js";
import { commandLine } from "../../command-line/next-command.js";
import { quoteForShells } from "../../command-line/shell-quote.js";
import type { Context } from "../../context/context.js";
import { exitCodes, hintTo, NothingFoundError, QuietExit, UsageError } from "../../errors/cli-errors.js";
import { type ItemResult, mayBeChanged } from "../../fleet/outcome.js";
import { originInUse } from "../../history/api-identity.js";
import { alreadySo, type Change, unseenText } from "../../history/change.js";
import { listStored, wasForgotten } from "../../history/folder.js";
import type { ApiIdentity } from "../../history/incident-lines.js";
import { changesAfter, readChange, readChanges } from "../../history/read.js";
import { describeApi, isSameApi } from "../../incident/scope.js";
import { groupBy } from "../../manifest/group-by.js";
import { renderChangeGroups, type ShownChange } from "../../operations/change-groups.js";
import type { Plan } from "../../operations/operation.js";
import { withNothingDone } from "../../operations/rows/exit-error.js";
import { Names } from "../../operations/rows/names.js";
import { type FleetSession, openFleetSession, targetLine } from "../../operations/rows/session.js";
import { retryOutages } from "../../operations/rows/wait-notes.js";
import { runOperation } from "../../operations/run-operation.js";
import { duplicateNamesError } from "../../operations/sending/duplicates.js";
import { waitForLock } from "../../operations/sending/locks.js";
import { readSettled } from "../../operations/sending/wait-for-open.js";
import { counted } from "../../output/count.js";
import type { Printer } from "../../output/printer.js";
import { factSeparatorFor } from "../../output/style.js";
import { formatLocalBriefly } from "../../output/time.js";
import type { Move } from "../../schedule/frequency.js";
import { readConfig, readCredentials } from "../../settings/config-file.js";
import { redactTexts } from "../../settings/key.js";
import { defaultApiUrl, originOf } from "../../settings/origin.js";
import { flagsOfBuiltIn, isBuiltIn } from "../../settings/profile-name.js";
import type { Settings } from "../../settings/settings.js";
import type { IncidentInput } from "../incidents/incident-operation.js";
import { type OpenStep, planUndoOf, type UndoPlan, type UndoRequest } from "./plan.js";
import { recordStep, sendStep } from "./send.js";

const actionWords = {
  restore: { sign: "~", word: "restore", planned: "to be restored" },
  recreate: { sign: "+", word: "create again", planned: "to be created again" },
  delete: { sign: "-", word: "delete", planned: "to be deleted" },
} as const;

/** Undoes a change, except later edits (src/history/README.md, "Taking back"). */
export async function undo(context: Context, input: UndoRequest): Promise<void> {
  const opened = retryOutages(context, "undone").then(() => openFleetSession(context));
  const session = await opened.catch((error: unknown) => {
    const other = context.signal.aborted ? undefined : otherApiError(context, input.change);
    throw withNothingDone(other ?? error, "undone");
  });
  const change = chooseChange(context, input.change, session);
  if (change.incident !== undefined) return undoIncident(context, { change, session }, input);
  const { printer } = session;
  await runOperation<OpenStep, string, Plan<OpenStep> & { undone: UndoPlan }>(context, {
    words: { verb: "Undo", doing: "Undoing", done: "undone", noun: "change", unchanged: "already undone" },
    input,
    confirmationSubject: "undo",
    canBeUndone: true,
    plan: async () => {
      const sent = await waitUntilSent(context, change, printer);
      const plan = () => planUndoOf(context, { session, change: sent, input });
      const undone = await readSettled(context, plan, ({ steps, unsentRows }) => [
        ...steps.map(({ item }) => ({ ...item, automation_id: item.automation_id ?? "" })),
        ...unsentRows,
      ]);
      return { ...toPlan(context, undone, session), undone };
    },
    subject: ({ subject }) => subject,
    toHistoryItem: recordStep,
    move: moveOf,
    send: (step, tools) => sendStep(context, step, { ...tools, printer }),
    detail: ({ action, subject }, success) => {
      if (success === undefined) return { reason: actionWords[action].planned };
      if (success.result === "unchanged" || action === "restore") return {};
      if (action === "delete") return { reason: "deleted" };
      return { automation_id: success.value, reason: `created again, was ${subject.automation_id}` };
    },
    after: async ({ results, plan: { undone } }) => {
      printRecordNote(undone, { printer, results });
      return duplicateNamesError(context, { places: placesOf(results), printer });
    },
  });
}

function moveOf(step: OpenStep): Move {
  if (step.action === "recreate") return [undefined, { enabled: true, ...step.fields }];
  return [step.current, step.action === "delete" ? undefined : { ...step.current, ...step.fields }];
}

function toPlan(
  context: Context,
  { change, steps, unsentRows, unselected, deployments }: UndoPlan,
  { allDeployments }: FleetSession,
): Plan<OpenStep> {
  const { id, at, by, command, reason, record } = change;
  const subjects = steps.map(({ subject }) => subject);
  const names = new Names([...subjects, ...unsentRows], deployments);
  const isBlind = steps.some(
    (step) => step.action !== "recreate" && step.item.act !== "update" && !step.current.updated_at,
  );
  const when = formatLocalBriefly(new Date(at), context.now());
  const separator = factSeparatorFor(context);
  const lead = [
    [id, `${when} by ${by.user}`, command].join(separator),
    ...(reason ? [`  reason: ${reason}`] : []),
    ...(isBlind ? [unseenText] : []),
  ];
  return {
    items: steps,
    unsentRows,
    unreadable: [],
    deployments,
    names,
    retryCommand: (left) => {
      const again = { arguments: [id] };
      const isKeys = left.every(({ isUnseen }) => isUnseen);
      return isKeys ? `with a key that can see it: ${rerunCommand(context, again)}` : again;
    },
    changeOptions: { undoes: id, record },
    isOneItem: steps.length === 1,
    question: steps.length === 0 ? undefined : `Undo ${id} for ${counted(steps.length, "automation")}?`,
    view: {
      target: targetLine(context, { chosen: deployments.length, total: allDeployments.length }),
      lead: redactTexts(lead, context.settings),
      counts: unselected > 0 ? [`${unselected} not selected`] : [],
      body: (look) => renderChangeGroups(redactTexts(steps.map(shown), context.settings), { ...look, names }),
    },
  };
}

function shown(step: OpenStep): ShownChange {
  const fields = step.action === "restore" ? Object.entries(step.fields) : [];
  const current: Record<string, unknown> = step.action === "restore" ? { ...step.current } : {};
  const changes = Object.fromEntries(fields.map(([field, to]) => [field, { from: current[field], to }]));
  const { sign, word } = actionWords[step.action];
  return { item: step.subject, sign, word, changes };
}

function placesOf(results: readonly ItemResult<OpenStep, string>[]) {
  const made = results.flatMap(({ item, outcome }) =>
    item.action === "recreate" && outcome.result === "done"
      ? [{ ...item, automation_id: outcome.value }]
      : [],
  );
  return [...groupBy(made, ({ subject }) => subject.deployment_id)].map(([deployment_id, steps]) => ({
    deployment_id,
    deployment: steps[0]?.subject.deployment_name ?? deployment_id,
    names: groupBy(steps, ({ fields }) => fields.name),
    known: steps[0]?.present.knownIn(deployment_id) ?? new Set<string>(),
  }));
}

/**
 * Prints how an undo affects the record of the apply that it undid (src/manifest/README.md, "The record"), how the next
 * apply will react, and the command that was probably wanted instead.
 */
function printRecordNote(
  { change: { record } }: Pick<UndoPlan, "change">,
  { printer, results }: { printer: Printer; results: readonly ItemResult<OpenStep, string>[] },
): void {
  if (record === undefined) return;
  const doneBy = (kind: OpenStep["action"]) =>
    results.flatMap(({ item: { action, subject }, outcome }) =>
      action === kind && outcome.result === "done" ? [{ ...subject, automation_id: outcome.value }] : [],
    );
  const itOrThem = ({ length }: readonly unknown[]) => (length === 1 ? "it" : "them");
  const deleted = doneBy("delete");
  if (deleted.length > 0)
    printer.note(
      `${record} still has ${deleted.length === 1 ? "the deleted automation" : "the deleted automations"}: apply creates ${itOrThem(deleted)} again only with --recreate`,
    );
  const recreated = doneBy("recreate");
  if (recreated.length === 0) return;
  const [only, other] = recreated;
  const [were, it] = [other === undefined ? "was" : "were", itOrThem(recreated)];
  const what = `${counted(recreated.length, "automation")} that ${were} created again, so --prune skips ${it}`;
  const match = other === undefined ? ` --match ${quoteForShells(only?.name ?? "")}` : "";
  printer.note(`${record} doesn't have ${what}: put ${it} back into the file, then adopt -f <file>${match}`);
}

/**
 * Undoes one command's changes for its incident: resumes the automations that it paused, or pauses those that it
 * resumed, even edited ones (src/incident/README.md, "Taking back").
 */
async function undoIncident(
  context: Context,
  undoes: NonNullable<IncidentInput["undoes"]>,
  { dryRun, yes, concurrency, selection }: UndoRequest,
): Promise<void> {
  const { incident, items } = undoes.change;
  const how = { incident, dryRun, yes, concurrency, undoes };
  if (items.some(({ act }) => act === "resume")) {
    const { pauseIncident } = await import("../automations/pause/pause-incident.js");
    const choice = { refs: [], selection, isSelection: false, isSingle: false };
    return pauseIncident(context, { ...how, choice });
  }
  const { resumeIncident } = await import("../automations/resume/resume-incident.js");
  return resumeIncident(context, { ...how, refs: [], selection, includeChanged: false, catchUp: false });
}

/**
 * Chooses the change with this id, or else the last one that isn't an undo; if its undo is unfinished, the same change
 * again. Throws UsageError for a change on another API, and NothingFoundError if there is none.
 */
function chooseChange(
  context: Context,
  id: string | undefined,
  { api, printer }: Pick<FleetSession, "api" | "printer">,
): Change {
  if (id !== undefined && id !== "last") return namedChange(context, { id, api });
  const next = newestLeft(context, api);
  const nextCommand = context.settings.redact(next?.command ?? "");
  if (id === undefined && !context.io.canPrompt) {
    if (next === undefined) {
      printer.note("no change is left to undo");
      throw new QuietExit(exitCodes.ok);
    }
    const again = rerunCommand(context, { arguments: [next.id], flags: { yes: true } });
    throw new UsageError("no change given", { hint: `to undo the newest, ${nextCommand}: ${again}` });
  }
  const { change, unfinished, refused } = lastChange(context, api);
  if (unfinished !== undefined)
    printer.note(`${unfinished}, which undoes ${change.id}, was interrupted: this continues it`);
  if (refused !== undefined) {
    const part = refused.items.some(({ result }) => result === "done") ? " in part" : "";
    const then = refused.undoes === change.id ? "this tries again" : `the last change is ${change.id}`;
    printer.note(`${refused.id}, which undoes ${refused.undoes}, was refused${part}: ${then}`);
  }
  if ((unfinished ?? refused) === undefined && next?.id !== change.id) {
    const how = `to undo the change before it, ${nextCommand}: ${commandLine(context, ["undo", next?.id ?? ""])}`;
    printer.note(next === undefined ? "no other change is left to undo" : how);
  }
  return change;
}

/** The newest change that hasn't been undone. */
function newestLeft(context: Context, api: ApiIdentity): Change | undefined {
  const undone = new Set<string>();
  for (const change of readChanges(context.settings)) {
    const { id, undoes, items } = change;
    if (!isSameApi(change.target, api) || undone.has(id)) continue;
    if (undoes === undefined && items.some(mayBeChanged)) return change;
    if (undoes !== undefined && isOver(change) && !isRefused(change)) undone.add(undoes);
  }
  return undefined;
}

function namedChange(context: Context, { id, api }: { id: string; api: ApiIdentity }): Change {
  const change = readChange(context.settings, id);
  if (change === undefined) {
    if (wasForgotten(context.settings, id))
      throw new NothingFoundError(`change ${id} is no longer in the history`);
    throw new NothingFoundError(`there is no change ${JSON.stringify(id)} in this data folder`, {
      hint: hintTo("to see the changes", "history"),
    });
  }
  if (!isSameApi(change.target, api)) throw madeElsewhere(context.settings, change);
  return change;
}

/** The error for a change on another API than the current one; otherwise undefined. */
function otherApiError(context: Context, id: string | undefined): UsageError | undefined {
  const change = id === undefined ? undefined : readChange(context.settings, id);
  if (change === undefined) return undefined;
  const { origin, store_id, profile } = change.target;
  // A local server may have moved to another address.
  const mayBeHere = store_id !== undefined && profile === context.settings.profile().name;
  if (mayBeHere || origin === originInUse(context).origin) return undefined;
  return madeElsewhere(context.settings, change);
}

function madeElsewhere(settings: Settings, { id, target }: Change): UsageError {
  const { profile, origin } = target;
  const hasKey = readCredentials(settings).get(profile)?.origin === origin;
  const isOwnUrl = originOf(readConfig(settings).profiles.get(profile)?.api_url ?? defaultApiUrl) === origin;
  const flags = isBuiltIn(profile)
    ? flagsOfBuiltIn(profile)
    : { local: false, ...(hasKey ? { profile } : {}), ...(hasKey && isOwnUrl ? {} : { apiUrl: origin }) };
  return new UsageError(`change ${id} was made on ${describeApi(target)}, not here`, {
    hint: `nothing was sent; to undo it there: ${commandLine({ settings: { flags } }, ["undo", id])}`,
  });
}

interface LastChange {
  change: Change;
  /** The id of an undo of this change that isn't finished. */
  unfinished?: string;
  /** The last undo of this change, if it was refused. */
  refused?: Change | undefined;
}

function lastChange(context: Context, api: ApiIdentity): LastChange {
  const undone = new Set<string>();
  let refused: Change | undefined;
  for (const change of readChanges(context.settings)) {
    if (!isSameApi(change.target, api)) continue;
    const { id, undoes, items } = change;
    if (undoes === undefined) {
      // If all its items failed or were never sent, there is nothing to undo.
      if (items.some(mayBeChanged)) return { change, refused };
      continue;
    }
    if (undone.size === 0 && isRefused(change)) refused = change;
    const isOpen = !isOver(change) && !undone.has(undoes) && !undone.has(id);
    undone.add(undoes);
    const before = isOpen ? readChange(context.settings, undoes) : undefined;
    if (before !== undefined) return { change: before, unfinished: id };
  }
  throw new NothingFoundError("there is no change to undo", {
    hint: hintTo("to see which data folder and API are in use", "config", "list"),
  });
}

/** True if an undo is complete: in an incident's undo, skipped items count as done, but interrupted ones don't. */
function isOver(undo: Change): boolean {
  const { incident, items } = undo;
  const isFinished = items.every(
    ({ result, sent_at, error }) =>
      result === "done" ||
      error === alreadySo ||
      (incident !== undefined && result === "skipped" && sent_at !== undefined && error !== "interrupted"),
  );
  return isFinished || isRefused(undo);
}

function isRefused({ items, is_over, was_killed }: Change): boolean {
  if (!is_over || was_killed || items.some(({ result }) => result === "unknown")) return false;
  return items.some(({ refused }) => refused);
}

/**
 * Waits until the change, and any other undo of it, is fully sent, because later requests would follow the undo;
 * returns its final state. Throws NotPossibleError after `--max-wait`. Doesn't wait for processes that were killed.
 */
async function waitUntilSent(
  context: Context,
  change: Change,
  printer: Pick<Printer, "note">,
): Promise<Change> {
  const { settings } = context;
  const undos = changesAfter(settings, change).filter(({ undoes }) => undoes === change.id);
  const open = new Set([change, ...undos].flatMap(({ id, is_over }) => (is_over ? [] : [id])));
  for (const { id, path } of listStored(settings).filter((each) => open.has(each.id))) {
    const what = id === change.id ? id : `${id}, which undoes ${change.id},`;
    const lock = await waitForLock(context, {
      path,
      textOf: ({ who }) => `${what} is still being sent by ${who}`,
      printer,
    });
    lock.release();
  }
  return readChange(settings, change.id) ?? change;
}
