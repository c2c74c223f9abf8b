/** Carries out an update: plans, shows and sends it. */

import type { Automation, AutomationFields } from "../../../api/types.js";
import { type FieldName, sentFields } from "../../../changes/fields.js";
import { prepareUpdate } from "../../../changes/planned-change.js";
import type { Context } from "../../../context/context.js";
import { NotPossibleError, UsageError } from "../../../errors/cli-errors.js";
import type { Success } from "../../../fleet/outcome.js";
import type { FleetItem } from "../../../incident/pause-plan.js";
import type { Candidate } from "../../../incident/scope.js";
import { groupBy } from "../../../manifest/group-by.js";
import type { OperationInput, Plan, PlanView, SendTools } from "../../../operations/operation.js";
import type { TargetChoice } from "../../../operations/rows/read-scope.js";
import { type FleetRow, itemRow } from "../../../operations/rows/result-rows.js";
import { runOperation } from "../../../operations/run-operation.js";
import {
  type ChosenAutomations,
  chooseAutomations,
} from "../../../operations/selection/choose-automations.js";
import { listAutomations } from "../../../operations/selection/resolve.js";
import { updateItem } from "../../../operations/sending/items.js";
import { readSettled } from "../../../operations/sending/wait-for-open.js";
import { createPrinter, type Printer } from "../../../output/printer.js";
import { renderChanges } from "../../../output/text/diff.js";
import { checkInstructions } from "../shared/instructions-flags.js";
import { NextRunCheck } from "../shared/next-runs.js";
import { printChanged } from "../shared/print-changed.js";
import { askForTakenName, idsNamed, refuseTakenName } from "../shared/taken-name.js";
import {
  differing,
  isAlreadyApplied,
  isUpToDate,
  mismatch,
  replaceIn,
  replacesMore,
  type UpdateRequest,
} from "./update-request.js";

interface UpdateWork {
  input: OperationInput & { allowDuplicate: boolean };
  choice: TargetChoice;
  request: UpdateRequest;
  /** Asks what to change in a single automation, if no flag says so. */
  ask?(before: Automation): Promise<UpdateRequest>;
}

interface UpdatePlan extends Plan<PlannedItem> {
  request: UpdateRequest;
}

/** Updates refs or a selection (src/commands/README.md, "Updates of many"). */
export async function updateChosen(context: Context, work: UpdateWork): Promise<void> {
  const { input, choice } = work;
  const printer = await createPrinter(context);
  const nextRuns = new NextRunCheck();
  await runOperation<PlannedItem, Automation, UpdatePlan>(context, {
    words: {
      verb: "Update",
      doing: "Updating",
      done: "updated",
      ...(work.request.replacement === undefined ? {} : { unchanged: "already replaced" }),
    },
    input,
    confirmationSubject: choice.isSelection ? "updating a selection" : undefined,
    isSingle: choice.isSingle,
    canBeUndone: true,
    plan: async () => {
      const read = () => readChosen(context, work);
      const chosen = await readSettled(context, read, ({ items }) => items);
      const [first] = chosen.items;
      const asked = first && (await work.ask?.(first.automation));
      const request = { ...work.request, ...asked };
      return { ...(await planOf(context, chosen, { ...work, request })), request };
    },
    subject: ({ item }) => item,
    move: ({ item: { automation }, changes }) => [automation, { ...automation, ...changes }],
    send: (planned, tools, { request }) => sendOne(context, planned, { ...tools, request, nextRuns }),
    detail: (planned, answer) =>
      answer?.result === "unchanged" ? { reason: "already changed" } : { changes: changesOf(planned) },
    printItem: async (planned, answer) => {
      const isDone = answer?.result === "done";
      if (isDone) await printFieldChanges(printer, planned);
      const { automation, deployment_id } = planned.item;
      const verb = isDone ? "Updated" : "Unchanged:";
      await printChanged(context, { automation: { ...automation, ...answer?.value }, deployment_id, verb });
    },
    after: async ({ plan: { request } }) => {
      nextRuns.warn(printer);
      for (const note of request.schedule?.notes ?? []) printer.note(note);
      return undefined;
    },
  });
}

async function readChosen(
  context: Context,
  { input: { concurrency }, choice, request, ask }: UpdateWork,
): Promise<ChosenAutomations> {
  const { instructions, replacement, thread } = request;
  // Lists don't contain instructions and threads.
  const readsDetail =
    ask !== undefined ||
    choice.isSingle ||
    [instructions, replacement, thread].some((field) => field !== undefined);
  const chosen = await chooseAutomations(context, choice, { concurrency, readsDetail });
  if (!readsDetail || !choice.isSelection) return chosen;
  const { readAutomationDetails } = await import("./read-details.js");
  const { unread, items } = await readAutomationDetails(context, chosen.items, request, concurrency);
  return { ...chosen, items, unreadRows: [...chosen.unreadRows, ...unread] };
}

/** Plans the changes. Throws NothingFoundError if every automation was read and none matches the conditions. */
async function planOf(
  context: Context,
  chosen: ChosenAutomations,
  { input, choice, request }: UpdateWork,
): Promise<Plan<PlannedItem>> {
  const { items, names, unreadable, unreadRows: unread } = chosen;
  const isByRefs = !choice.isSelection;
  const { toUpdate, rest, wouldReplaceMore } = planUpdates(items, request, { isByRefs });
  const isNone = toUpdate.length === 0 && rest.every(({ result }) => result === "skipped");
  const done = isNone ? await findReplaced(context, items, request) : [];
  if (isNone && done.length + unread.length + unreadable.length === 0) {
    const { noMatchError } = await import("./no-match.js");
    throw noMatchError(
      items.map(({ automation }) => automation),
      request,
    );
  }
  refuseSeveralThreads(toUpdate);
  if (!input.allowDuplicate)
    await checkNames(context, toUpdate, {
      allItems: isByRefs ? undefined : chosen.allItems,
      isSingle: choice.isSingle,
      asks: context.io.canPrompt && !input.dryRun,
      nameOf: (id) => names.deployment(id),
    });
  if (request.replacement !== undefined)
    for (const { item, changes } of toUpdate)
      if (changes.instructions !== undefined)
        checkInstructions(context, changes.instructions, `of ${names.of(item)}, with --replace`);
  const [first] = items;
  const isOnlyUnchanged = choice.isSingle && toUpdate.length === 0 && first !== undefined;
  return {
    ...chosen,
    items: toUpdate,
    unchangedItem: isOnlyUnchanged ? { item: first, changes: {}, places: 0 } : undefined,
    unsentRows: [
      ...rest.filter(({ automation_id }) => !done.some((item) => item.automation_id === automation_id)),
      ...done.map((item) => ({ ...itemRow(item), result: "unchanged" as const })),
      ...unread,
    ],
    retriesByRefs: isByRefs || wouldReplaceMore,
    view: choice.isSingle && !input.dryRun ? undefined : viewOf(toUpdate, chosen),
  };
}

async function findReplaced(context: Context, items: readonly FleetItem[], request: UpdateRequest) {
  const { replacement, ...others } = request;
  if (replacement === undefined) return [];
  const { replacedBefore } = await import("./replaced-before.js");
  const isMeant = ({ automation }: FleetItem) => mismatch(automation, others) === undefined;
  return replacedBefore(context, items.filter(isMeant), { ...request, replacement });
}

function viewOf(toUpdate: readonly PlannedItem[], { head, names }: ChosenAutomations): PlanView {
  return {
    ...head,
    body: async (look) => {
      const { renderChangeGroups } = await import("../../../operations/change-groups.js");
      const changes = toUpdate.map((each) => ({ ...each, sign: "~" as const, changes: changesOf(each) }));
      return renderChangeGroups(changes, { ...look, names });
    },
  };
}

/** Prints changed fields on stderr as before → after, and instructions as a line diff. */
async function printFieldChanges(printer: Printer, planned: PlannedItem): Promise<void> {
  if (printer.isQuiet || !printer.format.isForReading) return;
  printer.err(`${(await renderChanges(changesOf(planned), printer.errRenderOptions)).join("\n")}\n`);
}

/** Reads again, then sends fields that differ (src/changes/README.md, "Nothing is lost"). Throws NotPossibleError. */
async function sendOne(
  context: Context,
  { item, changes }: PlannedItem,
  { change, settleLater, request, nextRuns }: SendTools & { request: UpdateRequest; nextRuns: NextRunCheck },
): Promise<Success<Automation>> {
  const { deployment_id, automation_id, automation: planned } = item;
  // A condition may be about a field that isn't sent: an automation that no longer matches isn't changed.
  const onReread = (current: Automation) => {
    const field = mismatch(current, request);
    if (field !== undefined) throw new NotPossibleError(`changed since: ${field}`);
  };
  const ready = await prepareUpdate(context, {
    deployment_id,
    automation_id,
    planned,
    fields: changes,
    onReread,
  });
  const { before } = ready;
  const sent = await change.sendReady(updateItem({ deployment_id, before }, changes), ready, settleLater);
  if (sent === undefined) return { result: "unchanged", value: { ...before, ...changes } };
  const { schedule } = changes;
  const name = item.deployment_name ? `${item.deployment_name}/${item.name}` : item.name;
  if (schedule !== undefined) await nextRuns.compare(sent.answer, { name: name ?? automation_id, schedule });
  return { result: "done", value: { ...before, ...changes, ...sent.answer } };
}

interface NameCheck {
  /** All automations read in the selection's deployments; if undefined, the deployments' lists are read. */
  allItems: readonly Pick<Candidate, "deployment_id" | "automation_id" | "name">[] | undefined;
  isSingle: boolean;
  /** True if a prompt is possible. */
  asks: boolean;
  nameOf(deployment_id: string): string;
}

/** Refuses a name that two automations in a deployment would share; asks instead if only one is to be changed. */
async function checkNames(
  context: Context,
  toUpdate: readonly PlannedItem[],
  { allItems, isSingle, asks, nameOf }: NameCheck,
): Promise<void> {
  const renamed = toUpdate.filter(({ changes }) => changes.name !== undefined);
  for (const [deployment_id, group] of groupBy(renamed, ({ item }) => item.deployment_id)) {
    const name = group[0]?.changes.name ?? "";
    const present =
      allItems?.filter((item) => item.deployment_id === deployment_id) ??
      (await listAutomations(context, deployment_id));
    const ids = idsNamed(name, present);
    if (isSingle && asks)
      await askForTakenName(context, { name, ids, question: "Give this one the same name?" });
    else if (isSingle) refuseTakenName(name, ids, "to give it that name anyway, add --allow-duplicate");
    else if (group.length + ids.length > 1)
      throw new NotPossibleError(
        `${group.length + ids.length} automations in ${nameOf(deployment_id)} would be named ${JSON.stringify(name)}`,
        { hint: "nothing was changed; choose one with --match or --except, or add --allow-duplicate" },
      );
  }
}

interface PlannedItem {
  item: FleetItem;
  changes: Partial<AutomationFields>;
  places: number;
}

interface PlannedUpdates {
  toUpdate: PlannedItem[];
  /** Unchanged rows and, if refs were given, those that don't match the conditions. */
  rest: FleetRow[];
  wouldReplaceMore: boolean;
}

function planUpdates(
  items: readonly FleetItem[],
  request: UpdateRequest,
  { isByRefs }: { isByRefs: boolean },
): PlannedUpdates {
  const { replacement } = request;
  const plan: PlannedUpdates = { toUpdate: [], rest: [], wouldReplaceMore: false };
  const isAgain = isAlreadyApplied(
    items.map(({ automation }) => automation),
    request,
  );
  for (const item of items) {
    const { automation } = item;
    const field = isAgain && isUpToDate(automation, request) ? undefined : mismatch(automation, request);
    const changes = field === undefined ? differing(automation, request) : {};
    if (field !== undefined) {
      const reason =
        field === "schedule" ? "it has a different schedule" : "its instructions don't contain the text";
      if (isByRefs) plan.rest.push({ ...itemRow(item), result: "skipped", reason });
    } else if (Object.keys(changes).length === 0) {
      plan.rest.push({ ...itemRow(item), result: "unchanged" });
    } else {
      const replaced = replacement && replaceIn(automation.instructions ?? "", replacement);
      plan.toUpdate.push({ item, changes, places: replaced?.count ?? 0 });
      if (replaced && replacement) plan.wouldReplaceMore ||= replacesMore(replaced.text, replacement);
    }
  }
  return plan;
}

function refuseSeveralThreads(toUpdate: readonly PlannedItem[]): void {
  const threads = toUpdate.filter(({ changes }) => changes.thread_id !== undefined);
  const places = new Set(threads.map(({ item }) => item.deployment_id)).size;
  if (places > 1)
    throw new UsageError(`a thread belongs to one deployment, but these are in ${places}`, {
      hint: "nothing was changed; update each deployment separately",
    });
}

function changesOf({
  item: { automation },
  changes,
}: PlannedItem): Partial<Record<FieldName, { from: unknown; to: unknown }>> {
  return Object.fromEntries(
    sentFields(changes).map((field) => [field, { from: automation[field] ?? null, to: changes[field] }]),
  );
}
