import { NotFoundError } from "../../api/errors.js";
import type { AutomationDetail } from "../../api/types.js";
import { prepareDelete, prepareUpdate } from "../../changes/planned-change.js";
import type { Context } from "../../context/context.js";
import { NotPossibleError } from "../../errors/cli-errors.js";
import { type Success, UnknownPresenceError } from "../../fleet/outcome.js";
import { unlessGone } from "../../fleet/read-many.js";
import type { NewItem } from "../../history/change.js";
import { isAsCreated, mayReplace } from "../../history/undo-plan.js";
import type { SendTools } from "../../operations/operation.js";
import { deploymentError, withoutNotFound } from "../../operations/rows/session.js";
import { createLocked } from "../../operations/sending/create-locked.js";
import { creationItem, deletionItem, updateItem } from "../../operations/sending/items.js";
import type { Printer } from "../../output/printer.js";
import type { OpenStep } from "./plan.js";

type Recreation = Extract<OpenStep, { action: "recreate" }>;

/** Records a step in the history, so that an unfinished undo shows what remains to be done. */
export function recordStep(step: OpenStep): NewItem {
  const { deployment_id, automation_id } = step.subject;
  if (step.action === "recreate") return creationItem(deployment_id, step.fields, automation_id);
  const read = { deployment_id, before: step.current };
  return step.action === "delete" ? deletionItem(read) : updateItem(read, step.fields);
}

/** Sends a step and returns the automation's id. Throws NotPossibleError if it no longer matches the plan. */
export async function sendStep(
  context: Context,
  step: OpenStep,
  tools: SendTools & { printer: Printer },
): Promise<Success<string>> {
  if (step.action === "recreate") return recreate(context, step, tools);
  const { change, recorded, settleLater } = tools;
  const { current: planned, subject } = step;
  const item = recorded ?? recordStep(step);
  const { automation_id: value } = planned;
  const { deployment_id } = subject;
  const plan = { deployment_id, automation_id: value, planned };
  const onReread = ({ recent_runs }: AutomationDetail) => {
    if (recent_runs.length > 0) throw new NotPossibleError("it has run since");
  };
  const send = async () =>
    step.action === "delete"
      ? await change.sendReady(item, await prepareDelete(context, { ...plan, onReread }), settleLater)
      : await change.sendReady(
          item,
          await prepareUpdate(context, { ...plan, fields: step.fields }),
          settleLater,
        );
  const done = await unlessGone(send().then((sent) => ({ sent }))).catch((error: unknown) => {
    const isOfDeployment = error instanceof UnknownPresenceError && error.cause !== undefined;
    throw isOfDeployment
      ? deploymentError(context, { deployment_id, cause: error.cause })
      : withoutNotFound(error);
  });
  if (done !== undefined) return { result: done.sent === undefined ? "unchanged" : "done", value };
  if (step.action === "delete") return { result: "unchanged", value };
  throw new NotPossibleError("deleted since");
}

async function recreate(
  context: Context,
  step: Recreation,
  { printer, ...tools }: SendTools & { printer: Printer },
): Promise<Success<string>> {
  const { item, subject, fields, present } = step;
  const { deployment_id, deployment_name } = subject;
  const known = present.knownIn(deployment_id);
  const { automation, existed } = await createLocked(context, tools, {
    deployment_id,
    deployment: deployment_name ?? deployment_id,
    fields,
    onCreated: (id) => known.add(id),
    findExisting: async (listed) => {
      const named = listed.filter(({ name }) => name === fields.name);
      for (const { automation_id } of named.filter((each) => !known.has(each.automation_id))) {
        const newer = await present.readOne({ deployment_id, automation_id });
        if (newer === undefined) continue;
        const isNew = mayReplace(item, newer, present.undone);
        if (isNew && !isAsCreated(newer, fields))
          throw new NotPossibleError(`an automation with that name has been created since: ${automation_id}`);
        known.add(automation_id);
        if (isNew) return newer;
      }
      return undefined;
    },
    printer,
  }).catch((error: unknown) => {
    throw error instanceof NotFoundError ? deploymentError(context, { deployment_id, cause: error }) : error;
  });
  return { result: existed ? "unchanged" : "done", value: automation.automation_id };
}
