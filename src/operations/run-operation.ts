/** Runs an operation: plans it, asks, sends, and reports; also sends one message. */

import type { MessageAnswer, Thread } from "../api/types.js";
import { messageOnce } from "../changes/once.js";
import type { Sending } from "../changes/sending.js";
import { commandLine } from "../command-line/next-command.js";
import type { Context } from "../context/context.js";
import { mayHaveChanged } from "../errors/exit-code.js";
import { createPrinter, type Printer } from "../output/printer.js";
import type { Operation, Plan, SendTools } from "./operation.js";
import { type ChangeOptions, OpenChange } from "./sending/open-change.js";

/**
 * Carries out an operation: reads and plans, shows the plan, asks, records and sends each item, and reports the
 * results. Returns the plan, and throws the error for the exit code (src/commands/README.md, "Exit codes").
 */
export async function runOperation<Item, Answer = undefined, Planned extends Plan<Item> = Plan<Item>>(
  context: Context,
  operation: Operation<Item, Answer, Planned>,
): Promise<Planned> {
  try {
    return await planAndSend(context, operation);
  } catch (error) {
    throw (await import("./rows/exit-error.js")).withNothingDone(error, operation.words.done);
  }
}

async function planAndSend<Item, Answer, Planned extends Plan<Item>>(
  context: Context,
  operation: Operation<Item, Answer, Planned>,
): Promise<Planned> {
  const { words, input } = operation;
  const confirmationSubject = input.yes || input.dryRun ? undefined : operation.confirmationSubject;
  const requireTerminal = async () => {
    if (confirmationSubject !== undefined && operation.prompts === undefined)
      (await import("./plan-view.js")).requireInteractive(context, confirmationSubject);
  };
  if (!operation.asksOnlyIfAny) await requireTerminal();
  if (!operation.isSingle) await (await import("./rows/wait-notes.js")).retryOutages(context, words.done);
  const plan = await operation.plan();
  try {
    if (operation.asksOnlyIfAny && plan.items.length > 0) await requireTerminal();
    await carryOut(context, operation, { plan, isAsked: confirmationSubject !== undefined });
  } finally {
    operation.close?.(plan);
  }
  return plan;
}

async function carryOut<Item, Answer>(
  context: Context,
  operation: Operation<Item, Answer>,
  { plan, isAsked }: { plan: Plan<Item>; isAsked: boolean },
): Promise<void> {
  const printer = await createPrinter(context);
  const { input, fileView } = operation;
  if (input.dryRun && fileView !== undefined) return fileView.printDryRun(plan);
  const isPlanShown = await showPlan(operation, { plan, printer, isAsked });
  if (input.dryRun) {
    await (await import("./print-results.js")).printDryRun(printer, operation, plan);
    if (plan.incomplete !== undefined) throw plan.incomplete;
    return;
  }
  if (isAsked) {
    const { words, prompts = context.prompts } = operation;
    const { confirmPlan } = await import("./plan-view.js");
    await confirmPlan(prompts, words.verb, {
      items: plan.items.map(operation.subject),
      question: plan.question,
    });
  }
  const hasRows = plan.unchangedItem === undefined && plan.unsentRows.length > 0;
  const isOneItem =
    operation.isSingle && operation.printItem !== undefined && operation.journal === undefined && !hasRows;
  const work = { plan, printer, isPlanShown };
  if (!isOneItem) return (await import("./send-many.js")).sendMany(context, operation, work);
  const send = () => sendOne(context, operation, work);
  const [item] = plan.items;
  return operation.surround === undefined || item === undefined ? send() : operation.surround(item, send);
}

/** Returns true if the plan was shown; on a terminal, the plan is the result of a dry run. */
async function showPlan<Item, Answer>(
  operation: Operation<Item, Answer>,
  { plan, printer, isAsked }: { plan: Plan<Item>; printer: Printer; isAsked: boolean },
): Promise<boolean> {
  const { view } = plan;
  const isResult = operation.input.dryRun && printer.isForPerson;
  const isShown = view !== undefined && (!printer.isQuiet || isAsked || isResult);
  if (operation.fileView !== undefined) await operation.fileView.show(plan, isShown);
  if (!isShown || operation.fileView !== undefined) return isShown;
  const { renderOperationPlan } = await import("./plan-view.js");
  const { renderOptions, errRenderOptions } = printer;
  const text = await renderOperationPlan(
    operation,
    { ...plan, view },
    isResult ? renderOptions : errRenderOptions,
  );
  if (isResult) await printer.out(text);
  else printer.err(text);
  return true;
}

/** Sends a single ref's item; throws a failure unchanged, and doesn't report it as a row. */
async function sendOne<Item, Answer>(
  context: Context,
  operation: Operation<Item, Answer>,
  { plan, printer }: { plan: Plan<Item>; printer: Printer },
): Promise<void> {
  const { unchangedItem, items, changeOptions } = plan;
  if (unchangedItem !== undefined) return operation.printItem?.(unchangedItem, undefined);
  await sendSingle(context, changeOptions, async (tools) => {
    const { change } = tools;
    const printUndo = () => {
      if (operation.canBeUndone && change.isRecorded)
        printer.note(`undo: ${commandLine(context, ["undo", change.id])}`);
    };
    try {
      for (const item of items) {
        const success = await operation.send(item, tools, plan);
        await operation.printItem?.(item, success);
        const results = [{ item, outcome: success }];
        const failure = await operation.after?.({ plan, results, isOutage: false });
        if (success.result === "done") printUndo();
        if (failure !== undefined) throw failure;
      }
    } catch (error) {
      if (mayHaveChanged(error)) printUndo();
      throw error;
    }
  });
}

/** Sends one item with its own entry in the history. */
export async function sendSingle<T>(
  context: Context,
  changeOptions: ChangeOptions | undefined,
  send: (tools: SendTools) => Promise<T>,
): Promise<T> {
  const change = new OpenChange(context, changeOptions);
  try {
    return await send({ change });
  } finally {
    await change.close();
  }
}

export interface MessageToSend {
  deployment_id: string;
  thread_id: string;
  run_id: string;
  content: string;
  /** Checks the thread right before the message is sent; throws if it mustn't be sent. */
  check?: ((thread: Thread) => void) | undefined;
}

/** Prepares a message to a run: reads its thread first, to recognise an identical earlier message. */
export async function prepareMessage(
  context: Context,
  { deployment_id, thread_id, run_id, content, check }: MessageToSend,
): Promise<Sending<MessageAnswer>> {
  const { threads } = await context.client();
  const thread = await threads.get(deployment_id, thread_id, { signal: context.signal });
  check?.(thread);
  const isSame = ({ role, content: text }: { role?: unknown; content?: unknown }) =>
    role === "user" && text === content;
  const known = thread.messages.filter(isSame).length;
  return messageOnce(context, { deployment_id, run_id, fields: { content, thread_id }, known });
}
