import { Writable } from "node:stream";
import { InterruptedError } from "../../src/errors/cli-errors.js";
import type { HermOptions } from "./harness.js";
import { show } from "./terminal.js";

/** The pause between two reads of a watching command. */
const restMs = 2000;

/** A terminal for a watching command, and the options to pass to `herm`. */
export interface Watching {
  options: Required<Pick<HermOptions, "tty" | "stdout" | "signal" | "sleep">>;
  /** The command's output, one screen after another. */
  drawn: readonly string[];
  /** The lines of each screen. */
  screens(): Promise<string[][]>;
}

/** Does one action between any two reads; after the last, presses Ctrl-C. */
export function watching(between: readonly (() => unknown)[] = []): Watching {
  const interrupt = new AbortController();
  const left = [...between];
  const drawn: string[] = [];
  const stdout = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      drawn.push(chunk.toString("utf8"));
      done();
    },
  });
  const sleep = async (ms: number, signal?: AbortSignal) => {
    const next = ms === restMs ? left.shift() : undefined;
    if (ms === restMs && next === undefined) interrupt.abort(new InterruptedError());
    await next?.();
    interrupt.signal.throwIfAborted();
    signal?.throwIfAborted();
  };
  return {
    options: { tty: true, stdout, signal: interrupt.signal, sleep },
    drawn,
    screens: () =>
      Promise.all(drawn.map(async (text) => (await show(text)).lines.map((line) => line.trimEnd()))),
  };
}
