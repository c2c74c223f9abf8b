import type { Context } from "../context.js";
import type { ItemResult, Success } from "../fleet/outcome.js";
import { execute } from "../fleet/worker-pool.js";
import type { Printer } from "../output/printer.js";
import type { Journal, Operation, OperationInput, Plan, SendTools } from "./operation.js";
import { openProgress } from "./rows/progress.js";
import { OpenChange } from "./sending/change.js";
import { LostChanges } from "./sending/lost-changes.js";
import { openSenderOfMany } from "./sending/sender.js";

type Sent<Item> = Pick<Plan<Item>, "items" | "changeOptions">;

interface Sendable<Item, Answer, Planned>
  extends Pick<Operation<Item, Answer>, "words" | "subject" | "toHistoryItem" | "triesEveryDeployment"> {
  input: Pick<OperationInput, "concurrency">;
  journal?: Journal<Item, Answer, Planned> | undefined;
  send(item: Item, tools: SendTools, plan: Planned): Promise<Success<Answer>>;
}

/**
 * Records and sends items, several at once, with a bar. What fails doesn't stop the others; Ctrl-C lets what
 * is in flight finish.
 */
export async function sendAll<Item, Answer, Planned extends Sent<Item>>(
  context: Context,
  operation: Sendable<Item, Answer, Planned>,
  { plan, printer }: { plan: Planned; printer: Printer },
): Promise<{ results: ItemResult<Item, Answer>[]; change: OpenChange }> {
  const { words, input, subject, journal } = operation;
  const { outageRetry } = await context.client();
  const progress = openProgress(context, printer, { verb: words.doing, total: plan.items.length });
  const change = new OpenChange(context, plan.changeOptions);
  const sender = openSenderOfMany(context, { printer, progress });
  const lost = new LostChanges<Item, Answer>(context, input.concurrency);
  try {
    const items = operation.toHistoryItem === undefined ? [] : plan.items.map(operation.toHistoryItem);
    await journal?.begin(change.id, items, plan);
    const added = journal === undefined ? await change.add(items) : [];
    const recorded = new Map(added.map((each, at) => [plan.items[at], each]));
    const results = await execute<Item, Answer>({
      items: plan.items,
      signal: context.signal,
      concurrency: input.concurrency,
      deploymentOf: (item) => subject(item).deployment_id,
      triesEveryDeployment: operation.triesEveryDeployment,
      outageRetry,
      onStart: (item) => journal?.recordSending(item),
      run: (item) =>
        lost.run(item, (settleLater) => {
          const resend = journal && ((state: { isLost: boolean }) => journal.recordSending(item, state));
          const tools = { change, sender, recorded: recorded.get(item), resend, settleLater };
          return operation.send(item, tools, plan);
        }),
      onOutcome: (item, outcome) => {
        const print = () => progress.item(outcome.result === "failed");
        if (journal === undefined) print();
        else journal.recordOutcome(item, outcome, print);
      },
    });
    await journal?.end();
    progress.finish();
    return { results: await lost.settle(results), change };
  } finally {
    progress.finish();
    sender.close();
    await change.close();
    await journal?.close();
  }
}
