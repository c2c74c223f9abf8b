import type { Printer } from "../output/printer.js";
import type { Sleep } from "./mailbox.js";
import { Screen } from "./screen.js";

/** What is to be seen: lines for good, and below them those that the next frame replaces. */
export interface RunFrame {
  permanent: readonly string[];
  live: readonly string[];
  /** It changes with time alone: a spinner turns, or somebody's turn comes. */
  isMoving: boolean;
}

export interface PainterOptions {
  printer: Pick<Printer, "out" | "note">;
  columns(): number;
  /** Milliseconds. */
  now(): number;
  sleep: Sleep;
  /** The lines since the last frame; asked for at every painting. */
  frame(now: number): RunFrame;
}

/** Faster repainting than this shows nobody more, and costs a slow terminal its breath. */
const frameMs = 40;

/** Paints frames on a terminal, one thing after the other: between two writes to the terminal nothing else may write. */
export class Painter {
  readonly #options: PainterOptions;
  readonly #screen: Screen;
  readonly #over = new AbortController();
  #lastPaintAt = Number.NEGATIVE_INFINITY;
  #isPaused = false;
  #isTicking = false;
  #isMoving = false;
  #last: Promise<void> = Promise.resolve();

  constructor(options: PainterOptions) {
    const { printer, columns } = options;
    this.#options = options;
    this.#screen = new Screen({ write: (text) => printer.out(text), columns });
  }

  /** Something has come: painted at once, or with the next frame where the last was painted just now. */
  async changed(): Promise<void> {
    const { now } = this.#options;
    void this.#tick();
    if (now() - this.#lastPaintAt >= frameMs) await this.#enqueue(() => this.#paint());
  }

  /** A line on stderr that stays, above what is live. */
  note(text: string): Promise<void> {
    return this.#enqueue(async () => {
      await this.#screen.clear();
      this.#options.printer.note(text);
      await this.#paint();
    });
  }

  /** Leaves the terminal to others until `resume`. */
  pause(): Promise<void> {
    return this.#enqueue(async () => {
      await this.#paint();
      this.#isPaused = true;
      await this.#screen.clear();
    });
  }

  resume(): void {
    this.#isPaused = false;
  }

  /** The last frame, then these lines for good. */
  end(lines: readonly string[]): Promise<void> {
    return this.#enqueue(async () => {
      this.#isPaused = false;
      await this.#paint();
      await this.#screen.paint(lines, []);
      this.#over.abort();
    });
  }

  /** Leaves the terminal as others expect it; also after `end`. */
  close(): Promise<void> {
    return this.#enqueue(async () => {
      this.#over.abort();
      this.#isPaused = true;
      await this.#screen.clear();
    });
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(work);
    return this.#last;
  }

  async #paint(): Promise<void> {
    if (this.#isPaused) return;
    this.#lastPaintAt = this.#options.now();
    const { permanent, live, isMoving } = this.#options.frame(this.#lastPaintAt);
    this.#isMoving = isMoving;
    await this.#screen.paint(permanent, live);
  }

  /** Paints what was passed over for being too soon, and goes on while something moves. */
  async #tick(): Promise<void> {
    if (this.#isTicking) return;
    this.#isTicking = true;
    const { signal } = this.#over;
    try {
      do {
        await this.#options.sleep(2 * frameMs, signal);
        await this.#enqueue(() => this.#paint());
      } while (this.#isMoving && !signal.aborted);
    } catch {
      // It was closed.
    } finally {
      this.#isTicking = false;
    }
  }
}
