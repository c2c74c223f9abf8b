import type { Automation, AutomationDetail } from "../../../api/types.js";
import { prepareUpdate } from "../../../changes/planned.js";
import type { Context } from "../../../context.js";
import { NotPossibleError } from "../../../errors.js";
import type { Success } from "../../../fleet/outcome.js";
import { fold } from "../../../output/fold.js";
import { createPrinter } from "../../../output/printer.js";
import { safe } from "../../../output/safe.js";
import { Names } from "../../fleet/names.js";
import { type FleetRow, failure, itemRow } from "../../fleet/rows.js";
import { openFleetSession, targetLine } from "../../fleet/session.js";
import { renderChangeGroups } from "../../operations/change-groups.js";
import { conduct } from "../../operations/conduct.js";
import { atOnce } from "../../operations/flags.js";
import type { Operation, Plan, SendTools } from "../../operations/operation.js";
import { updateItem } from "../../sending/items.js";
import { printChanged } from "../shared/changed.js";
import { NextRuns } from "../shared/next-runs.js";
import { printFieldChanges } from "./field-changes.js";
import { changesOf, type PlannedItem, type UpdatePlan } from "./plan.js";
import { type BulkUpdate, namesOf, type PreparedUpdates, prepareUpdates } from "./prepared.js";
import type { Replacement } from "./replacement.js";
import { checkReplaced, differing, misfit, type WantedUpdate } from "./wanted.js";

/** Updates several automations, those that refs name or a selection (src/commands/README.md, "Updates of many"). */
export async function updateMany(context: Context, work: BulkUpdate): Promise<void> {
  const { input, isSelection, isSingle } = work;
  await conduct<PlannedItem, Automation>(context, {
    ...(await updating(context, work)),
    input,
    asks: isSelection ? "updating a selection" : undefined,
    isSingle,
    plan: async () => toPlan(context, await prepareUpdates(context, await openFleetSession(context), work)),
  });
}

export interface UpdateWork {
  deploymentId: string;
  before: AutomationDetail;
  wanted: WantedUpdate;
}

/** Updates one automation that was read, and shows before → after. */
export async function updateOne(context: Context, work: UpdateWork): Promise<void> {
  const { deploymentId, before, wanted } = work;
  const changes = differing(before, wanted);
  if (wanted.replacement !== undefined) checkReplaced(context, changes, before.automation_id);
  const deployment = { deployment_id: deploymentId };
  const { automation_id, name } = before;
  const item = { ...deployment, automation_id, name, deployment, automation: before };
  const planned = { item, before, changes, places: 0 };
  const isOpen = Object.keys(changes).length > 0;
  await conduct<PlannedItem, Automation>(context, {
    ...(await updating(context, { wanted, conditions: {} })),
    input: atOnce,
    asks: undefined,
    isSingle: true,
    plan: async () => ({
      items: isOpen ? [planned] : [],
      only: isOpen ? undefined : planned,
      rest: [],
      unreadable: [],
      deployments: [deployment],
      names: new Names([item], [deployment]),
      isRestByRefs: false,
    }),
    one: async (_, answer) => {
      if (answer?.result === "done") await printFieldChanges(context, { before, changes });
      const verb = answer?.result === "done" ? "Updated" : "Unchanged:";
      await printChanged(context, { automation: { ...before, ...answer?.value }, deploymentId, verb });
    },
  });
}

/** What every update has in common. */
async function updating(
  context: Context,
  work: Pick<BulkUpdate, "wanted" | "conditions">,
): Promise<
  Pick<Operation<PlannedItem, Automation>, "words" | "canBeUndone" | "subject" | "send" | "detail" | "after">
> {
  const printer = await createPrinter(context);
  const nextRuns = new NextRuns();
  return {
    words: { verb: "Update", doing: "Updating", done: "updated", toDo: "update", unchanged: "unchanged" },
    canBeUndone: true,
    subject: ({ item }) => item,
    send: (planned, tools) => sendOne(context, planned, { ...tools, work, nextRuns }),
    detail: (planned, answer) =>
      answer?.result === "unchanged" ? { reason: "changed so meanwhile" } : { changes: changesOf(planned) },
    after: () => {
      nextRuns.warn(printer);
      for (const note of work.wanted.schedule?.notes ?? []) printer.note(note);
    },
  };
}

function toPlan(context: Context, prepared: PreparedUpdates): Plan<PlannedItem> {
  const { session, work, deployments, plan } = prepared;
  const { everyone, api } = session;
  const names = namesOf(prepared);
  const { replacement } = work.wanted;
  return {
    items: plan.toUpdate,
    rest: restRows(plan),
    unreadable: plan.unreadable,
    deployments,
    names,
    isRestByRefs: !work.isSelection || plan.goingOn > 0,
    view: {
      target: targetLine(context, { chosen: deployments.length, total: everyone.length, api }),
      body: async (look) => [
        ...(await renderChangeGroups(
          plan.toUpdate.map((each) => ({ ...each, sign: "~", changes: changesOf(each) })),
          { ...look, names },
        )),
        ...(plan.goingOn > 0 && replacement !== undefined
          ? [fold(safe(goingOnText(plan.goingOn, replacement), "cell"), look.width)]
          : []),
      ],
    },
  };
}

/** Done again, a replacement may find more: nobody should take that for finishing the job. */
function goingOnText(goingOn: number, { replace }: Replacement): string {
  const will = goingOn === 1 ? "it" : `${goingOn} of them`;
  return `${JSON.stringify(replace)} still stands in ${will} afterwards: done again, this would replace it again`;
}

/** What is so already, isn't as it has to be, or couldn't be read. */
function restRows({ unchanged, left, unread }: UpdatePlan): FleetRow[] {
  return [
    ...unchanged.map((item): FleetRow => ({ ...itemRow(item), result: "unchanged" })),
    ...left.map(({ item, reason }): FleetRow => ({ ...itemRow(item), result: "left", reason })),
    ...unread.map(({ item, error }): FleetRow => ({ ...itemRow(item), result: "failed", ...failure(error) })),
  ];
}

interface UpdateTools extends SendTools {
  work: Pick<BulkUpdate, "wanted" | "conditions">;
  nextRuns: NextRuns;
}

/**
 * Reads it again, and sends what differs (src/changes/README.md, "Nothing is lost"). Throws NotPossibleError where it
 * isn't any more as the plan found it.
 */
async function sendOne(
  context: Context,
  { item, before: planned, changes }: PlannedItem,
  { change, work, nextRuns }: UpdateTools,
): Promise<Success<Automation>> {
  const { deployment_id: deploymentId, automation_id: automationId } = item;
  // A condition may be about a field that isn't sent: what no longer fits it isn't changed.
  const check = (current: Automation) => {
    const field = misfit(current, work.conditions);
    if (field !== undefined) throw new NotPossibleError(`changed meanwhile: ${field}`);
  };
  const plan = { deploymentId, automationId, planned, fields: changes, check };
  const ready = await prepareUpdate(context, plan);
  const { before } = ready;
  const sent = await change.sendReady(updateItem({ deploymentId, before }, changes), ready);
  if (sent === undefined) return { result: "unchanged", value: { ...before, ...changes } };
  const { schedule } = changes;
  const name = item.deployment_name ? `${item.deployment_name}/${item.name}` : item.name;
  if (schedule !== undefined) await nextRuns.compare(sent.answer, { name: name ?? automationId, schedule });
  return { result: "done", value: { ...before, ...changes, ...sent.answer } };
}
