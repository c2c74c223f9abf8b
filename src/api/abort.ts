const callbacksOf = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls back when the signal aborts, until the function it returns is called. However many wait for one signal, it has
 * a single listener: past ten Node would print a warning.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const callbacks = callbacksOf.get(signal) ?? listen(signal);
  callbacks.add(callback);
  return () => {
    callbacks.delete(callback);
  };
}

function listen(signal: AbortSignal): Set<() => void> {
  const callbacks = new Set<() => void>();
  callbacksOf.set(signal, callbacks);
  signal.addEventListener("abort", () => {
    for (const callback of [...callbacks]) callback();
  });
  return callbacks;
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
