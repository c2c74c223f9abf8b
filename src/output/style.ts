import type { Io } from "../context.js";

/** The colours there are (src/output/README.md, "Colours"). */
export type Colour = "red" | "green" | "blue" | "magenta";

/** What a text may look like. Colour never says anything alone: a mark or a word stands beside it. */
export interface Style extends Record<Colour, (text: string) => string> {
  bold(text: string): string;
  dim(text: string): string;
  /** What went well and what didn't, in their colours: `✓` and `✗`; in words `ok` and `failed`. */
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

/** Of the 256 colours, whose values no theme changes, those with a contrast of 4.5 and more on black and on white. */
const colourNumbers: Readonly<Record<Colour | "dim", number>> = {
  red: 131,
  green: 29,
  blue: 63,
  magenta: 163,
  dim: 243,
};

const unchanged = (text: string): string => text;

/** Where no colour is wanted. */
export const plainStyle: Style = {
  bold: unchanged,
  dim: unchanged,
  red: unchanged,
  green: unchanged,
  blue: unchanged,
  magenta: unchanged,
  ok: "✓",
  failed: "✗",
  isInWords: false,
};

const wordStyle: Style = { ...plainStyle, ok: "ok", failed: "failed", isInWords: true };

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
  const chalk = new Chalk({ level: 2 });
  const painter = (colour: Colour | "dim") => {
    const paint = chalk.ansi256(colourNumbers[colour]);
    // It takes any number of texts, and would take an index of `map` for one.
    return (text: string) => paint(text);
  };
  return {
    bold: (text) => chalk.bold(text),
    dim: painter("dim"),
    red: painter("red"),
    green: painter("green"),
    blue: painter("blue"),
    magenta: painter("magenta"),
    ok: painter("green")("✓"),
    failed: painter("red")("✗"),
    isInWords: false,
  };
}
