/** What a text may look like. The colours are those of the terminal's own sixteen that are readable on dark and on light. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
  magenta(text: string): string;
}

const unchanged = (text: string): string => text;

/** Where no colour is wanted. */
export const plainStyle: Style = {
  bold: unchanged,
  dim: unchanged,
  red: unchanged,
  green: unchanged,
  yellow: unchanged,
  cyan: unchanged,
  magenta: unchanged,
};

let colourStyle: Promise<Style> | undefined;

/** The style for a stream; the library is loaded with colour only. `colour` comes from Io, which decided it once. */
export function loadStyle(colour: boolean): Promise<Style> {
  if (!colour) return Promise.resolve(plainStyle);
  colourStyle ??= loadColours();
  return colourStyle;
}

async function loadColours(): Promise<Style> {
  const { Chalk } = await import("chalk");
  const chalk = new Chalk({ level: 1 });
  return {
    bold: (text) => chalk.bold(text),
    dim: (text) => chalk.dim(text),
    red: (text) => chalk.red(text),
    green: (text) => chalk.green(text),
    yellow: (text) => chalk.yellow(text),
    cyan: (text) => chalk.cyan(text),
    magenta: (text) => chalk.magenta(text),
  };
}
