import { toJsonLines } from "../output/json.js";
import type { Printer } from "../output/printer.js";
import type { RunEvent } from "./event.js";
import { plainLines } from "./plain-lines.js";
import { finishRun, type RunLog, type RunState } from "./reduce.js";

/** Where a followed run is shown. Every method resolves when a slow reader has taken what was written. */
export interface RunView {
  /** What has come, in order, and the state after it. */
  show(events: readonly RunEvent[], state: RunState): Promise<void>;
  /** A word beside the run, on stderr. */
  note(text: string): Promise<void>;
  /** Leaves the terminal to others until `resume`: to a question, say. */
  pause(): Promise<void>;
  resume(): void;
  /** Nothing more will come: prints what was held back, and `closing` below it. */
  end(state: RunState, closing: string): Promise<void>;
  /** Leaves everything as others expect it, whatever happened; also after `end`. */
  close(): Promise<void>;
}

const doNothing = async (): Promise<void> => undefined;

/** For `json` and `name`: nothing until the end. */
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

/** For `jsonl`: each event as it comes, one write for all that came together. */
export function jsonlView(printer: Printer): RunView {
  return { ...silentView(printer), show: (events) => printer.out(toJsonLines(events, printer)) };
}

/** For pipes: plain lines that are only ever added to. */
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
