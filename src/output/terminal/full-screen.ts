import type { Io } from "../../context/context.js";
import { sinkOf } from "../sink.js";
import { styledWidth } from "../width.js";
import { columnsNow, rowsNow } from "./watch-screen.js";

/**
 * Switches to the alternate screen, with the cursor hidden, bracketed paste on, and line wrapping off: if a terminal
 * draws a character wider than we measured, a line loses its end, but no row moves.
 */
const enter = "\u001b[?1049h\u001b[?25l\u001b[?2004h\u001b[?7l";
const leave = "\u001b[?2026l\u001b[0m\u001b[?7h\u001b[?2004l\u001b[?25h\u001b[?1049l";

/** A terminal's alternate screen, drawn frame by frame. Leave it in a `finally`; a crash leaves it by itself. */
export class FullScreen {
  #isOpen = false;
  #shown: Frame | undefined;

  constructor(private readonly io: Pick<Io, "stdout" | "columns" | "inWords">) {}

  get size(): { columns: number; rows: number } {
    return { columns: columnsNow(this.io), rows: rowsNow(this.io) };
  }

  /** Shows finished lines made for `size`, and writes only those that differ. */
  async show(lines: readonly string[], size: { columns: number; rows: number }): Promise<void> {
    const frame = { ...size, lines };
    const opening = this.#shown === undefined ? enter : "";
    const painted = paint(this.#shown, frame);
    this.#isOpen = true;
    this.#shown = frame;
    sinkOf(this.io.stdout).restoreSequence = leave;
    await sinkOf(this.io.stdout).write(opening + painted);
  }

  /** Makes the next frame be written whole, because another program may have drawn on the terminal. */
  forget(): void {
    this.#shown = undefined;
  }

  /** Switches back to the normal screen; the next `show` opens the alternate screen again. */
  async leave(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#shown = undefined;
    sinkOf(this.io.stdout).restoreSequence = "";
    await sinkOf(this.io.stdout).write(leave);
  }

  /** Calls back whenever the terminal's size has changed, until the returned function is called. */
  onResize(listener: () => void): () => void {
    const { stdout } = this.io;
    stdout.on("resize", listener);
    return () => void stdout.off("resize", listener);
  }
}

/** Finished lines from the terminal's first row downwards, none wider than `columns`. */
export interface Frame {
  lines: readonly string[];
  columns: number;
  rows: number;
}

const clearAll = "\u001b[2J";
const clearToLineEnd = "\u001b[K";
/** The start and end of a synchronised update; terminals that don't know them ignore them. */
const atOnce = { begin: "\u001b[?2026h", end: "\u001b[?2026l" };

/**
 * The output that turns a screen showing `before` into `after`: the lines that differ, in one synchronised update, or
 * all lines if there is no `before` or the size has changed. Never more rows than the terminal has, so that it doesn't
 * scroll. Leaves the cursor in the last row, so that if the screen isn't restored, the prompt is below it.
 * @internal
 */
export function paint(before: Frame | undefined, after: Frame): string {
  const known = before?.columns === after.columns && before.rows === after.rows ? before : undefined;
  let changes = known === undefined ? clearAll : "";
  for (let row = 0; row < after.rows; row += 1) {
    const line = after.lines[row] ?? "";
    if (line !== (known?.lines[row] ?? "")) changes += lineAt(row, line, after.columns);
  }
  return changes === "" ? "" : `${atOnce.begin}${changes}\u001b[${after.rows}H${atOnce.end}`;
}

/**
 * Clears first if a line reaches the last column: clearing after it would have no effect, and if a terminal draws a
 * character narrower, the old end would remain.
 */
function lineAt(row: number, line: string, columns: number): string {
  const text = styledWidth(line) < columns ? line + clearToLineEnd : clearToLineEnd + line;
  return `\u001b[${row + 1};1H${text}`;
}
