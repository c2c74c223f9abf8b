import { innerController } from "../api/abort.js";

const mostAhead = 8;

interface Prefetched<Item, Value> {
  item: Item;
  result: PromiseSettledResult<Value>;
}

/**
 * Reads a few items at once, and yields their results in the order of the items. The signal of `read` aborts when the
 * consumer stops, or when `outer` does.
 */
export async function* prefetch<Item, Value>(
  items: readonly Item[],
  read: (item: Item, signal: AbortSignal) => Promise<Value>,
  outer?: AbortSignal,
): AsyncGenerator<Prefetched<Item, Value>> {
  const inner = innerController(outer);
  const started: Promise<Prefetched<Item, Value>>[] = [];
  const start = async (item: Item): Promise<Prefetched<Item, Value>> => {
    const [result] = await Promise.allSettled([read(item, inner.signal)]);
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
    inner.abort();
  }
}

export async function* take<Item>(items: AsyncIterable<Item>, limit: number): AsyncGenerator<Item> {
  let remaining = limit;
  for await (const item of items) {
    yield item;
    remaining -= 1;
    if (remaining === 0) return;
  }
}
