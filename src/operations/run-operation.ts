import { commandLine } from "../command-line/next-command.js";
import type { Context } from "../context.js";
import { DeclinedError } from "../errors.js";
import { mayHaveChanged } from "../exit-code.js";
import { createPrinter, type Printer } from "../output/printer.js";
import type { Operation, Plan } from "./operation.js";
import { sendSingle } from "./sending/sender.js";

/**
 * Carries out an operation: reads and plans, shows the plan, asks, records and sends each item, and reports what came of
 * it. Throws what the exit code asks for (src/commands/README.md, "Exit codes").
 */
export async function runOperation<Item, Answer = undefined>(
  context: Context,
  operation: Operation<Item, Answer>,
): Promise<void> {
  try {
    await planAndSend(context, operation);
  } catch (error) {
    throw (await import("./rows/outage.js")).withNothingDone(error, operation.words.done);
  }
}

async function planAndSend<Item, Answer>(
  context: Context,
  operation: Operation<Item, Answer>,
): Promise<void> {
  const { words, input } = operation;
  const confirmationSubject = input.yes || input.dryRun ? undefined : operation.confirmationSubject;
  const requireSomebody = async () => {
    if (confirmationSubject !== undefined && operation.prompts === undefined)
      (await import("./rows/confirm.js")).requireInteractive(context, confirmationSubject);
  };
  if (!operation.asksOnlyIfAny) await requireSomebody();
  if (!operation.isSingle) await (await import("./rows/outage-retry.js")).retryOutages(context, words.done);
  const planned = await operation.plan();
  if (operation.asksOnlyIfAny && planned.items.length > 0) await requireSomebody();
  const printer = await createPrinter(context);
  if (input.dryRun && operation.fileView !== undefined) {
    await operation.fileView.printDryRun();
    return operation.assertFinalState?.();
  }
  const isAsked = confirmationSubject !== undefined;
  const isPlanShown = await showPlan(operation, { plan: planned, printer, isAsked });
  if (input.dryRun) {
    await (await import("./report.js")).printDryRun(printer, operation, planned);
    return operation.assertFinalState?.();
  }
  if (isAsked) await ask(context, operation, planned);
  const isAlone = operation.isSingle && operation.printItem !== undefined && operation.journal === undefined;
  const send = isAlone ? sendOne : (await import("./send-many.js")).sendMany;
  const isShownByPlan = planned.view !== undefined && planned.items.length === 0;
  await send(context, operation, { plan: planned, printer, isPlanShown, isShownByPlan });
}

/** True when the plan was shown: to a person it is the result of a dry run. */
async function showPlan<Item, Answer>(
  operation: Operation<Item, Answer>,
  { plan, printer, isAsked }: { plan: Plan<Item>; printer: Printer; isAsked: boolean },
): Promise<boolean> {
  const { view } = plan;
  const isResult = operation.input.dryRun && printer.isForPerson;
  const isShown = view !== undefined && (!printer.isQuiet || isAsked || isResult);
  if (operation.fileView !== undefined) await operation.fileView.show(isShown);
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

/** Asks whether to go on; nothing where nothing is to be done, unless the plan has a question. Throws DeclinedError. */
async function ask<Item, Answer>(
  context: Context,
  { words, subject, prompts = context.prompts }: Operation<Item, Answer>,
  { items, question }: Plan<Item>,
): Promise<void> {
  const { confirmPlan } = await import("./rows/confirm.js");
  if (question === undefined) return confirmPlan(prompts, words.verb, items.map(subject));
  if (!(await prompts.confirm({ message: question, default: false }))) throw new DeclinedError();
}

/** Sends a single ref's item; a failure is thrown as it is, and not reported as a row. */
async function sendOne<Item, Answer>(
  context: Context,
  operation: Operation<Item, Answer>,
  { plan, printer }: { plan: Plan<Item>; printer: Printer },
): Promise<void> {
  const { unchangedItem, items, recorded } = plan;
  if (unchangedItem !== undefined) return operation.printItem?.(unchangedItem, undefined);
  await sendSingle(context, { printer, recorded }, async (tools) => {
    const { change } = tools;
    const printUndo = () => {
      if (operation.canBeUndone && change.isRecorded)
        printer.note(`undo: ${commandLine(context, ["undo", change.id])}`);
    };
    try {
      for (const item of items) {
        const success = await operation.send(item, tools);
        await operation.printItem?.(item, success);
        const results = [{ item, outcome: success }];
        await operation.after?.({ results, rows: [], isOutage: false, changeId: change.id });
        if (success.result === "done") printUndo();
        operation.assertFinalState?.();
      }
    } catch (error) {
      if (mayHaveChanged(error)) printUndo();
      throw error;
    }
  });
}
