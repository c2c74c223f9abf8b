/** When it is looked for, after the failure (src/changes/README.md, "At most once"). */
const readBackAfterMs: readonly number[] = [500, 1_500, 3_500, 7_500, 15_500];

export type Found<T> = { kind: "one"; value: T } | { kind: "none" } | { kind: "several"; values: T[] };

/** So long a single request of the last look may take; of the others until the next look is due, at least this. */
const shortestLookMs = 5_000;

export interface ReadBack<T> {
  /**
   * What fits what was sent and wasn't there before. A failure counts as not found: the next look follows. Each of its
   * requests is to be given up after `maxWaitMs`.
   */
  find(limits: { maxWaitMs: number; signal?: AbortSignal }): Promise<T[]>;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** A clock that never jumps, in ms. */
  monotonic(): number;
  signal?: AbortSignal;
}

/**
 * Looks for what a request may have made, until it is found or the last look has been. Nothing is sent again.
 * Rejects with the signal's reason when the person interrupts the waiting.
 */
export async function readBack<T>({ find, sleep, monotonic, signal }: ReadBack<T>): Promise<Found<T>> {
  const failedMs = monotonic();
  const leftMs = (afterMs: number) => failedMs + afterMs - monotonic();
  for (const [index, afterMs] of readBackAfterMs.entries()) {
    await sleep(Math.max(0, leftMs(afterMs)), signal);
    const maxWaitMs = Math.max(shortestLookMs, leftMs(readBackAfterMs[index + 1] ?? 0));
    const values = await find({ maxWaitMs, signal }).catch(() => []);
    signal?.throwIfAborted();
    const [value] = values;
    if (value !== undefined && values.length === 1) return { kind: "one", value };
    if (values.length > 1) return { kind: "several", values };
  }
  return { kind: "none" };
}
