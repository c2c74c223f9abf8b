import { PassThrough, Writable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import xterm from "@xterm/headless";
import type { Io, JobControl } from "../../src/context/context.js";
import type { Prompts } from "../../src/context/prompts.js";
import { createDrawnPrompts } from "../../src/prompts/inquirer.js";
import { Captured } from "./streams.js";

/** Keys as a terminal sends them. */
export const keys = {
  enter: "\r",
  tab: "\t",
  backspace: "\x7f",
  up: "\x1b[A",
  down: "\x1b[B",
  right: "\x1b[C",
  left: "\x1b[D",
  home: "\x1b[H",
  end: "\x1b[F",
  pageUp: "\x1b[5~",
  pageDown: "\x1b[6~",
  delete: "\x1b[3~",
  escape: "\x1b",
  space: " ",
  ctrlA: "\x01",
  ctrlC: "\x03",
  ctrlD: "\x04",
  ctrlE: "\x05",
  ctrlT: "\x14",
  ctrlX: "\x18",
};

export function paste(text: string): string {
  return `\x1b[200~${text.replaceAll("\n", "\r")}\x1b[201~`;
}

class Keyboard extends PassThrough {
  readonly isTTY = true;
  isRaw = false;

  setRawMode(isRaw: boolean): this {
    this.isRaw = isRaw;
    return this;
  }
}

/** The writing side of a terminal, which prompts use as stderr. */
class Display extends Writable {
  readonly isTTY = true;
  readonly _isStdio = true;
  readonly columns: number;
  readonly rows: number;
  readonly written: string[] = [];
  readonly #terminal: xterm.Terminal;

  constructor(terminal: xterm.Terminal) {
    super();
    this.#terminal = terminal;
    this.columns = terminal.cols;
    this.rows = terminal.rows;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    this.written.push(chunk.toString("utf8"));
    this.#terminal.write(chunk, callback);
  }
}

export interface PromptSession {
  prompts: Prompts;
  /** Types keys, and waits until the prompt has read them. */
  type(...texts: string[]): Promise<void>;
  /** The screen's lines without trailing blanks. */
  screen(): string[];
  /** The output on stderr, including escapes. */
  written(): string;
  /** The texts of questions that were interrupted. */
  kept: readonly string[];
  keyboard: Keyboard;
  abort: AbortController;
}

/** Prompts on a keyboard and a screen in memory. */
export function openSession({
  columns = 80,
  rows = 40,
  env = {},
  jobControl,
}: {
  columns?: number;
  rows?: number;
  env?: Record<string, string>;
  jobControl?: JobControl;
} = {}): PromptSession {
  const terminal = new xterm.Terminal({
    cols: columns,
    rows,
    convertEol: true,
    allowProposedApi: true,
    logLevel: "off",
  });
  const keyboard = new Keyboard();
  const display = new Display(terminal);
  const abort = new AbortController();
  const kept: string[] = [];
  const io: Io = {
    stdin: keyboard,
    stdout: new Captured(),
    stderr: display,
    stdoutIsTty: true,
    stderrIsTty: true,
    canPrompt: true,
    colour: { stdout: false, stderr: false },
    canRedraw: true,
    columns,
  };
  return {
    prompts: createDrawnPrompts({
      io,
      signal: abort.signal,
      editorEnv: env,
      jobControl,
      saveText: async (text) => {
        kept.push(text);
        return "/kept.md";
      },
    }),
    kept,
    type: async (...texts) => {
      await untilQuiet(display);
      for (const text of texts) {
        keyboard.write(text);
        await untilQuiet(display);
      }
    },
    screen: () => {
      const lines = [];
      for (let row = 0; row < terminal.buffer.active.length; row += 1) {
        lines.push(terminal.buffer.active.getLine(row)?.translateToString(true).trimEnd() ?? "");
      }
      while (lines.at(-1) === "") lines.pop();
      return lines;
    },
    written: () => display.written.join(""),
    keyboard,
    abort,
  };
}

/** Waits until nothing is drawn for a moment; the first drawing waits for imports. */
async function untilQuiet(display: Display): Promise<void> {
  while (display.written.length === 0) await pause(10);
  let before = -1;
  while (before !== display.written.length) {
    before = display.written.length;
    await pause(15);
  }
}
