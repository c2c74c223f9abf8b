import { isPresent } from "../api/same-value.js";
import type { Automation, AutomationFields } from "../api/types.js";
import { sentFields } from "../changes/fields.js";
import type { Context } from "../context.js";
import { mayBeUnfinished } from "../exit-code.js";
import { readList } from "../fleet/lists.js";
import type { ItemResult, Success } from "../fleet/outcome.js";
import { readMany, unlessGone } from "../fleet/read-many.js";
import { itemKey } from "../fleet/refs.js";
import { execute } from "../fleet/worker-pool.js";
import type { Printer } from "../output/printer.js";
import type { Journal, Operation, OperationInput, Plan, SendTools } from "./operation.js";
import { openProgress } from "./rows/progress.js";
import { OpenChange } from "./sending/change.js";
import { type LostChange, lookForMany, type SettleLater } from "./sending/lost-changes.js";
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
    return { results: await lost.settle(results, { isReported: sender.hasLost }), change };
  } finally {
    progress.finish();
    sender.close();
    await change.close();
    await journal?.close();
  }
}

interface Looked extends LostChange {
  settle(found: { reading: Automation | undefined } | undefined): void;
}

/** The limit of one look at many. */
const longestLookMs = 5_000;

/** Lets go of the workers of changes whose answers were lost, and looks for all of them once the others are over. */
class LostChanges<Item, Answer> {
  readonly #open = new Set<Looked>();
  readonly #sendings = new Map<Item, Promise<Success<Answer>>>();
  #failedMs = 0;

  constructor(
    private readonly context: Context,
    private readonly concurrency: number | undefined,
  ) {}

  /** Sends an item; rejects where its answer is lost, and goes on with it in `settle`. */
  run(item: Item, send: (settleLater: SettleLater) => Promise<Success<Answer>>): Promise<Success<Answer>> {
    return new Promise((resolve, reject) => {
      const sending = send((lost, error) => {
        this.#sendings.set(item, sending);
        this.#failedMs = this.context.monotonic();
        reject(error);
        return new Promise((settle) => this.#open.add({ ...lost, settle }));
      });
      sending.then(resolve, reject);
    });
  }

  /** Looks for what is open until it is seen or can take effect no more; gives the results as they are then. */
  async settle(
    results: ItemResult<Item, Answer>[],
    { isReported }: { isReported: boolean },
  ): Promise<ItemResult<Item, Answer>[]> {
    if (this.#open.size === 0) return results;
    const { context } = this;
    const work = {
      count: this.#open.size,
      isReported,
      failedMs: this.#failedMs,
      look: () => this.#look(),
    };
    await lookForMany(context, work).catch((error: unknown) => {
      if (!context.signal.aborted) throw error;
    });
    for (const { settle } of this.#open) settle(undefined);
    return Promise.all(
      results.map(async ({ item, outcome }) => {
        const settled = this.#sendings.get(item)?.catch((error: unknown) => {
          return { result: mayBeUnfinished(error) ? ("unknown" as const) : ("failed" as const), error };
        });
        return { item, outcome: (await settled) ?? outcome };
      }),
    );
  }

  /** Lists the deployments of what is open, and asks for what a list doesn't show. */
  async #look(): Promise<boolean> {
    const { context, concurrency } = this;
    const { signal } = context;
    const client = await context.client();
    const options = { signal, maxWaitMs: longestLookMs };
    const places = [...new Set([...this.#open].map(({ deployment_id }) => deployment_id))];
    const lists = await readMany(
      places.map((deployment_id) => ({ deployment_id })),
      { client, signal, concurrency, read: ({ deployment_id }) => readList(client, deployment_id, options) },
    );
    const listed = new Map<string, Automation>();
    for (const { item, outcome } of lists) {
      for (const each of "value" in outcome ? outcome.value.data : [])
        listed.set(itemKey({ ...item, automation_id: each.automation_id }), each);
    }
    const readings = await readMany([...this.#open], {
      client,
      signal,
      concurrency,
      read: async (lost) => {
        const shown = listed.get(itemKey(lost));
        if (shown !== undefined && isShownWhole(lost, shown)) return shown;
        return unlessGone(client.automations.get(lost.deployment_id, lost.automation_id, options));
      },
    });
    signal.throwIfAborted();
    for (const { item: lost, outcome } of readings) {
      if (!("value" in outcome) || !lost.isSeen(outcome.value)) continue;
      this.#open.delete(lost);
      lost.settle({ reading: outcome.value });
    }
    return this.#open.size === 0;
  }
}

/** A list has no instructions. */
function isShownWhole({ after = {} }: LostChange, listed: Automation): boolean {
  return sentFields(after as Partial<AutomationFields>).every((field) => isPresent(listed[field]));
}
