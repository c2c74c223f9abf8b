export interface Work {
  /** A run or a stream is active. */
  isAtWork: boolean;
  /** Milliseconds to the next enabled automation, by the server's clock; below 0 if it is late. */
  dueInMs: number | undefined;
}

/** The reason why a server in the background keeps running, and its minimum remaining real time. */
export type Stay = { because: "work"; forMs?: undefined } | { because: "due" | "use"; forMs: number };

/** Waits for an automation that is due within this time. */
const soonMs = 60 * 60_000;

/**
 * The reason why the server stays, last used `quietMs` ago; undefined if it may stop. A late run counts no longer
 * than the wait for use, because one that can't be started mustn't keep it forever.
 */
function judgeStay(
  { isAtWork, dueInMs }: Work,
  { idleMs, quietMs }: { idleMs: number; quietMs: number },
): Stay | undefined {
  if (isAtWork) return { because: "work" };
  const leftMs = Math.max(idleMs - quietMs, 0);
  const isDueSoon = dueInMs !== undefined && dueInMs > -idleMs && dueInMs <= soonMs;
  if (isDueSoon && dueInMs >= leftMs) return { because: "due", forMs: dueInMs };
  if (leftMs > 0) return { because: "use", forMs: leftMs };
  return isDueSoon ? { because: "due", forMs: 0 } : undefined;
}

/**
 * Resolves `stopped` when a server should stop: `stop` was called, or it was idle for `idleMs`, by a monotonic clock
 * (undefined: only `stop` counts). `touch` reports activity.
 */
export function watchIdleness(idleMs: number | undefined, monotonic = () => performance.now()) {
  let stop = () => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  let lastUseMs = monotonic();
  const touch = () => {
    lastUseMs = monotonic();
  };
  let look: (() => Work) | undefined;
  let timer: NodeJS.Timeout | undefined;
  /** The reason why the server stays; undefined if it stops only on request, or is about to stop. */
  const stay = (): Stay | undefined =>
    idleMs === undefined || look === undefined
      ? undefined
      : judgeStay(look(), { idleMs, quietMs: monotonic() - lastUseMs });
  return {
    stopped,
    stop,
    touch,
    stay,
    watch: (given: () => Work) => {
      if (idleMs === undefined) return;
      look = given;
      touch();
      timer = setInterval(() => {
        const reason = stay();
        if (reason?.because === "work") touch();
        else if (reason === undefined) stop();
      }, idleMs / 20);
      timer.unref();
    },
    end: () => clearInterval(timer),
  };
}
