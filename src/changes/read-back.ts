/** When it is looked for, after the failure (reliability.md, section 1). */
export const readBackAfterMs: readonly number[] = [500, 1_500, 3_500, 7_500, 15_500];

export type Found<T> = { kind: "one"; value: T } | { kind: "none" } | { kind: "several"; values: T[] };

export interface ReadBack<T> {
  /** What fits what was sent and wasn't there before. A failure counts as not found: the next look follows. */
  find(): Promise<T[]>;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  signal?: AbortSignal;
}

/**
 * Looks for what a request may have made, until it is found or the last look has been. Nothing is sent again.
 * Rejects with the signal's reason when the person interrupts the waiting.
 */
export async function readBack<T>({ find, sleep, signal }: ReadBack<T>): Promise<Found<T>> {
  let waitedMs = 0;
  for (const afterMs of readBackAfterMs) {
    await sleep(afterMs - waitedMs, signal);
    waitedMs = afterMs;
    const values = await find().catch(() => []);
    const [value] = values;
    if (value !== undefined && values.length === 1) return { kind: "one", value };
    if (values.length > 1) return { kind: "several", values };
  }
  return { kind: "none" };
}
