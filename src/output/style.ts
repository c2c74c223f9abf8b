import type { Io } from "../context/context.js";

/** The meanings that a text can have (src/output/README.md, "Colours"). */
export type Tone = "failing" | "waiting" | "running" | "fine" | "plain";

/** The styles for text. Neither colour nor weight carries meaning alone: a mark or a word always does too. */
export interface Style extends Record<Tone, (text: string) => string> {
  bold(text: string): string;
  /** Marks before words with the same meaning: `✓` and `✗`; in words, `ok` and `failed`. */
  readonly ok: string;
  readonly failed: string;
  /** True in accessible mode: no symbols, no columns, whole lines (src/output/README.md, "Accessible mode"). */
  readonly isInWords: boolean;
}

/** The separator between facts on a line: ` · `, or in words a comma, at which a screen reader pauses. */
export function factSeparator({ isInWords }: Pick<Style, "isInWords">): string {
  return isInWords ? ", " : " · ";
}

export function factSeparatorFor({ io }: { io: Pick<Io, "inWords"> }): string {
  return factSeparator({ isInWords: io.inWords !== undefined });
}

const unchanged = (text: string): string => text;

export const plainStyle: Style = {
  bold: unchanged,
  failing: unchanged,
  waiting: unchanged,
  running: unchanged,
  fine: unchanged,
  plain: unchanged,
  ok: "✓",
  failed: "✗",
  isInWords: false,
};

const wordStyle: Style = { ...plainStyle, ok: "ok", failed: "failed", isInWords: true };

type Paint = (text: string) => string;

/** One or several marks, and the words after them. */
const signs = /^([^\p{L}\p{N}\s]+)(\s.*)?$/su;

/**
 * Colours the mark, and leaves the words after it in the terminal's own colour, because no colour is readable in every
 * theme. A mark without words isn't coloured either.
 */
function tone(mark: { coloured: Paint; alone: Paint }, words: Paint): Paint {
  return (text) => {
    const [, sign, rest] = signs.exec(text) ?? [];
    if (sign === undefined) return words(text);
    return rest === undefined ? mark.alone(sign) : mark.coloured(sign) + words(rest);
  };
}

let colourStyle: Promise<Style> | undefined;

export function loadStyle(
  { colour, inWords }: Pick<Io, "colour" | "inWords">,
  stream: "stdout" | "stderr",
): Promise<Style> {
  if (inWords?.[stream]) return Promise.resolve(wordStyle);
  if (!colour[stream]) return Promise.resolve(plainStyle);
  colourStyle ??= loadColours();
  return colourStyle;
}

async function loadColours(): Promise<Style> {
  const { Chalk } = await import("chalk");
  const chalk = new Chalk({ level: 1 });
  // Chalk accepts any number of texts, and would treat the index from `map` as one of them.
  const bold: Paint = (text) => chalk.bold(text);
  const reverse: Paint = (text) => chalk.inverse(text);
  const failedMark: Paint = (mark) => chalk.inverse.red(mark);
  return {
    bold,
    failing: tone({ coloured: failedMark, alone: reverse }, bold),
    waiting: tone({ coloured: (mark) => chalk.magenta(mark), alone: bold }, bold),
    running: tone({ coloured: (mark) => chalk.cyan(mark), alone: unchanged }, unchanged),
    fine: tone({ coloured: (mark) => chalk.green(mark), alone: unchanged }, unchanged),
    plain: unchanged,
    ok: chalk.green("✓"),
    failed: failedMark("✗"),
    isInWords: false,
  };
}
