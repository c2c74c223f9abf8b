import type { HermClient } from "../api/client.js";
import { NotFoundError } from "../api/errors.js";
import type { ItemResult } from "./outcome.js";
import { keyRefusal } from "./refusal.js";
import { execute, type PoolWork, WorkerPool } from "./worker-pool.js";

/** What is read of many things, and how many at once. */
export interface Reading<Item, Value> extends Pick<PoolWork<Item, Value>, "signal" | "concurrency"> {
  client: HermClient;
  read(item: Item): Promise<Value>;
  /** The deployment that an item is in: one that refuses isn't asked for another. */
  deploymentOf(item: Item): string;
  onRead?(item: Item, reading: { isFailure: boolean }): void;
}

/** Reads many, several at once; one that can't be read doesn't stop the others. In their order. */
export function readMany<Item, Value>(
  items: readonly Item[],
  reading: Reading<Item, Value>,
): Promise<ItemResult<Item, Value>[]> {
  return execute({ items, ...workOf(reading) });
}

/** The same for what becomes known little by little. To be closed. */
export function openReader<Item, Value>(reading: Reading<Item, Value>): WorkerPool<Item, Value> {
  return new WorkerPool(workOf(reading));
}

function workOf<Item, Value>({
  client,
  read,
  onRead,
  ...reading
}: Reading<Item, Value>): PoolWork<Item, Value> {
  return {
    ...reading,
    outageRetry: client.outageRetry,
    reader: client,
    run: async (item) => ({ result: "done", value: await read(item) }),
    onOutcome: (item, { result }) => onRead?.(item, { isFailure: result === "failed" }),
  };
}

/** Throws the signal's reason, and the API's error where the key was refused for all that was tried. */
export function checkReadings(results: readonly ItemResult<unknown, unknown>[], signal: AbortSignal): void {
  signal.throwIfAborted();
  const refusal = keyRefusal(results);
  if (refusal !== undefined) throw refusal;
}

/** What many readings gave. */
export interface ReadOrFailed<Item, Value> {
  found: { item: Item; value: Value }[];
  errors: { item: Item; error: unknown }[];
}

/** Those that have a value, and those that failed; what was never started, since nothing more was wanted, is neither. */
export function byOutcome<Item, Value>(
  results: readonly ItemResult<Item, Value>[],
): ReadOrFailed<Item, Value> {
  const all: ReadOrFailed<Item, Value> = { found: [], errors: [] };
  for (const { item, outcome } of results) {
    if ("value" in outcome) all.found.push({ item, value: outcome.value });
    else if ("error" in outcome) all.errors.push({ item, error: outcome.error });
    else if ("cause" in outcome) all.errors.push({ item, error: outcome.cause });
  }
  return all;
}

/** What a request gives; nothing where what it is about isn't there any more. */
export async function unlessGone<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}
