import type { Automation, DeploymentSummary } from "../../api/types.js";
import type { Context } from "../../context.js";
import { NotPossibleError } from "../../errors.js";
import { type ReadOrFailed, unlessGone } from "../../fleet/read-many.js";
import type { Selection } from "../../fleet/selection.js";
import type { Limits } from "../../fleet/silent-deployments.js";
import type { Change, ChangeItem } from "../../history/change.js";
import { laterChanges } from "../../history/later-changes.js";
import { changesAfter, readChanges } from "../../history/read.js";
import { itemsToUndo, type Present, planUndo, type UndoStep } from "../../history/undo-plan.js";
import type { Candidate } from "../../incident/scope.js";
import { groupBy } from "../../manifest/group-by.js";
import { textOrDash } from "../../output/value-text.js";
import { redactTexts } from "../../settings/redact.js";
import { type BadgesOf, loadIncidentBadges } from "../automations/shared/incident-badges.js";
import { narrowChange } from "../fleet/narrow.js";
import { ReadingProgress, readWithProgress } from "../fleet/read-with-progress.js";
import { type FleetRow, failureFields, itemRow } from "../fleet/rows.js";
import type { FleetSession } from "../fleet/session.js";
import type { OperationInput } from "../operations/operation.js";
import { listAutomations } from "../targets/resolve-automations.js";
import { silenceHint } from "../targets/selection.js";

export interface UndoRequest extends OperationInput {
  change: string | undefined;
  selection: Selection;
}

export type OpenStep = Extract<UndoStep, { action: "restore" | "recreate" | "delete" }> & {
  subject: Candidate;
  /** Ids in its deployment that the plan has seen, and of what was created again since. */
  known: Set<string>;
};

export interface UndoPlan {
  change: Change;
  steps: OpenStep[];
  unsentRows: FleetRow[];
  /** Number of items that weren't selected. */
  unselected: number;
  deployments: DeploymentSummary[];
}

/** Reads the present state of all that a change did, and plans the undo. */
export async function planUndoOf(
  context: Context,
  { session, change, input }: { session: FleetSession; change: Change; input: UndoRequest },
): Promise<UndoPlan> {
  const known = new Map(session.allDeployments.map((each) => [each.deployment_id, each]));
  const items = itemsToUndo(change);
  const { selection } = input;
  const chosen = narrowChange(session.allDeployments, { items, selection, at: context.now() });
  const ids = [...new Set(chosen.map(({ deployment_id }) => deployment_id))];
  const { settings } = context;
  const since = laterChanges(changesAfter(settings, change), () => readChanges(settings));
  const progress = new ReadingProgress(context, session.printer);
  const { concurrency } = input;
  const lists = await readLists(context, chosen, { progress, concurrency });
  const readPresent = presentReader(context, { badgesOf: await loadIncidentBadges(context), lists });
  const { found, errors } = await readWithProgress(context, chosen, {
    read: ({ item }, limits) => readPresent(item, limits),
    deploymentOf: ({ deployment_id }) => deployment_id,
    progress,
    stage: "automations",
    concurrency,
  });
  if (errors[0] !== undefined && chosen.length === 1) throw errors[0].error;
  const steps: OpenStep[] = [];
  const unsentRows: FleetRow[] = [];
  // An automation that was created again makes up for one deleted item, not for several.
  const taken = new Set<string>();
  for (const { item: candidate, value } of found) {
    const others = value.others.filter(({ automation_id }) => !taken.has(automation_id));
    const step = planUndo(candidate.item, { present: { ...value, others }, since, at: change.at });
    const subject = redactedCandidate(context, candidate);
    if ("as" in step && step.as !== undefined) taken.add(step.as);
    if (step.action === "unchanged") unsentRows.push({ ...itemRow(subject), result: "unchanged" });
    else if (step.action === "skip")
      unsentRows.push({ ...itemRow(subject), result: "skipped", reason: step.why });
    else steps.push({ ...step, subject, known: value.known });
  }
  for (const { item, error } of errors)
    unsentRows.push({
      ...itemRow(redactedCandidate(context, item)),
      result: "failed",
      ...failureFields(error),
    });
  const unreadable = groupBy(errors, ({ item }) => item.deployment_name ?? item.deployment_id);
  const waitHint = silenceHint([...unreadable].map(([what, [first]]) => ({ what, error: first?.error })));
  if (waitHint !== undefined) session.printer.note(waitHint);
  const deployments = ids.map((id) => known.get(id) ?? { deployment_id: id });
  return { change, steps, unsentRows, unselected: items.length - chosen.length, deployments };
}

/** Redacts a key that an older file may have. */
function redactedCandidate({ settings }: Context, candidate: Candidate): Candidate {
  return { ...candidate, ...redactTexts({ name: candidate.name }, settings) };
}

interface DeploymentList extends Pick<OpenStep, "known"> {
  listed: readonly Automation[];
}

/**
 * Reads the lists of the deployments that something was deleted in. A key that all of these refuse may be right
 * elsewhere.
 */
async function readLists(
  context: Context,
  chosen: readonly (Candidate & { item: ChangeItem })[],
  options: { progress: ReadingProgress; concurrency: number | undefined },
): Promise<ReadOrFailed<string, DeploymentList>> {
  const deleted = chosen.filter(({ item: { act } }) => act === "delete");
  const ids = [...new Set(deleted.map(({ deployment_id }) => deployment_id))];
  try {
    return await readWithProgress(context, ids, {
      ...options,
      read: async (id, limits) => {
        const listed = await listAutomations(context, id, limits);
        return { listed, known: new Set(listed.map(({ automation_id }) => automation_id)) };
      },
      deploymentOf: (id) => id,
      stage: "deployments",
    });
  } catch (error) {
    context.signal.throwIfAborted();
    return { found: [], errors: ids.map((item) => ({ item, error })) };
  }
}

/** Gives what reads the present state of an item. `lists`: of the deployments that something was deleted in. */
function presentReader(
  context: Context,
  { badgesOf, lists }: { badgesOf: BadgesOf; lists: ReadOrFailed<string, DeploymentList> },
): (item: ChangeItem, limits: Limits) => Promise<Present & Pick<OpenStep, "known">> {
  const listOf = (deployment_id: string): DeploymentList => {
    const isThere = ({ item }: { item: string }) => item === deployment_id;
    const list = lists.found.find(isThere);
    if (list === undefined) throw lists.errors.find(isThere)?.error;
    return list.value;
  };
  return async (item, limits) => {
    const { act, deployment_id, automation_id, name } = item;
    if (item.is_damaged) throw damaged(item);
    const nothing = { automation: undefined, others: [], pausedBy: undefined, known: new Set<string>() };
    if (act === "trigger" || act === "answer" || automation_id === null) return nothing;
    const { automations } = await context.client();
    const get = (id: string) => unlessGone(automations.get(deployment_id, id, limits));
    const isDeleted = act === "delete";
    const { listed, known } = isDeleted ? listOf(deployment_id) : { listed: [], known: nothing.known };
    const automation = isDeleted && !known.has(automation_id) ? undefined : await get(automation_id);
    if (automation !== undefined) {
      const [held] = badgesOf(deployment_id, automation);
      return { automation, others: listed, pausedBy: held?.text, known };
    }
    // A list may lack instructions: automations of the same name are read whole.
    const others = await Promise.all(
      listed.map((other) => (other.name === name ? get(other.automation_id) : other)),
    );
    return { ...nothing, others: others.flatMap((other) => other ?? []), known };
  };
}

/** The error of a history file that somebody altered: its text isn't sent. */
function damaged({ name, automation_id }: ChangeItem): NotPossibleError {
  const what = textOrDash(name ?? automation_id);
  return new NotPossibleError(`the history's instructions of ${what} don't match their hash`);
}
