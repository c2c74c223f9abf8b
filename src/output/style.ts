import type { Io } from "../context.js";

/** What a text tells, and so how it stands out (src/output/README.md, "Colours"). */
export type Tone = "failing" | "waiting" | "running" | "fine" | "plain";

/** What a text may look like. Neither colour nor weight says anything alone: a mark or a word says it too. */
export interface Style extends Record<Tone, (text: string) => string> {
  bold(text: string): string;
  /** What went well and what didn't, before words that say it: `✓` and `✗`; in words `ok` and `failed`. */
  readonly ok: string;
  readonly failed: string;
  /** For whoever hears the screen: no signs, no columns, whole lines (src/output/README.md, "Accessible mode"). */
  readonly isInWords: boolean;
}

/** What stands between facts in one line: ` · `; in words a comma, at which a voice pauses. */
export function between({ isInWords }: Pick<Style, "isInWords">): string {
  return isInWords ? ", " : " · ";
}

/** The same where nothing is printed yet: in what is asked. */
export function gapIn({ io }: { io: Pick<Io, "inWords"> }): string {
  return between({ isInWords: io.inWords !== undefined });
}

const unchanged = (text: string): string => text;

/** Where no colour is wanted. */
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

/** A mark or several, behind which words stand that say the same, or nothing. */
const signs = /^([^\p{L}\p{N}\s]+)(\s.*)?$/su;

/**
 * The mark in its colour and the words behind it in the terminal's own, since no colour can be read in every theme; a mark
 * that stands alone has no colour either.
 */
function tone(mark: { coloured: Paint; alone: Paint }, words: Paint): Paint {
  return (text) => {
    const [, sign, rest] = signs.exec(text) ?? [];
    if (sign === undefined) return words(text);
    return rest === undefined ? mark.alone(sign) : mark.coloured(sign) + words(rest);
  };
}

let colourStyle: Promise<Style> | undefined;

/** The style of a stream; the library is loaded with colour only. */
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
  // Each takes any number of texts, and would take an index of `map` for one.
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
