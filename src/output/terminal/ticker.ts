import type { StartTimer } from "../../api/fetch.js";

const mostLines = 20;

const secondMs = 1000;

/** The name for such a line in the counts, such as `fired` in `870 fired`. */
type Kind = string;

/**
 * Prints lines about background activity. If there are too many, or the reader is slow, a single line counts them (`…
 * and 873 more: 870 fired, 3 created`).
 */
export class Ticker {
  #shown = 0;
  #hidden = new Map<Kind, number>();
  #waiting: string[] = [];
  #isWriting = false;
  #isOpen = false;
  #isClosed = false;
  #stopTimer: (() => void) | undefined;

  constructor(private readonly options: { write(text: string): Promise<void>; startTimer: StartTimer }) {}

  say(kind: Kind, line: () => string): void {
    if (this.#isClosed) return;
    this.#stopTimer ??= this.options.startTimer(secondMs, () => this.#nextSecond());
    if (this.#shown >= mostLines) {
      this.#hidden.set(kind, (this.#hidden.get(kind) ?? 0) + 1);
      return;
    }
    this.#shown += 1;
    this.#waiting.push(line());
    this.#flush();
  }

  open(): void {
    this.#isOpen = true;
    this.#flush();
  }

  /** Writes the counts that are left, without waiting for a slow reader. */
  close(): void {
    this.#stopTimer?.();
    if (this.#hidden.size > 0) this.#waiting.push(this.#takeCounts());
    this.#flush();
    this.#isClosed = true;
  }

  #nextSecond(): void {
    this.#stopTimer = undefined;
    const isSlow = this.#waiting.length > 0;
    if (!isSlow) {
      this.#shown = 0;
      if (this.#hidden.size > 0) {
        this.#shown = 1;
        this.#waiting.push(this.#takeCounts());
      }
      this.#flush();
    }
    if (this.#shown > 0) this.#stopTimer = this.options.startTimer(secondMs, () => this.#nextSecond());
  }

  #takeCounts(): string {
    const counts = [...this.#hidden].toSorted(([, one], [, other]) => other - one);
    const total = counts.reduce((sum, [, count]) => sum + count, 0);
    this.#hidden = new Map();
    return `… and ${total} more: ${counts.map(([kind, count]) => `${count} ${kind}`).join(", ")}\n`;
  }

  #flush(): void {
    if (!this.#isOpen || this.#isWriting || this.#waiting.length === 0) return;
    const text = this.#waiting.join("");
    this.#waiting = [];
    this.#isWriting = true;
    void this.options.write(text).then(() => {
      this.#isWriting = false;
      this.#flush();
    });
  }
}
