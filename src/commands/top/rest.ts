const leastRestMs = 2_000;
const mostRestMs = 60_000;
/** At most a fifth of the time a server is asked. */
const restPerReading = 4;

/** How long to rest after a reading that took so long; all in ms. */
export function restAfter(tookMs: number, leastMs = leastRestMs): number {
  return Math.min(mostRestMs, Math.max(leastMs, restPerReading * tookMs));
}
