export interface Work {
  /** A run is under way, or a stream is open. */
  isAtWork: boolean;
  /** Milliseconds to the next enabled automation, by the server's clock; below 0 where it is late. */
  dueInMs: number | undefined;
}

/** The reason why a server in the background goes on, and for how long at least in real time. */
export type Stay = { because: "work"; forMs?: undefined } | { because: "due" | "use"; forMs: number };

/** An automation that is due so soon is waited for. */
const soonMs = 60 * 60_000;

/**
 * The reason why the server stays, whose last use was `quietMs` ago; undefined where it may stop. A late run counts no
 * longer than a server waits for use: one that can't be started doesn't keep it for ever.
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
 * Resolves `stopped` when a server has reason to stop: `stop` was called, or nothing has happened for `idleMs`, by a
 * clock that never jumps (undefined: only `stop` counts). `touch` says that something happened.
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
  /** The reason why the server stays; undefined where it stops only on request, or is about to stop. */
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
