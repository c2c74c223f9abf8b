import type { ChangesContext } from "./changes-context.js";

/** When it is looked for, after the failure (src/changes/README.md, "At most once"). */
const readBackAfterMs: readonly number[] = [500, 1_500, 3_500, 7_500, 15_500];

/** So long a single request of the last look may take; of the others until the next look is due, at least this. */
const shortestCheckMs = 5_000;

/**
 * Looks for what a request may have made, until it is found or the last look has been: gives what fits, one or several,
 * or nothing. Nothing is sent again. `find` gives what fits what was sent and wasn't there before; its failure counts as
 * not found, and each of its requests is to be given up after `maxWaitMs`. Rejects with the signal's reason when the
 * person interrupts the waiting.
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
