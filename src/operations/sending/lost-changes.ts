import { isPresent } from "../../api/same-value.js";
import type { Automation, AutomationFields, AutomationRef } from "../../api/types.js";
import { sentFields } from "../../changes/fields.js";
import { lookLimitMs, looksWithin, readBack } from "../../changes/read-back.js";
import type { Context } from "../../context.js";
import { mayBeUnfinished } from "../../exit-code.js";
import { readList } from "../../fleet/lists.js";
import type { ItemResult, Success } from "../../fleet/outcome.js";
import { readMany, unlessGone } from "../../fleet/read-many.js";
import { itemKey } from "../../fleet/refs.js";
import type { ItemFields } from "../../history/change.js";
import { createPrinter } from "../../output/printer.js";
import { formatLocalClock } from "../../output/time.js";

/** A change whose answer was lost, and what shows that it was done. */
export interface LostChange extends AutomationRef {
  after: ItemFields | undefined;
  isSeen(reading: Automation | undefined): boolean;
}

/** The reading that shows a lost change; undefined: none does. */
type Settled = { reading: Automation | undefined } | undefined;

export type SettleLater = (lost: LostChange, error: unknown) => Promise<Settled>;

/** Reports lost answers, and how long is checked what became of them. `label`: of what, where others are sent too. */
export function checkingText(until: Date, { label = "", count = 1 } = {}): string {
  const [to, was] = count === 1 ? ["", "it was"] : [` to ${count} changes`, "they were"];
  const what = label === "" ? "" : `${label}: `;
  return `${what}no answer${to}: checking until ${formatLocalClock(until)} whether ${was} done`;
}

/** Looks for a change that was sent alone; Ctrl-C leaves it unknown. */
export async function lookFor(context: Context, lost: LostChange, sentMs: number): Promise<Settled> {
  const { signal } = context;
  if (signal.aborted) return undefined;
  const { automations } = await context.client();
  const printer = await createPrinter(context);
  const [found] = await readBack(context, {
    sentMs,
    onStart: (until) => printer.note(checkingText(until)),
    find: async (options) => {
      const reading = await unlessGone(automations.get(lost.deployment_id, lost.automation_id, options));
      return lost.isSeen(reading) ? [{ reading }] : [];
    },
  }).catch((reason: unknown) => {
    if (signal.aborted) return [];
    throw reason;
  });
  return found;
}

/** Times of the looks for many, after the last failure, and the limit of one. */
const lookAfterMs: readonly number[] = [3_500, 7_500, 15_500];
const longestLookMs = 5_000;

/** Looks, at each of these times, what became of so many lost changes, until `look` says that all is known. */
export async function lookForMany(
  context: Context,
  { count, failedMs, look }: { count: number; failedMs: number; look(): Promise<boolean> },
): Promise<void> {
  const times = looksWithin(lookAfterMs, lookLimitMs(context.settings.flags, 0));
  const leftMs = (afterMs: number) => Math.max(0, failedMs + afterMs - context.monotonic());
  const until = new Date(context.now().getTime() + leftMs(times.at(-1) ?? 0));
  (await createPrinter(context)).note(checkingText(until, { count }));
  for (const afterMs of times) {
    await context.sleep(leftMs(afterMs), context.signal);
    // Changes arrive: what comes after them needn't be given up.
    if (await look()) return (await context.client()).outageRetry?.succeed("convergent");
  }
}

interface OpenChange extends LostChange {
  settle(found: Settled): void;
}

/** Lets go of the workers of changes whose answers were lost, and looks for all of them once the others are over. */
export class LostChanges<Item, Answer> {
  readonly #open = new Set<OpenChange>();
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
  async settle(results: ItemResult<Item, Answer>[]): Promise<ItemResult<Item, Answer>[]> {
    if (this.#open.size === 0) return results;
    const { context } = this;
    const work = {
      count: this.#open.size,
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
