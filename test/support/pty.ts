import pty from "@lydell/node-pty";
import xterm from "@xterm/headless";
import { onTestFinished } from "vitest";
import { temporaryFolder } from "./harness.js";
import { commandFile } from "./spawn.js";

/** The built command on a real terminal, whose screen is that of an emulator. */
export interface Terminal {
  /** Resolves when the screen, or what scrolled off it, shows the text. */
  shows(text: string): Promise<void>;
  type(keys: string): void;
  resize(columns: number): void;
  /** The lines now, those that scrolled off included, without trailing blanks. */
  lines(): string[];
  /** What the last line that isn't empty was, and the code, once the command has ended. */
  ended: Promise<{ code: number; lines: string[]; isCursorShown: boolean }>;
}

export interface TerminalOptions {
  env: Record<string, string>;
  columns?: number;
  rows?: number;
}

/** Starts the command; it is ended with the test. */
export function openTerminal(
  words: readonly string[],
  { env, columns = 80, rows = 24 }: TerminalOptions,
): Terminal {
  const screen = new xterm.Terminal({ cols: columns, rows, scrollback: 1_000, allowProposedApi: true });
  const child = pty.spawn(process.execPath, [commandFile, ...words], {
    cols: columns,
    rows,
    name: env.TERM ?? "xterm-256color",
    env: { PATH: process.env.PATH ?? "", HOME: temporaryFolder(), ...env },
  });
  let waiting: (() => void)[] = [];
  let isCursorShown = true;
  screen.parser.registerCsiHandler({ prefix: "?", final: "h" }, (parameters) => {
    if (parameters.includes(25)) isCursorShown = true;
    return false;
  });
  screen.parser.registerCsiHandler({ prefix: "?", final: "l" }, (parameters) => {
    if (parameters.includes(25)) isCursorShown = false;
    return false;
  });
  const lines = () => linesOf(screen);
  child.onData((data) => {
    screen.write(data, () => {
      for (const check of waiting) check();
    });
  });
  const ended = new Promise<Awaited<Terminal["ended"]>>((resolve) => {
    child.onExit(({ exitCode }) => {
      screen.write("", () => resolve({ code: exitCode, lines: lines(), isCursorShown }));
    });
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
    screen.dispose();
  });
  const shows = (text: string) =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (!lines().join("\n").includes(text)) return;
        waiting = waiting.filter((each) => each !== check);
        resolve();
      };
      waiting.push(check);
      check();
    });
  const resize = (to: number) => {
    screen.resize(to, rows);
    child.resize(to, rows);
  };
  return { shows, type: (keys) => child.write(keys), resize, lines, ended };
}

/** Rows that a line was folded into are joined again. */
function linesOf(screen: xterm.Terminal): string[] {
  const found: string[] = [];
  const { active } = screen.buffer;
  for (let row = 0; row < active.length; row += 1) {
    const line = active.getLine(row);
    const text = line?.translateToString(true) ?? "";
    if (line?.isWrapped) found.push(`${found.pop() ?? ""}${text}`);
    else found.push(text);
  }
  while (found.at(-1) === "") found.pop();
  return found;
}
