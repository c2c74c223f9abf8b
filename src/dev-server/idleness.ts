export interface Work {
  /** True if a run or a stream is active. */
  isAtWork: boolean;
  /** Milliseconds until the next automation is due, by the server's clock; negative if it is late. */
  dueInMs: number | undefined;
}

/** The reason why a background server keeps running, and the minimum real time that remains. */
export type Stay = { because: "work"; forMs?: undefined } | { because: "due" | "use"; forMs: number };

/** The server keeps running for an automation due within this time. */
const soonMs = 60 * 60_000;

/**
 * The reason why the server, last used `quietMs` ago, keeps running; undefined if it may stop. A due run counts only
 * for `idleMs` after its time, because a run that can't be started mustn't keep the server running forever.
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
 * Resolves `stopped` when a server should stop: after a call of `stop`, or `idleMs` of idleness by a monotonic clock
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
  /** The reason why the server keeps running; undefined if it stops only on request, or is about to. */
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
