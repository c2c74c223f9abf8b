import type { Context } from "../../../context.js";
import { type DeploymentPlan, type Task, tasksOf } from "../../../manifest/plan/fleet-plan.js";
import type { PlanItem } from "../../../manifest/plan/plan-item.js";
import { createPrinter } from "../../../output/printer.js";
import { Names } from "../../fleet/names.js";
import type { FleetRow } from "../../fleet/rows.js";
import { targetLine } from "../../fleet/session.js";
import { renderChangeGroups, type ShownChange } from "../../operations/change-groups.js";
import { conduct } from "../../operations/conduct.js";
import type { Plan } from "../../operations/operation.js";
import { hintAtStopped } from "../manifest/planning/failures.js";
import { type Planning, planDesired } from "../manifest/planning/plan-desired.js";
import { TaskSender } from "../manifest/sending/send-task.js";
import { printPlanWarnings } from "../manifest/view/annotations.js";
import { restRow, taskSubject } from "../manifest/view/task-rows.js";
import { chooseCopies, requireTarget } from "./choose.js";
import { desiredStates } from "./desired-states.js";
import type { CopyInput } from "./input.js";

/** Copies what refs or a selection choose (src/manifest/README.md, "Copies"). */
export async function copyAutomations(context: Context, input: CopyInput): Promise<void> {
  requireTarget(input);
  const printer = await createPrinter(context);
  let planned: PlannedCopies | undefined;
  let sender: TaskSender | undefined;
  const work = conduct<Task, string>(context, {
    words: {
      verb: "Copy",
      doing: "Copying",
      done: "copied",
      cant: "can't be copied",
    },
    input,
    asks: "copy",
    canBeUndone: true,
    plan: async () => {
      planned = await planCopies(context, input);
      const { plan, planAgain } = planned;
      sender = new TaskSender(context, { lockedWork: "copies to", tasks: plan.items, planAgain, printer });
      return plan;
    },
    subject: taskSubject,
    send: async (task, tools) => {
      if (sender === undefined) throw new Error("nothing is planned yet");
      return sender.send(task, tools);
    },
    detail: ({ change: { changes, action } }, success) => ({
      ...(success === undefined ? {} : { automation_id: success.value }),
      ...(success?.result === "unchanged"
        ? {}
        : { changes, reason: action === "update" ? Object.keys(changes ?? {}).join(", ") : undefined }),
    }),
    after: async ({ results }) => {
      await sender?.after(results);
      hintAtStopped(printer, planned?.plans ?? []);
    },
    refuse: () => sender?.refuse(),
  });
  await work.finally(() => sender?.close());
}

interface PlannedCopies extends Pick<Planning, "plans" | "planAgain"> {
  plan: Plan<Task>;
}

/** Plans what the targets lack, and with `--update` what differs there. */
async function planCopies(context: Context, input: CopyInput): Promise<PlannedCopies> {
  const { sources, targets, session } = await chooseCopies(context, input);
  const { everyone, api, printer } = session;
  const states = sources.length === 0 ? [] : desiredStates(sources, targets, input);
  const { plans, warnings, planAgain } = await planDesired(context, {
    targets: states.map(({ target }) => target),
    readDesired: async () => states,
    printer,
    waitReady: { namedMs: input.waitReady },
    withInstructions: true,
    planOptions: {},
    conflictHint: "rename or delete all but one there, then copy again",
  });
  const [only] = plans;
  if (states.length === 1 && only?.error !== undefined) throw only.error;
  printPlanWarnings(context, { printer, warnings });
  const isSent = ({ change: { action } }: Pick<Task, "change">) => input.update || action !== "update";
  const items = tasksOf(plans).filter(isSent);
  const sent = new Set(items.map(({ change }) => change));
  const rest = plans.flatMap((plan) =>
    plan.items.flatMap((change) => (sent.has(change) ? [] : restOf(plan, change))),
  );
  const deployments = states.map(({ target }) => ({
    deployment_id: target.deployment_id,
    name: target.name,
  }));
  const names = new Names([...items.map(taskSubject), ...rest], deployments);
  const plan: Plan<Task> = {
    items,
    rest,
    unreadable: [],
    deployments,
    names,
    isOneItem: items.length === 1,
    view: {
      target: targetLine(context, { chosen: deployments.length, total: everyone.length, api }),
      body: (look) => renderChangeGroups(items.map(shown), { ...look, names }),
    },
  };
  return { plans, planAgain, plan };
}

function shown(task: Task): ShownChange {
  const { action, changes = {} } = task.change;
  const { name: _name, ...others } = changes;
  const item = taskSubject(task);
  return action === "create"
    ? { item, sign: "+", word: "create", changes: others }
    : { item, sign: "~", changes };
}

/** The row of what isn't sent: unchanged, different or failed. */
function restOf(plan: Pick<DeploymentPlan, "target" | "error">, change: PlanItem): FleetRow {
  const row = restRow(plan, change);
  if (row.result !== "skipped" || change.action !== "update") return row;
  return {
    ...row,
    reason: `differs in ${Object.keys(change.changes ?? {}).join(" and ")}; --update changes it`,
  };
}
