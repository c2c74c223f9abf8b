import xterm from "@xterm/headless";
import { displayWidth } from "../../src/output/width.js";

/** A colour as a program sets it: one of the 256, or `rrggbb`; undefined: the terminal's own. */
export type CellColour = number | string | undefined;

/** The style of a cell. */
export interface Look {
  foreground?: CellColour;
  background?: CellColour;
  isBold?: boolean;
  isDim?: boolean;
  isItalic?: boolean;
  isUnderlined?: boolean;
  isStruck?: boolean;
  isInverse?: boolean;
}

/** The content of one cell on a screen; a wide character fills two. */
export interface Cell {
  text: string;
  width: 1 | 2;
  look: Look;
}

export type Row = readonly Cell[];

export interface RecordingSize {
  columns: number;
  /** The rows of a screen that is shown whole, such as a full-screen command's; absent: everything that was written. */
  rows?: number;
}

/** For a recording that isn't a whole screen: more rows than a command redraws at once. */
const usualRows = 60;

/** The final screen of a terminal emulator of this size, after a command's output. */
export async function cellsOf(recording: string, { columns, rows }: RecordingSize): Promise<Row[]> {
  const size = { cols: columns, rows: rows ?? usualRows };
  const terminal = new xterm.Terminal({ ...size, scrollback: 1000, allowProposedApi: true, logLevel: "off" });
  terminal.unicode.register(currentUnicode);
  terminal.unicode.activeVersion = currentUnicode.version;
  try {
    await new Promise<void>((resolve) => terminal.write(recording, resolve));
    const { active } = terminal.buffer;
    const first = rows === undefined ? 0 : active.baseY;
    const shown = Array.from({ length: active.length - first }, (_, at) =>
      rowOf(active.getLine(first + at), columns),
    );
    while (rows === undefined && shown.at(-1)?.every(({ text }) => text === " ")) shown.pop();
    return shown;
  } finally {
    terminal.dispose();
  }
}

/** The widths of characters; the emulator's own table is older than emoji. */
const currentUnicode: xterm.IUnicodeVersionProvider = {
  version: "current",
  wcwidth: widthOf,
  // A character without a width joins the one before, which keeps its width: the width starts at bit 1, and bit 0 means
  // joined.
  charProperties: (codepoint, preceding) => {
    const width = widthOf(codepoint);
    const before = (preceding >> 1) & 3;
    return width === 0 && before > 0 ? (before << 1) | 1 : width << 1;
  },
};

function widthOf(codepoint: number): 0 | 1 | 2 {
  const width = displayWidth(String.fromCodePoint(codepoint));
  return width === 0 || width === 2 ? width : 1;
}

function rowOf(line: xterm.IBufferLine | undefined, columns: number): Row {
  return Array.from({ length: columns }, (_, at) => line?.getCell(at)).flatMap((cell): Cell[] => {
    // The second half of a wide character.
    if (cell === undefined || cell.getWidth() === 0) return [];
    const text = cell.isInvisible() ? "" : cell.getChars();
    return [{ text: text || " ", width: cell.getWidth() === 2 ? 2 : 1, look: lookOf(cell) }];
  });
}

function lookOf(cell: xterm.IBufferCell): Look {
  return {
    foreground: colourOf(cell.getFgColor(), { isDefault: cell.isFgDefault(), isRgb: cell.isFgRGB() }),
    background: colourOf(cell.getBgColor(), { isDefault: cell.isBgDefault(), isRgb: cell.isBgRGB() }),
    isBold: cell.isBold() !== 0,
    isDim: cell.isDim() !== 0,
    isItalic: cell.isItalic() !== 0,
    isUnderlined: cell.isUnderline() !== 0,
    isStruck: cell.isStrikethrough() !== 0,
    isInverse: cell.isInverse() !== 0,
  };
}

function colourOf(number: number, { isDefault, isRgb }: { isDefault: boolean; isRgb: boolean }): CellColour {
  if (isDefault) return undefined;
  return isRgb ? number.toString(16).padStart(6, "0") : number;
}
