import { toJsonLines } from "../output/json.js";
import type { Printer } from "../output/printer.js";
import type { RunEvent } from "./event.js";
import { plainLines } from "./plain-lines.js";
import { finishRun, type RunLog, type RunState } from "./reduce.js";

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
