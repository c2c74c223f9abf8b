import { onAbort } from "./abort.js";

/** Calls `fire` once after `ms` milliseconds, unless the function it returns is called before. */
export type StartTimer = (ms: number, fire: () => void) => () => void;

/** Real time. */
export const startTimer: StartTimer = (ms, fire) => {
  const timer = setTimeout(fire, ms);
  return () => clearTimeout(timer);
};

/** What ends one exchange early: the caller's signal, or a time limit that can be set anew. One wait at a time. */
export class Guard {
  readonly #controller = new AbortController();
  readonly #start: StartTimer;
  readonly #leaveOuter: (() => void) | undefined;
  #stopTimer: (() => void) | undefined;
  #endWait: ((reason: unknown) => void) | undefined;

  constructor(outer: AbortSignal | undefined, start: StartTimer) {
    this.#start = start;
    if (outer?.aborted === true) this.end(outer.reason);
    else if (outer !== undefined) this.#leaveOuter = onAbort(outer, () => this.end(outer.reason));
  }

  /** For the transport: aborts when the guard ends. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Replaces the limit: past `ms`, the guard ends with what `reason` makes. */
  limit(ms: number, reason: () => Error): void {
    this.#stopTimer?.();
    this.#stopTimer = this.#start(ms, () => this.end(reason()));
  }

  unlimit(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }

  /** The work's outcome, or a rejection with the guard's reason if that comes first. */
  wait<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      work.then(resolve, reject);
      if (this.signal.aborted) reject(this.signal.reason);
      else this.#endWait = reject;
    });
  }

  /** Ends the exchange: the transport is aborted, a wait under way rejects. */
  end(reason: unknown): void {
    this.release();
    this.#controller.abort(reason);
    this.#endWait?.(reason);
  }

  /** Lets go of timer and signal. */
  release(): void {
    this.unlimit();
    this.#leaveOuter?.();
  }
}
