import type { Printer } from "../output/printer.js";
import { Painter, type PainterOptions } from "./painter.js";
import { finishRun, type RunState } from "./reduce.js";
import { nothingRendered, render } from "./render.js";
import type { RunView } from "./view.js";

interface LiveViewOptions extends Omit<PainterOptions, "printer" | "frame"> {
  printer: Printer;
}

/** Lets text flow, completes calls in place, and turns a spinner while nothing comes. */
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
