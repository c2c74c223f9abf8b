import { onAbort } from "./abort.js";

/** The AbortSignal of the program that imports these types: they declare no global that it may lack. */
export type Signal = typeof globalThis extends { AbortSignal: { prototype: infer Its } }
  ? Its
  : { readonly aborted: boolean };

/** Calls `fire` once after `ms` milliseconds, unless the returned function is called before. */
export type StartTimer = (ms: number, fire: () => void) => () => void;

export const startTimer: StartTimer = (ms, fire) => {
  const timer = setTimeout(fire, Math.min(ms, 2 ** 31 - 1));
  return () => clearTimeout(timer);
};

/**
 * Ends one exchange early: by the caller's signal, or a time limit that can be set anew. One wait at a time. A
 * transport reports to it how far the request is.
 */
export class ExchangeAbort {
  sending: "unknown" | "connecting" | "connected" = "unknown";
  readonly #leaveOuter: (() => void) | undefined;
  #controller: AbortController | undefined;
  #end: { reason: unknown } | undefined;
  readonly #sent: { destroy(error: Error): void }[] = [];
  #stopTimer: (() => void) | undefined;
  #endWait: ((reason: unknown) => void) | undefined;

  constructor(
    outer: Signal | undefined,
    private readonly start: StartTimer,
  ) {
    if (outer?.aborted === true) this.end(outer.reason);
    else if (outer !== undefined) this.#leaveOuter = onAbort(outer, () => this.end(outer.reason));
  }

  get isOver(): boolean {
    return this.#end !== undefined;
  }

  get reason(): unknown {
    return this.#end?.reason;
  }

  /** A new connection is being made: nothing can have arrived yet. */
  connecting(): void {
    this.sending = "connecting";
  }

  /** The request may arrive from now on. */
  connected(): void {
    this.sending = "connected";
  }

  get signal(): Signal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#end !== undefined) this.#controller.abort(this.#end.reason);
    }
    return this.#controller.signal;
  }

  /** Destroys a sent request when it is to end, or at once. */
  destroyAtEnd(sent: { destroy(error: Error): void }): void {
    this.#sent.push(sent);
    if (this.isOver) sent.destroy(new Error("aborted"));
  }

  /** Replaces the limit: past `ms`, the guard ends with what `reason` makes. */
  limit(ms: number, reason: () => Error): void {
    this.#stopTimer?.();
    this.#stopTimer = this.start(ms, () => this.end(reason()));
  }

  unlimit(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }

  /** Waits for the work, or rejects with the guard's reason if that comes first; `late` is given what comes after it. */
  wait<T>(work: Promise<T>, late?: (value: T) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      work.then((value) => (this.isOver ? late?.(value) : resolve(value)), reject);
      if (this.#end !== undefined) reject(this.#end.reason);
      else this.#endWait = reject;
    });
  }

  /** Ends the exchange: the transport is told, a wait rejects. Only the first end counts. */
  end(reason: unknown): void {
    this.release();
    if (this.#end !== undefined) return;
    this.#end = { reason };
    for (const sent of this.#sent) sent.destroy(new Error("aborted"));
    this.#controller?.abort(reason);
    this.#endWait?.(reason);
  }

  release(): void {
    this.unlimit();
    this.#leaveOuter?.();
  }
}
