import type { Io } from "../../context/context.js";
import { sinkOf } from "../sink.js";
import { styledWidth } from "../width.js";
import { columnsNow, rowsNow } from "./watch-screen.js";

/**
 * Takes the other screen, without cursor and with pasted text in brackets, and never folds lines: where a terminal finds
 * a character wider than we do, a line loses its end, and no row moves.
 */
const enter = "\u001b[?1049h\u001b[?25l\u001b[?2004h\u001b[?7l";
const leave = "\u001b[?2026l\u001b[0m\u001b[?7h\u001b[?2004l\u001b[?25h\u001b[?1049l";

/** A terminal's other screen, drawn on frame by frame. Leave it in a `finally`; a crash gives it back by itself. */
export class FullScreen {
  #isOpen = false;
  #shown: Frame | undefined;

  constructor(private readonly io: Pick<Io, "stdout" | "columns" | "inWords">) {}

  get size(): { columns: number; rows: number } {
    return { columns: columnsNow(this.io), rows: rowsNow(this.io) };
  }

  /** Shows ready lines that were made for `size`; only those that differ are written. */
  async show(lines: readonly string[], size: { columns: number; rows: number }): Promise<void> {
    const frame = { ...size, lines };
    const opening = this.#shown === undefined ? enter : "";
    const painted = paint(this.#shown, frame);
    this.#isOpen = true;
    this.#shown = frame;
    sinkOf(this.io.stdout).restoreSequence = leave;
    await sinkOf(this.io.stdout).write(opening + painted);
  }

  /** Makes the next frame be written whole: another program may have drawn on the terminal. */
  forget(): void {
    this.#shown = undefined;
  }

  /** Gives the person's own screen back; the next `show` takes the other one again. */
  async leave(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#shown = undefined;
    sinkOf(this.io.stdout).restoreSequence = "";
    await sinkOf(this.io.stdout).write(leave);
  }

  /** Calls back when the terminal's size has changed, until what it returns is called. */
  onResize(listener: () => void): () => void {
    const { stdout } = this.io;
    stdout.on("resize", listener);
    return () => void stdout.off("resize", listener);
  }
}

/** Ready lines from a terminal's first row on, none wider than `columns`. */
export interface Frame {
  lines: readonly string[];
  columns: number;
  rows: number;
}

const clearAll = "\u001b[2J";
const clearToLineEnd = "\u001b[K";
/** Marks of a synchronised update; terminals that don't know it ignore them. */
const atOnce = { begin: "\u001b[?2026h", end: "\u001b[?2026l" };

/**
 * The output that turns a screen showing `before` into `after`: the lines that differ, in one synchronised update.
 * Without `before`, and where the size has changed, all of it. Never more rows than the terminal has, so that nothing
 * scrolls. The cursor is left in the last row: where nobody gives the screen back any more, the next prompt stands below
 * what is drawn.
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
 * Clears first where a line ends in the last column: behind it nothing can be cleared, and a terminal that takes a
 * character for narrower would keep what stood at its end.
 */
function lineAt(row: number, line: string, columns: number): string {
  const text = styledWidth(line) < columns ? line + clearToLineEnd : clearToLineEnd + line;
  return `\u001b[${row + 1};1H${text}`;
}
