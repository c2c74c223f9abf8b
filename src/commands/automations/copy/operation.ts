import { NotFoundError } from "../../../api/errors.js";
import type { Automation } from "../../../api/types.js";
import { prepareUpdate } from "../../../changes/planned.js";
import type { Context } from "../../../context.js";
import type { NewItem } from "../../../history/change.js";
import {
  type DeploymentPlan,
  fieldsToCreate,
  fieldsToSend,
  type Task,
} from "../../../manifest/fleet-plan.js";
import { createPrinter } from "../../../output/printer.js";
import { conduct } from "../../operations/conduct.js";
import type { SendTools } from "../../operations/operation.js";
import { creationItem, updateItem } from "../../sending/items.js";
import { findMadeTwice, type MadeTwice, madeTwiceText, refuseMadeTwice } from "../../sending/made-twice.js";
import { goneError, placesMade, planOf } from "../manifest/as-planned.js";
import { hintAtStopped } from "../manifest/plans-failure.js";
import { Turns } from "../manifest/turns.js";
import { NextRuns } from "../shared/next-runs.js";
import type { CopyInput } from "./choose.js";
import { planCopies, subjectOf } from "./plan.js";

/** Copies what refs or a selection choose (src/manifest/README.md, "Copies"). */
export async function copyAutomations(context: Context, input: CopyInput): Promise<void> {
  const printer = await createPrinter(context);
  const nextRuns = new NextRuns();
  let plans: readonly DeploymentPlan[] = [];
  let turns: Turns | undefined;
  let twice: MadeTwice[] = [];
  const work = conduct<Task, string>(context, {
    words: {
      verb: "Copy",
      doing: "Copying",
      done: "copied",
      toDo: "copy",
      unchanged: "unchanged",
      cant: "can't be copied",
    },
    input,
    asks: "copy",
    isSingle: false,
    canBeUndone: true,
    plan: async () => {
      const planned = await planCopies(context, input);
      const { items: tasks } = planned.plan;
      ({ plans } = planned);
      turns = new Turns(context, { command: "copy", tasks, planAgain: planned.planAgain, printer });
      return planned.plan;
    },
    subject: subjectOf,
    record,
    send: async (task, tools) => {
      try {
        const { alreadyThere } = (await turns?.begin(task, tools.change.id)) ?? {};
        if (alreadyThere !== undefined) return { result: "unchanged", value: alreadyThere };
        const sent = await sendOne(context, task, { ...tools, onLost: () => turns?.sent(task) });
        const { schedule } = task.change.changes ?? {};
        if (sent !== undefined && schedule !== undefined)
          await nextRuns.compare(sent, { name: task.change.name, schedule: schedule.to });
        const value = sent?.automation_id ?? task.change.automationId ?? "";
        return { result: sent === undefined ? "unchanged" : "done", value };
      } finally {
        turns?.sent(task);
      }
    },
    detail: ({ change: { changes, action } }, success) => ({
      ...(success === undefined ? {} : { automation_id: success.value }),
      ...(success?.result === "unchanged"
        ? {}
        : { changes, reason: action === "update" ? Object.keys(changes ?? {}).join(", ") : undefined }),
    }),
    after: async ({ results }) => {
      nextRuns.warn(printer);
      hintAtStopped(printer, plans);
      twice = await findMadeTwice(context, { places: placesMade(results), printer });
      for (const each of twice) printer.warn(madeTwiceText(each));
    },
    refuse: () => refuseMadeTwice(twice),
  });
  await work.finally(() => turns?.close());
}

function record({ target: { deploymentId }, change }: Task): NewItem {
  if (change.action === "create") return creationItem(deploymentId, fieldsToCreate(change));
  const { automationId = "", name, before } = change;
  return updateItem(
    { deploymentId, before: { automation_id: automationId, name, ...before } },
    fieldsToSend(change),
  );
}

/** Undefined: it is so already. */
async function sendOne(
  context: Context,
  task: Task,
  { change, sender, recorded, onLost }: SendTools & { onLost(): void },
): Promise<Automation | undefined> {
  const { target, change: planned, known } = task;
  const { deploymentId, name } = target;
  if (planned.action === "create") {
    const create = {
      deploymentId,
      fields: fieldsToCreate(planned),
      known,
      called: `"${planned.name}" in ${name}`,
      onLost,
    };
    const send = async (resend: () => void) => (await sender().create({ ...create, resend })).value;
    const made = await change.send(recorded ?? record(task), { send });
    known.add(made.automation_id);
    return made;
  }
  const plan = planOf(task, { isSaved: false });
  const ready = await prepareUpdate(context, { ...plan, fields: fieldsToSend(planned) });
  const sent = await change.sendReady(recorded ?? record(task), ready).catch((error: unknown) => {
    throw error instanceof NotFoundError ? goneError(plan) : error;
  });
  return sent?.answer;
}
