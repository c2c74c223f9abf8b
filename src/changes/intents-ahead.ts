import type { OpenIntent } from "./journal.js";

/** An older intent is renewed before its request is sent: others wait by the time of its line. */
const freshMs = 500;

/** Intents that were opened before their turn, so that many share one wait for the disk; each by a key of its own. */
export class IntentsAhead<Key> {
  readonly #waiting = new Map<Key, { opening: Promise<OpenIntent>; openedMs: number }>();

  constructor(private readonly monotonic: () => number) {}

  add(key: Key, opening: Promise<OpenIntent>): void {
    // `take` tells of a failure, if it ever comes to that.
    opening.catch(() => undefined);
    this.#waiting.set(key, { opening, openedMs: this.monotonic() });
  }

  /** The intent, on disk with a time that is recent; nothing if it wasn't opened ahead, or was taken. */
  async take(key: Key): Promise<OpenIntent | undefined> {
    const ahead = this.#waiting.get(key);
    if (ahead === undefined) return undefined;
    this.#waiting.delete(key);
    const intent = await ahead.opening;
    if (this.monotonic() - ahead.openedMs > freshMs) await intent.renew();
    return intent;
  }

  /** Closes those that were never taken. */
  async close(): Promise<void> {
    const unused = await Promise.allSettled([...this.#waiting.values()].map(({ opening }) => opening));
    for (const opened of unused) if (opened.status === "fulfilled") opened.value.close();
    this.#waiting.clear();
  }
}
