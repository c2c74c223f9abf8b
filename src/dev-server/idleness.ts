/** Says when a server has reason to stop: it was asked to, or nothing has happened for a while. */
export interface Idleness {
  stopped: Promise<void>;
  stop(): void;
  /** Something happened. */
  touch(): void;
  /** Begins to watch; while it `isAtWork` it is not idle. */
  watch(isAtWork: () => boolean): void;
  end(): void;
}

/** `idleMs` in real time; undefined: only `stop` stops it. */
export function watchIdleness(idleMs: number | undefined): Idleness {
  let stop = () => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  let lastActivity = performance.now();
  const touch = () => {
    lastActivity = performance.now();
  };
  let timer: NodeJS.Timeout | undefined;
  return {
    stopped,
    stop,
    touch,
    watch: (isAtWork) => {
      if (idleMs === undefined) return;
      touch();
      timer = setInterval(() => {
        if (isAtWork()) touch();
        else if (performance.now() - lastActivity >= idleMs) stop();
      }, idleMs / 20);
      timer.unref();
    },
    end: () => clearInterval(timer),
  };
}
