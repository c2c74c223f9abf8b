import { innerController } from "../api/abort.js";
import type { HermClient } from "../api/client.js";
import { saysNotThere } from "../api/exchange.js";
import { type ItemResult, keyRefusal } from "./outcome.js";
import { execute, type PoolWork } from "./worker-pool.js";

export interface ReadManyOptions<Item, Value> extends Pick<PoolWork<Item, Value>, "signal" | "concurrency"> {
  client: HermClient;
  read(item: Item): Promise<Value>;
  onRead?(item: Item, reading: { isFailure: boolean }): void;
}

/**
 * Reads many items, several at once, and returns the results in the order of the items. A failure doesn't stop the
 * others, but a deployment that refuses isn't read again.
 */
export function readMany<Item extends { deployment_id: string }, Value>(
  items: readonly Item[],
  { client, read, onRead, ...reading }: ReadManyOptions<Item, Value>,
): Promise<ItemResult<Item, Value>[]> {
  return execute({
    items,
    ...reading,
    outageRetry: client.outageRetry,
    reader: client,
    deploymentOf: ({ deployment_id }) => deployment_id,
    run: async (item) => ({ result: "done", value: await read(item) }),
    onOutcome: (item, { result }) => onRead?.(item, { isFailure: result === "failed" }),
  });
}

/** Throws the signal's reason, and the API's error if every attempt refused the key. */
export function checkReadings(results: readonly ItemResult<unknown, unknown>[], signal: AbortSignal): void {
  signal.throwIfAborted();
  const refusal = keyRefusal(results);
  if (refusal !== undefined) throw refusal;
}

export interface ReadOrFailed<Item, Value> {
  found: { item: Item; value: Value }[];
  errors: { item: Item; error: unknown }[];
}

/** Reads many items; those never started have neither a value nor an error. Throws what `checkReadings` throws. */
export async function readEach<Item extends { deployment_id: string }, Value>(
  items: readonly Item[],
  { until, ...options }: ReadManyOptions<Item, Value> & { until?: AbortSignal | undefined },
): Promise<ReadOrFailed<Item, Value>> {
  const enough = innerController(options.signal, until);
  const results = await readMany(items, { ...options, signal: enough.signal }).finally(() => enough.abort());
  checkReadings(results, options.signal);
  const all: ReadOrFailed<Item, Value> = { found: [], errors: [] };
  for (const { item, outcome } of results) {
    if ("value" in outcome) all.found.push({ item, value: outcome.value });
    else if ("error" in outcome) all.errors.push({ item, error: outcome.error });
    else if ("cause" in outcome) all.errors.push({ item, error: outcome.cause });
  }
  return all;
}

/** Returns undefined if the 404 is from the API itself; a proxy's 404 is an error like any other. */
export async function unlessGone<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (saysNotThere(error)) return undefined;
    throw error;
  }
}
