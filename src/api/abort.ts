import { AbortError } from "./errors.js";

const listenerOf = new WeakMap<AbortSignal, SharedListener>();

/**
 * Calls back when the signal aborts, until the returned function is called. All callbacks of a signal share one
 * listener, because Node prints a warning past ten. The last one removes that listener, because Node keeps a
 * composite signal alive while it is listened to.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const listener = listenerOf.get(signal) ?? new SharedListener(signal);
  listenerOf.set(signal, listener);
  return listener.add(callback);
}

class SharedListener {
  readonly #callbacks = new Set<() => void>();
  readonly #onAbort = () => {
    for (const callback of [...this.#callbacks]) callback();
  };

  constructor(private readonly signal: AbortSignal) {}

  add(callback: () => void): () => void {
    if (this.#callbacks.size === 0) this.signal.addEventListener("abort", this.#onAbort);
    this.#callbacks.add(callback);
    return () => {
      if (this.#callbacks.delete(callback) && this.#callbacks.size === 0)
        this.signal.removeEventListener("abort", this.#onAbort);
    };
  }
}

/**
 * A controller that also aborts when one of `outers` does, with the same reason. Abort it when its work is done, to
 * detach it from them. AbortSignal.any won't do, because outer signals remember every signal made from them.
 */
export function innerController(...outers: readonly (AbortSignal | undefined)[]): AbortController {
  const inner = new AbortController();
  for (const outer of outers) {
    if (outer === undefined || inner.signal.aborted) continue;
    if (outer.aborted) inner.abort(outer.reason);
    else
      onAbort(
        inner.signal,
        onAbort(outer, () => inner.abort(outer.reason)),
      );
  }
  return inner;
}

/** The signal for a call, whose reason is an AbortError. Has only the properties that this folder needs. */
export function signalOfCall(outer: AbortSignal): AbortSignal {
  let leave = () => {};
  return new Proxy(outer, {
    get(_, name) {
      if (name === "reason") return new AbortError("the call was aborted", { cause: outer.reason });
      if (name === "removeEventListener") return leave;
      if (name !== "addEventListener") return outer[name as "aborted"];
      return (_name: string, callback: () => void) => (leave = onAbort(outer, callback));
    },
  });
}

/** Waits in real time; rejects with the signal's reason once it aborts. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason);
    const timer = setTimeout(() => {
      leave?.();
      resolve();
    }, ms);
    const leave =
      signal &&
      onAbort(signal, () => {
        clearTimeout(timer);
        leave?.();
        reject(signal.reason);
      });
  });
}
