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

/** Between two escapes; where the text ends the same within, it begins anew. */
function escaped(on: number, off: number): Paint {
  const [begin, end] = [`\u001b[${on}m`, `\u001b[${off}m`];
  return (text) => (text === "" ? text : begin + text.replaceAll(end, end + begin) + end);
}

const bold = escaped(1, 22);
const reverse = escaped(7, 27);
const [red, green, magenta, cyan] = [31, 32, 35, 36].map((code) => escaped(code, 39)) as [
  Paint,
  Paint,
  Paint,
  Paint,
];
const failedMark: Paint = (mark) => reverse(red(mark));

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

const colourStyle: Style = {
  bold,
  failing: tone({ coloured: failedMark, alone: reverse }, bold),
  waiting: tone({ coloured: magenta, alone: bold }, bold),
  running: tone({ coloured: cyan, alone: unchanged }, unchanged),
  fine: tone({ coloured: green, alone: unchanged }, unchanged),
  plain: unchanged,
  ok: green("✓"),
  failed: failedMark("✗"),
  isInWords: false,
};

/** The style of a stream. */
export function styleOf(
  { colour, inWords }: Pick<Io, "colour" | "inWords">,
  stream: "stdout" | "stderr",
): Style {
  if (inWords?.[stream]) return wordStyle;
  return colour[stream] ? colourStyle : plainStyle;
}
