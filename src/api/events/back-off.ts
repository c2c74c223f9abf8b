const shortestMs = 250;
const longestMs = 60_000;

/**
 * Milliseconds until the next connection: 0.25–60 s with jitter, growing with each connection in a row that brought
 * nothing; never earlier than the server's `retry` (kept within the same limits) or `Retry-After`. `random` in [0, 1).
 */
export function reconnectDelayMs(wish: {
  failuresInARow: number;
  random: number;
  retryMs?: number;
  retryAfterMs?: number;
}): number {
  const ceiling = Math.min(longestMs, 2 * shortestMs * 2 ** Math.max(0, wish.failuresInARow - 1));
  const ownMs = ceiling / 2 + (wish.random * ceiling) / 2;
  const retryMs = Math.min(longestMs, Math.max(shortestMs, wish.retryMs ?? 0));
  return Math.max(ownMs, retryMs, wish.retryAfterMs ?? 0);
}
