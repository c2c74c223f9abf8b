/** Messages from several sources, taken one at a time in the order they came: the follow's only meeting point. */
export class Mailbox<T> {
  readonly #messages: T[] = [];
  #wake: (() => void) | undefined;

  push(message: T): void {
    this.#messages.push(message);
    this.#wake?.();
    this.#wake = undefined;
  }

  /** The oldest message; waits for one if there is none. One taker at a time. */
  async take(): Promise<T> {
    for (;;) {
      const message = this.#messages.shift();
      if (message !== undefined) return message;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** How time passes; the signal ends a wait by rejecting it. */
export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

/** Calls back once, `ms` after it was last set, unless it is set again or cleared before. */
export class Timer {
  #current: AbortController | undefined;

  constructor(
    private readonly sleep: Sleep,
    private readonly ring: () => void,
  ) {}

  set(ms: number): void {
    this.clear();
    const current = new AbortController();
    this.#current = current;
    this.sleep(ms, current.signal).then(
      () => {
        if (current.signal.aborted) return;
        this.#current = undefined;
        this.ring();
      },
      () => undefined,
    );
  }

  clear(): void {
    this.#current?.abort();
    this.#current = undefined;
  }
}
