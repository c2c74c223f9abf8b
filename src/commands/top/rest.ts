const leastRestMs = 2_000;
const mostRestMs = 60_000;
/** A server is asked at most a fifth of the time. */
const restPerReading = 4;

/** Milliseconds to rest after a reading. */
export function restAfter(tookMs: number, leastMs = leastRestMs): number {
  return Math.min(mostRestMs, Math.max(leastMs, restPerReading * tookMs));
}
