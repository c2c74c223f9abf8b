import type { ChangesContext } from "./changes-context.js";

/** Time within which a request may take effect without an answer (src/changes/README.md, "Without an answer"). */
export const openForMs = 16_000;

const readBackAfterMs: readonly number[] = [500, 1_500, 3_500, 7_500, 15_500];

/** Limit of the last check; the others have until the next one, at least this. */
const shortestCheckMs = 5_000;

/** What may take effect without an answer. */
interface LostRequest<T> {
  /** When it was sent, by the clock that never jumps. */
  sentMs: number;
  /** Called with the time of the last look. */
  onStart(until: Date): void;
  /**
   * Returns what matches what was sent and wasn't there before; its failure counts as not found, and each of its requests
   * has to end after `maxWaitMs`.
   */
  find(limits: { maxWaitMs: number; signal: AbortSignal }): Promise<T[]>;
}

/**
 * Looks for what a request may have made, until it is found or the last check is over: returns the matches, perhaps
 * several or none. Nothing is sent again. Rejects with the signal's reason.
 */
export async function readBack<T>(
  context: Pick<ChangesContext, "sleep" | "monotonic" | "now" | "signal" | "settings">,
  { sentMs, onStart, find }: LostRequest<T>,
): Promise<T[]> {
  const { signal } = context;
  const failedMs = context.monotonic();
  const leftMs = (afterMs: number) => failedMs + afterMs - context.monotonic();
  const times = looksWithin(readBackAfterMs, lookLimitMs(context.settings.flags, failedMs - sentMs));
  onStart(new Date(context.now().getTime() + (times.at(-1) ?? 0)));
  for (const [index, afterMs] of times.entries()) {
    await context.sleep(Math.max(0, leftMs(afterMs)), signal);
    const maxWaitMs = Math.max(shortestCheckMs, leftMs(times[index + 1] ?? 0));
    const found = await find({ maxWaitMs, signal }).catch(() => []);
    signal.throwIfAborted();
    if (found.length > 0) return found;
  }
  return [];
}

/** What is left for looks: a `--max-wait` under 16 s ends them, a longer one is for the attempts. */
export function lookLimitMs({ maxWaitMs = openForMs }: { maxWaitMs?: number }, elapsedMs: number): number {
  return maxWaitMs < openForMs ? Math.max(0, maxWaitMs - elapsedMs) : openForMs;
}

/** The times of looks up to the limit, with a last look there. */
export function looksWithin(afterMs: readonly number[], limitMs: number): readonly number[] {
  const within = afterMs.filter((ms) => ms < limitMs);
  return within.length === afterMs.length ? within : [...within, limitMs];
}
