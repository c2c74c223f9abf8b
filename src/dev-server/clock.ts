import { onAbort } from "../api/abort.js";

/** Maximum length of a timer in ms: within Node's limit, and short enough to notice a changed system clock. */
const longestTimerMs = 60_000;

/** The last moment that an RFC 3339 time can express. */
export const latestTime = Date.UTC(9999, 11, 31, 23, 59, 59);

interface Alarm {
  readonly at: number;
  ring(): void;
}

/**
 * The server's time: real time plus an offset, which never goes backwards. All waits in the server use it, so that
 * moving the clock ends them in time order. Times are whole milliseconds since 1970.
 */
export class ServerClock {
  #offsetMs: number;
  #latest = Number.NEGATIVE_INFINITY;
  /** Alarms in time order; if two share a time, the older one rings first. */
  #alarms: Alarm[] = [];
  #timer: NodeJS.Timeout | undefined;
  #moving = false;
  #isClosed = false;

  constructor(
    private readonly options: { realTime(): number; offsetMs: number; keepOffset(offsetMs: number): void },
  ) {
    this.#offsetMs = options.offsetMs;
  }

  now(): number {
    this.#latest = Math.max(this.#latest, Math.floor(this.options.realTime()) + this.#offsetMs);
    return this.#latest;
  }

  /** Calls back once, at a time or as soon as possible after it. Returns a function that cancels this. */
  at(time: number, ring: () => void): () => void {
    if (this.#isClosed) return () => {};
    const alarm = { at: Math.ceil(time), ring };
    // Almost always added at the end.
    const place = this.#alarms.findLastIndex(({ at }) => at <= alarm.at) + 1;
    this.#alarms.splice(place, 0, alarm);
    this.#arm();
    return () => {
      this.#alarms = this.#alarms.filter((each) => each !== alarm);
      this.#arm();
    };
  }

  /** Waits on this clock. Rejects with the signal's reason when it aborts. */
  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const cancel = this.at(this.now() + ms, () => {
        stopListening();
        resolve();
      });
      const stopListening = onAbort(signal, () => {
        cancel();
        stopListening();
        reject(signal.reason);
      });
    });
  }

  /**
   * Moves the clock forward, stopping at every alarm on the way, which rings at its own time; `settled` lets its
   * effects finish before time continues. A past time has no effect. Only one move may run at a time.
   */
  async moveTo(time: number, settled: () => Promise<void>): Promise<void> {
    this.#moving = true;
    try {
      await settled();
      for (let [first] = this.#alarms; first && first.at <= time; [first] = this.#alarms) {
        this.#jumpTo(first.at);
        this.#ringFirst();
        await settled();
      }
      this.#jumpTo(Math.round(time));
    } finally {
      this.#moving = false;
      this.#arm();
    }
  }

  /** Removes all alarms permanently; a move in progress ends at the current time. */
  close(): void {
    this.#isClosed = true;
    this.#alarms = [];
    this.#arm();
  }

  #jumpTo(time: number): void {
    const aheadMs = time - this.now();
    if (aheadMs <= 0 || this.#isClosed) return;
    this.#offsetMs += aheadMs;
    this.options.keepOffset(this.#offsetMs);
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const [first] = this.#alarms;
    if (!first || this.#moving) return;
    const waitMs = Math.min(Math.max(first.at - this.now(), 0), longestTimerMs);
    this.#timer = setTimeout(() => this.#ringDue(), waitMs);
  }

  #ringDue(): void {
    const now = this.now();
    for (let [first] = this.#alarms; first && first.at <= now; [first] = this.#alarms) this.#ringFirst();
    this.#arm();
  }

  #ringFirst(): void {
    this.#alarms.shift()?.ring();
  }
}
