import type { Io } from "../context/context.js";

/** Meanings of a text (src/output/README.md, "Colours"). */
export type Tone = "failing" | "waiting" | "running" | "fine" | "plain";

/** Styles of a text. Colour and weight never carry meaning alone: a mark or a word does too. */
export interface Style extends Record<Tone, (text: string) => string> {
  bold(text: string): string;
  /** Marks before words of the same meaning: `✓` and `✗`; in words `ok` and `failed`. */
  readonly ok: string;
  readonly failed: string;
  /** True in accessible mode: no signs, no columns, whole lines (src/output/README.md, "Accessible mode"). */
  readonly isInWords: boolean;
}

/** The separator of facts in a line: ` · `; in words a comma, at which a screen reader pauses. */
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
 * Colours the mark and leaves the following words in the terminal's own colour, because no colour is readable in
 * every theme; a mark on its own has no colour either.
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
  // Each accepts any number of texts, and would treat an index from `map` as one.
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
