import { innerController } from "../api/abort.js";

const mostAhead = 8;

export interface Ahead<Item, Value> {
  item: Item;
  result: PromiseSettledResult<Value>;
}

/**
 * Reads a few items at once and gives their results one by one, in the order of the items. `read` gets a signal that
 * aborts when nobody wants more, or with `outer`.
 */
export async function* readAhead<Item, Value>(
  items: readonly Item[],
  read: (item: Item, signal: AbortSignal) => Promise<Value>,
  outer?: AbortSignal,
): AsyncGenerator<Ahead<Item, Value>> {
  const left = innerController(outer);
  const started: Promise<Ahead<Item, Value>>[] = [];
  const start = async (item: Item): Promise<Ahead<Item, Value>> => {
    const [result] = await Promise.allSettled([read(item, left.signal)]);
    return { item, result };
  };
  try {
    for (const item of items) {
      started.push(start(item));
      const first = started.length < mostAhead ? undefined : started.shift();
      if (first !== undefined) yield first;
    }
    for (const each of started) yield each;
  } finally {
    left.abort();
  }
}

/** The first `limit` items; reading stops there. */
export async function* take<Item>(items: AsyncIterable<Item>, limit: number): AsyncGenerator<Item> {
  let left = limit;
  for await (const item of items) {
    yield item;
    left -= 1;
    if (left === 0) return;
  }
}
