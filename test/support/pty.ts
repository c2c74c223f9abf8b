import { onTestFinished } from "vitest";
import { temporaryFolder } from "./harness.js";
import { startTerminal, type Terminal, type TerminalOptions } from "./terminal-process.js";

/** Keys that aren't letters, as a terminal sends them. */
export const keys = {
  enter: "\r",
  tab: "\t",
  down: "\x1b[B",
  space: " ",
  ctrlC: "\x03",
  ctrlE: "\x05",
  ctrlU: "\x15",
};

/** The built command on a real terminal, with its own home; it ends with the test. */
export function openTerminal(words: readonly string[], options: TerminalOptions): Terminal {
  const terminal = startTerminal(words, { ...options, env: { HOME: temporaryFolder(), ...options.env } });
  onTestFinished(terminal.close);
  return terminal;
}

/** Waits for each text, and then types keys: `[text, keys, text, keys…]`. */
export async function talk(
  terminal: Terminal,
  steps: readonly (readonly [text: string, keys: string])[],
): Promise<void> {
  for (const [text, typed] of steps) {
    await terminal.shows(text);
    terminal.type(typed);
  }
}
