import type { ChangesContext } from "./changes-context.js";

/** Times of the checks after the failure (src/changes/README.md, "At most once"). */
const readBackAfterMs: readonly number[] = [500, 1_500, 3_500, 7_500, 15_500];

/** Limit of the last check; the others have until the next one, at least this. */
const shortestCheckMs = 5_000;

/**
 * Looks for what a request may have made, until it is found or the last check is over: returns the matches, perhaps
 * several or none. Nothing is sent again. `find` returns what matches what was sent and wasn't there before; its
 * failure counts as not found, and each of its requests has to end after `maxWaitMs`. Rejects with the signal's reason.
 */
export async function readBack<T>(
  context: Pick<ChangesContext, "sleep" | "monotonic" | "signal">,
  find: (limits: { maxWaitMs: number; signal: AbortSignal }) => Promise<T[]>,
): Promise<T[]> {
  const { signal } = context;
  const failedMs = context.monotonic();
  const leftMs = (afterMs: number) => failedMs + afterMs - context.monotonic();
  for (const [index, afterMs] of readBackAfterMs.entries()) {
    await context.sleep(Math.max(0, leftMs(afterMs)), signal);
    const maxWaitMs = Math.max(shortestCheckMs, leftMs(readBackAfterMs[index + 1] ?? 0));
    const found = await find({ maxWaitMs, signal }).catch(() => []);
    signal.throwIfAborted();
    if (found.length > 0) return found;
  }
  return [];
}
