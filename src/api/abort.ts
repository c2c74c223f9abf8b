import { AbortError } from "./errors.js";

const listenerOf = new WeakMap<AbortSignal, SharedListener>();

/**
 * Calls back when the signal aborts, until the returned function is called. However many wait for one signal, it has a
 * single listener: past ten Node would print a warning. With the last of them the listener goes too, since Node keeps a
 * composite signal alive for as long as anybody listens.
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
 * A controller that also aborts, for the same reason, with the first of `outers` that does. Abort it when its work is
 * over: that leaves the outer ones, which otherwise hold it. AbortSignal.any won't do: its outer signals remember every
 * signal that was ever made of them.
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

/** The signal as a call has it: its reason is an AbortError. It is for this folder alone, which asks no more of it. */
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

/** Waits in real time; rejects with the signal's reason as soon as it aborts. */
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
