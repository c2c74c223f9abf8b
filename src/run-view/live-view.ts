import { toJsonLines } from "../output/json.js";
import type { Printer } from "../output/printer.js";
import { Painter, type PainterOptions } from "./painter.js";
import { finishRun, type RunEvent, type RunLog, type RunState } from "./reduce.js";
import { nothingRendered, plainLines, render } from "./render.js";

/** A view of a followed run. Every method resolves when a slow reader has taken what was written. */
export interface RunView {
  show(events: readonly RunEvent[], state: RunState): Promise<void>;
  note(text: string): Promise<void>;
  pause(): Promise<void>;
  resume(): void;
  /** Prints what was buffered, and `closing` below it. */
  end(state: RunState, closing: string): Promise<void>;
  /** May be called after `end`. */
  close(): Promise<void>;
}

const doNothing = async (): Promise<void> => undefined;

/** Prints nothing until the end: for `json` and `name`. */
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

/** Prints each event as it comes: for `jsonl`. */
export function jsonlView(printer: Printer): RunView {
  return { ...silentView(printer), show: (events) => printer.out(toJsonLines(events, printer)) };
}

/** Prints plain lines: for pipes. */
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
