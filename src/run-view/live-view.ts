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
  let painting: Promise<void> = Promise.resolve();

  const paintNow = async (shown: RunState): Promise<void> => {
    lastPaintAt = now();
    const { settled, live, next } = render(shown, done, {
      columns: columns(),
      style: printer.style,
      now: lastPaintAt,
      waitingSince: lastEventAt,
    });
    done = next;
    await screen.paint(settled, live);
  };
  const paint = (): Promise<void> => {
    painting = painting.then(() => (state === undefined || isPaused ? undefined : paintNow(state)));
    return painting;
  };
  /** Paints what was passed over for being too soon, and turns the spinner. */
  const tick = async (): Promise<void> => {
    if (isTicking) return;
    isTicking = true;
    try {
      while (!over.signal.aborted) {
        await sleep(2 * frameMs, over.signal);
        await paint();
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
      if (lastEventAt - lastPaintAt >= frameMs) await paint();
    },
    async note(text) {
      await painting;
      await screen.clear();
      printer.note(text);
      await paint();
    },
    async pause() {
      await paint();
      isPaused = true;
      await painting;
      await screen.clear();
    },
    resume() {
      isPaused = false;
      lastEventAt = now();
    },
    async end(last, closing) {
      isPaused = false;
      state = settle(last);
      await paint();
      await screen.paint(closing === "" ? [] : [closing], []);
      over.abort();
    },
    async close() {
      over.abort();
      isPaused = true;
      await painting;
      await screen.clear();
    },
  };
}
