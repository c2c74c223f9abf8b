/** Shows a run live: painted on a terminal, and printed elsewhere. */

import { toJsonLines } from "../output/printed-json.js";
import type { Printer } from "../output/printer.js";
import { styledWidth } from "../output/width.js";
import { finishRun, type RunEvent, type RunLog, type RunState } from "./reduce.js";
import { nothingRendered, plainLines, render } from "./render.js";

/** A view of a followed run. Every method resolves once even a slow reader has read the output. */
export interface RunView {
  show(events: readonly RunEvent[], state: RunState): Promise<void>;
  note(text: string): Promise<void>;
  pause(): Promise<void>;
  resume(): void;
  /** Prints the output still buffered, then `closing`. */
  end(state: RunState, closing: string): Promise<void>;
  /** May be called after `end`. */
  close(): Promise<void>;
}

const doNothing = async (): Promise<void> => undefined;

/** Prints only at the end; for `json` and `name`. */
export function silentView(printer: Printer): RunView {
  return {
    show: doNothing,
    note: async (text) => printer.note(text),
    pause: doNothing,
    resume: () => undefined,
    end: doNothing,
    close: doNothing,
  };
}

/** Prints each event as it arrives; for `jsonl`. */
export function jsonlView(printer: Printer): RunView {
  return { ...silentView(printer), show: (events) => printer.out(toJsonLines(events, printer)) };
}

/** Prints plain lines; for pipes. */
export function plainView(printer: Printer): RunView {
  let printed: RunLog | undefined;
  const print = (state: RunState, more: readonly string[] = []): Promise<void> => {
    const lines = [...plainLines(state, printed, printer.style), ...more];
    printed = state.log;
    return lines.length === 0 ? Promise.resolve() : printer.out(`${lines.join("\n")}\n`);
  };
  return {
    ...silentView(printer),
    show: (_events, state) => print(state),
    end: (state, closing) => print(finishRun(state), closing === "" ? [] : [closing]),
  };
}

interface LiveViewOptions extends Omit<PainterOptions, "printer" | "frame"> {
  printer: Printer;
}

/** Streams the text, completes calls in place, and shows a spinner while nothing arrives. */
export function liveView(options: LiveViewOptions): RunView {
  const { printer, columns, now } = options;
  let state: RunState | undefined;
  let done = nothingRendered;
  let lastEventAt = now();
  const painter = new Painter({
    ...options,
    frame: (at) => {
      if (state === undefined) return { permanent: [], live: [], isMoving: true };
      const { permanent, live, next } = render(state, done, {
        columns: columns(),
        style: printer.style,
        now: at,
        waitingSince: lastEventAt,
      });
      done = next;
      return { permanent, live, isMoving: true };
    },
  });
  return {
    show(_events, next) {
      state = next;
      lastEventAt = now();
      return painter.changed();
    },
    note: (text) => painter.note(text),
    pause: () => painter.pause(),
    resume() {
      lastEventAt = now();
      painter.resume();
    },
    end(ended, closing) {
      state = finishRun(ended);
      return painter.end(closing === "" ? [] : [closing]);
    },
    close: () => painter.close(),
  };
}

interface RunFrame {
  permanent: readonly string[];
  live: readonly string[];
  /** True if the frame changes even when only time passes, as a spinner does. */
  isMoving: boolean;
}

interface PainterOptions {
  printer: Pick<Printer, "out" | "note">;
  columns(): number;
  now(): number;
  sleep: Sleep;
  frame(now: number): RunFrame;
}

/** Milliseconds between two frames; repainting faster than this can't be seen. */
const frameMs = 40;

/** Paints frames one at a time. Other code may write to the terminal only between two writes. */
class Painter {
  readonly #screen: Screen;
  readonly #over = new AbortController();
  #lastPaintAt = Number.NEGATIVE_INFINITY;
  #isPaused = false;
  #isTicking = false;
  #isMoving = false;
  #last: Promise<void> = Promise.resolve();

  constructor(private readonly options: PainterOptions) {
    const { printer, columns } = options;
    this.#screen = new Screen({ write: (text) => printer.out(text), columns });
  }

  /** Paints at once or, if a frame was just painted, with the next one. */
  async changed(): Promise<void> {
    const { now } = this.options;
    void this.#tick();
    if (now() - this.#lastPaintAt >= frameMs) await this.#enqueue(() => this.#paint());
  }

  /** Prints a line on stderr above the live lines. */
  note(text: string): Promise<void> {
    return this.#enqueue(async () => {
      await this.#screen.clear();
      this.options.printer.note(text);
      await this.#paint();
    });
  }

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

  end(lines: readonly string[]): Promise<void> {
    return this.#enqueue(async () => {
      this.#isPaused = false;
      await this.#paint();
      await this.#screen.paint(lines, []);
      this.#over.abort();
    });
  }

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
    this.#lastPaintAt = this.options.now();
    const { permanent, live, isMoving } = this.options.frame(this.#lastPaintAt);
    this.#isMoving = isMoving;
    await this.#screen.paint(permanent, live);
  }

  async #tick(): Promise<void> {
    if (this.#isTicking) return;
    this.#isTicking = true;
    const { signal } = this.#over;
    try {
      do {
        await this.options.sleep(2 * frameMs, signal);
        await this.#enqueue(() => this.#paint());
      } while (this.#isMoving && !signal.aborted);
    } catch {
      // The painter was closed, which aborted its signal.
    } finally {
      this.#isTicking = false;
    }
  }
}

interface Terminal {
  write(text: string): Promise<void>;
  columns(): number;
}

/**
 * Owns the cursor while a run is shown on a terminal. Never touches lines above its own and never hides the cursor, so
 * that there is nothing to restore.
 * @internal
 */
export class Screen {
  #live: readonly string[] = [];

  constructor(private readonly terminal: Terminal) {}

  /** Writes `permanent` lines and replaces the live ones, in one write; writes nothing if they are unchanged. */
  async paint(permanent: readonly string[], live: readonly string[]): Promise<void> {
    if (permanent.length === 0 && isSame(live, this.#live)) return;
    const text = this.#rewind() + [...permanent, ...live].map((line) => `${line}\n`).join("");
    this.#live = live;
    await this.terminal.write(text);
  }

  /** Clears the live lines to make room for other output. */
  clear(): Promise<void> {
    return this.paint([], []);
  }

  /**
   * Moves to the first live line; if the terminal became narrower, lines may take more rows. The cursor is kept below
   * them, because some terminals don't wrap the line that it is in.
   */
  #rewind(): string {
    if (this.#live.length === 0) return "";
    const columns = Math.max(1, this.terminal.columns());
    const rowsOf = (line: string) => Math.max(1, Math.ceil(styledWidth(line) / columns));
    const rows = this.#live.reduce((sum, line) => sum + rowsOf(line), 0);
    return `\u001b[${rows}A\r\u001b[J`;
  }
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((line, at) => line === others[at]);
}

export class Mailbox<T> {
  readonly #messages: T[] = [];
  #wake: (() => void) | undefined;

  push(message: T): void {
    this.#messages.push(message);
    this.#wake?.();
    this.#wake = undefined;
  }

  /** Waits for the oldest message. Only one caller may wait at a time. */
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

/** Runs out once, `ms` after it was last set, unless it is cleared before. */
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
