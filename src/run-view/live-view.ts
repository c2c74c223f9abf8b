import type { Printer } from "../output/printer.js";
import type { Sleep } from "./mailbox.js";
import { type RunState, settle } from "./reduce.js";
import { nothingRendered, render } from "./render.js";
import { Screen } from "./screen.js";
import type { RunView } from "./view.js";

export interface LiveViewOptions {
  printer: Printer;
  columns(): number;
  /** Milliseconds. */
  now(): number;
  sleep: Sleep;
}

/** Faster repainting than this shows nobody more, and costs a slow terminal its breath. */
const frameMs = 40;

/** For terminals: the text flows, calls complete in place, and a spinner turns while nothing comes. */
export function liveView({ printer, columns, now, sleep }: LiveViewOptions): RunView {
  const screen = new Screen({ write: (text) => printer.out(text), columns });
  const over = new AbortController();
  let state: RunState | undefined;
  let done = nothingRendered;
  let lastEventAt = now();
  let lastPaintAt = Number.NEGATIVE_INFINITY;
  let isPaused = false;
  let isTicking = false;
  let last: Promise<void> = Promise.resolve();

  /** One thing after the other: between two writes to the terminal nothing else may write. */
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    last = last.then(work);
    return last;
  };
  const paintNow = async (): Promise<void> => {
    if (state === undefined || isPaused) return;
    lastPaintAt = now();
    const { settled, live, next } = render(state, done, {
      columns: columns(),
      style: printer.style,
      now: lastPaintAt,
      waitingSince: lastEventAt,
    });
    done = next;
    await screen.paint(settled, live);
  };
  /** Paints what was passed over for being too soon, and turns the spinner. */
  const tick = async (): Promise<void> => {
    if (isTicking) return;
    isTicking = true;
    try {
      while (!over.signal.aborted) {
        await sleep(2 * frameMs, over.signal);
        await inTurn(paintNow);
      }
    } catch {
      // The view was closed.
    } finally {
      isTicking = false;
    }
  };

  return {
    async show(_events, next) {
      state = next;
      lastEventAt = now();
      void tick();
      if (lastEventAt - lastPaintAt >= frameMs) await inTurn(paintNow);
    },
    note: (text) =>
      inTurn(async () => {
        await screen.clear();
        printer.note(text);
        await paintNow();
      }),
    pause: () =>
      inTurn(async () => {
        await paintNow();
        isPaused = true;
        await screen.clear();
      }),
    resume() {
      isPaused = false;
      lastEventAt = now();
    },
    end: (ended, closing) =>
      inTurn(async () => {
        isPaused = false;
        state = settle(ended);
        await paintNow();
        await screen.paint(closing === "" ? [] : [closing], []);
        over.abort();
      }),
    close: () =>
      inTurn(async () => {
        over.abort();
        isPaused = true;
        await screen.clear();
      }),
  };
}
