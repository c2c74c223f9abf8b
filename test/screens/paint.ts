import { contrast, mixed, rgbOf } from "../support/colour.js";
import type { CellColour, Look } from "./cells.js";

/** A terminal's light or dark colours, all as `rrggbb`. */
export interface Theme {
  ink: string;
  ground: string;
  /** The window's edge. */
  edge: string;
  /** Colours 0 to 15, which a theme defines; the others are the same in all themes. */
  sixteen: readonly string[];
}

/** GitHub's own colours, because the pictures are on its pages. */
export const themes: Readonly<Record<"light" | "dark", Theme>> = {
  light: {
    ink: "1f2328",
    ground: "ffffff",
    edge: "d1d9e0",
    sixteen:
      "24292f cf222e 116329 4d2d00 0969da 8250df 1b7c83 6e7781 57606a a40e26 1a7f37 633c01 218bff a475f9 3192aa 8c959f".split(
        " ",
      ),
  },
  dark: {
    ink: "e6edf3",
    ground: "0d1117",
    edge: "3d444d",
    sixteen:
      "484f58 ff7b72 3fb950 d29922 58a6ff bc8cff 39c5cf b1bac4 6e7681 ffa198 56d364 e3b341 79c0ff d2a8ff 56d4dd ffffff".split(
        " ",
      ),
  },
};

/** The minimum contrast between a text and its background: WCAG's AA. */
export const leastContrast = 4.5;

export interface Paint {
  ink: string;
  /** Undefined: the window's own background. */
  ground: string | undefined;
}

/**
 * The colours of a look in a theme. Like a terminal with a minimum contrast, it makes text readable on its background.
 */
export function paintOf(look: Look, theme: Theme): Paint {
  const asked = {
    ink: rgbFor(look.foreground, theme) ?? theme.ink,
    ground: rgbFor(look.background, theme),
  };
  const { ink, ground } = look.isInverse ? { ink: asked.ground ?? theme.ground, ground: asked.ink } : asked;
  const under = ground ?? theme.ground;
  return { ink: readable(look.isDim ? mixed(ink, under, 0.5) : ink, under), ground };
}

function rgbFor(colour: CellColour, { sixteen }: Theme): string | undefined {
  return typeof colour === "number" ? rgbOf(colour, sixteen) : colour;
}

/** The text colour, or the nearest colour towards black or white that has the minimum contrast. */
function readable(ink: string, ground: string): string {
  const pole = contrast("ffffff", ground) > contrast("000000", ground) ? "ffffff" : "000000";
  let share = 0;
  while (share < 1 && contrast(mixed(ink, pole, share), ground) < leastContrast) share += 1 / 64;
  return mixed(ink, pole, share);
}
