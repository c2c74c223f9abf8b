import type { RequesterSettings } from "../request-options.js";

/** Times of the looks after an answer that doesn't show what was sent (src/changes/README.md, "Reading back"). */
export const laterLooksMs: readonly number[] = [500, 1_500, 3_500];

/** Limit of one look. */
export const longestLookMs = 5_000;

/**
 * Yields when it is time to look again: at these times from now on, and, where the signal aborts, once more at once, with
 * its reason.
 */
export async function* lookAgain(
  clock: Pick<RequesterSettings, "monotonic" | "sleep">,
  { afterMs, signal }: { afterMs: readonly number[]; signal: AbortSignal },
): AsyncGenerator<unknown> {
  const startMs = clock.monotonic();
  for (const each of afterMs) {
    const ms = startMs + each - clock.monotonic();
    const interruption =
      ms <= 0 ? undefined : await clock.sleep(ms, signal).catch((reason: unknown) => reason);
    yield interruption;
    if (interruption !== undefined) return;
  }
}
