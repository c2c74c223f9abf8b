import type { Context } from "../../../context.js";
import type { Task } from "../../../manifest/plan/fleet-plan.js";
import { createPrinter } from "../../../output/printer.js";
import { conduct } from "../../operations/conduct.js";
import { hintAtStopped } from "../manifest/planning/plans-failure.js";
import { TaskSender } from "../manifest/sending/send-task.js";
import { subjectOf } from "../manifest/view/task-rows.js";
import { type CopyInput, requireTarget } from "./choose.js";
import { type PlannedCopies, planCopies } from "./plan.js";

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
      toDo: "copy",
      unchanged: "unchanged",
      cant: "can't be copied",
    },
    input,
    asks: "copy",
    isSingle: false,
    canBeUndone: true,
    plan: async () => {
      planned = await planCopies(context, input);
      const { plan, planAgain } = planned;
      sender = new TaskSender(context, { command: "copy", tasks: plan.items, planAgain, printer });
      return plan;
    },
    subject: subjectOf,
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
