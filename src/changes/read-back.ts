import type { ChangesContext } from "./sending.js";

/** Time within which an unanswered request may take effect (src/changes/README.md, "Without an answer"). */
export const openForMs = 16_000;

const readBackAfterMs: readonly number[] = [500, 1_500, 3_500, 7_500, 15_500];

/** Time limit for the last check; earlier checks may last until the next one, and at least this long. */
const shortestCheckMs = 5_000;

/** A request that may take effect without an answer. */
interface LostRequest<T> {
  /** When it was sent and when it failed, by the monotonic clock. */
  sentMs: number;
  failedMs?: number;
  afterMs?: readonly number[];
  onStart(until: Date): void;
  /** Returns new matches for the sent values, none after a failure; each request must end within `maxWaitMs`. */
  find(limits: { maxWaitMs: number; signal: AbortSignal }): Promise<readonly T[]>;
}

/**
 * Looks for a request's results until it finds some or the last check ends; returns none, one or several. Resends no
 * request. Rejects with the signal's reason.
 */
export async function readBack<T>(
  context: Pick<ChangesContext, "sleep" | "monotonic" | "now" | "signal" | "settings">,
  { sentMs, failedMs = context.monotonic(), afterMs = readBackAfterMs, onStart, find }: LostRequest<T>,
): Promise<readonly T[]> {
  const { signal } = context;
  const leftMs = (ms: number) => Math.max(0, failedMs + ms - context.monotonic());
  const { maxWaitMs: mostMs = openForMs } = context.settings.flags;
  const times = looksWithin(afterMs, mostMs, failedMs - sentMs);
  onStart(new Date(context.now().getTime() + leftMs(times.at(-1) ?? 0)));
  for (const [index, ms] of times.entries()) {
    await context.sleep(leftMs(ms), signal);
    const maxWaitMs = Math.max(shortestCheckMs, leftMs(times[index + 1] ?? 0));
    const found = await find({ maxWaitMs, signal }).catch(() => []);
    signal.throwIfAborted();
    if (found.length > 0) return found;
  }
  return [];
}

/** The times of the checks. A `--max-wait` under 16 s is the time of the last; a longer one concerns attempts only. */
function looksWithin(afterMs: readonly number[], maxWaitMs: number, elapsedMs: number): readonly number[] {
  if (maxWaitMs >= openForMs) return afterMs;
  const limitMs = Math.max(0, maxWaitMs - elapsedMs);
  return [...afterMs.filter((ms) => ms < limitMs), limitMs];
}
