import { Crew, type CrewWork } from "./crew.js";
import type { ItemResult } from "./outcome.js";

export interface Execution<Item, Value> extends CrewWork<Item, Value> {
  /** Started in this order. */
  items: readonly Item[];
}

/**
 * Works on many items, a bounded number at once; what fails doesn't stop the others, but 401 stops all, and 402 and 403
 * those of their deployment. The first item goes alone unless its `reader` has read before: if the key is refused there,
 * nothing else is sent. Resolves with one result an item, in the order of the items, when everything in flight is over, interrupted or not; rejects, as late,
 * only with what a hook threw.
 */
export async function execute<Item, Value>(
  execution: Execution<Item, Value>,
): Promise<ItemResult<Item, Value>[]> {
  const crew = new Crew(execution);
  try {
    return await crew.add(execution.items);
  } finally {
    crew.close();
  }
}
