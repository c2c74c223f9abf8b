export class Mailbox<T> {
  readonly #messages: T[] = [];
  #wake: (() => void) | undefined;

  push(message: T): void {
    this.#messages.push(message);
    this.#wake?.();
    this.#wake = undefined;
  }

  /** Waits for the oldest message. One taker at a time. */
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

export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

/** Rings once, `ms` after it was last set, unless it is cleared before. */
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
