import { describe, expect, it } from "vitest";
import { type Colour, loadStyle } from "../../src/output/style.js";
import { contrast, rgbOf } from "../support/colour.js";

/** The sixteen colours of common themes, 0 to 15, and what they are written on. */
const themes: Record<string, { sixteen: string; backgrounds: Record<string, string> }> = {
  xterm: {
    sixteen:
      "000000 cd0000 00cd00 cdcd00 0000ee cd00cd 00cdcd e5e5e5 7f7f7f ff0000 00ff00 ffff00 5c5cff ff00ff 00ffff ffffff",
    backgrounds: { black: "000000", white: "ffffff" },
  },
  VGA: {
    sixteen:
      "000000 aa0000 00aa00 aa5500 0000aa aa00aa 00aaaa aaaaaa 555555 ff5555 55ff55 ffff55 5555ff ff55ff 55ffff ffffff",
    backgrounds: { black: "000000" },
  },
  Campbell: {
    sixteen:
      "0c0c0c c50f1f 13a10e c19c00 0037da 881798 3a96dd cccccc 767676 e74856 16c60c f9f1a5 3b78ff b4009e 61d6d6 f2f2f2",
    backgrounds: { own: "0c0c0c" },
  },
  "macOS Terminal": {
    sixteen:
      "000000 990000 00a600 999900 0000b2 b200b2 00a6b2 bfbfbf 666666 e50000 00d900 e5e500 0000ff e500e5 00e5e5 e5e5e5",
    backgrounds: { black: "000000", white: "ffffff" },
  },
  Solarized: {
    sixteen:
      "073642 dc322f 859900 b58900 268bd2 d33682 2aa198 eee8d5 002b36 cb4b16 586e75 657b83 839496 6c71c4 93a1a1 fdf6e3",
    backgrounds: { dark: "002b36", light: "fdf6e3" },
  },
  GNOME: {
    sixteen:
      "171421 c01c28 26a269 a2734c 12488b a347ba 2aa1b3 d0cfcc 5e5c64 f66151 33da7a e9ad0c 2a7bde c061cb 33c7de ffffff",
    backgrounds: { dark: "171421", white: "ffffff" },
  },
  "One Dark": {
    sixteen:
      "282c34 e06c75 98c379 e5c07b 61afef c678dd 56b6c2 abb2bf 5c6370 e06c75 98c379 e5c07b 61afef c678dd 56b6c2 ffffff",
    backgrounds: { own: "282c34" },
  },
};

const style = await loadStyle({ colour: { stdout: true, stderr: true } }, "stdout");
const colours: (Colour | "dim")[] = ["red", "green", "blue", "magenta", "dim"];
const used = colours.map((name): [string, number] => {
  const [, number] = /\x1b\[38;5;(\d+)m/.exec(style[name]("x")) ?? [];
  return [name, Number(number)];
});

describe("the colours that are used", () => {
  it.each(
    used.flatMap(([name, number]) =>
      Object.entries(themes).map(([theme, { sixteen }]) => ({ name, number, theme, sixteen })),
    ),
  )("$name has 4.5:1 and more on black and on white with $theme", ({ number, sixteen }) => {
    const colour = rgbOf(number, sixteen.split(" "));
    expect(contrast(colour, "000000")).toBeGreaterThanOrEqual(4.5);
    expect(contrast(colour, "ffffff")).toBeGreaterThanOrEqual(4.5);
  });

  it("are none of a theme's own sixteen, of which hardly one can be read on both", () => {
    const readable = Object.entries(themes).flatMap(([theme, { sixteen }]) =>
      sixteen
        .split(" ")
        .filter((colour) => contrast(colour, "000000") >= 4.5 && contrast(colour, "ffffff") >= 4.5)
        .map((colour) => `${theme} ${colour}`),
    );
    expect(readable).toMatchInlineSnapshot(`
      [
        "Campbell 767676",
        "Solarized dc322f",
        "Solarized d33682",
        "Solarized cb4b16",
      ]
    `);
    expect(used.filter(([, number]) => number < 16)).toEqual([]);
  });

  it("have 3:1 and more on the grounds of themes that are neither black nor white", () => {
    const rows = Object.entries(themes).flatMap(([theme, { sixteen, backgrounds }]) =>
      Object.entries(backgrounds).map(([ground, background]) => {
        const ratios = used.map(([name, number]): [string, number] => [
          name,
          contrast(rgbOf(number, sixteen.split(" ")), background),
        ]);
        for (const [, ratio] of ratios) expect(ratio).toBeGreaterThanOrEqual(3);
        return `${theme} ${ground} #${background}: ${ratios.map(([name, ratio]) => `${name} ${ratio.toFixed(2)}`).join(", ")}`;
      }),
    );
    expect(rows).toMatchInlineSnapshot(`
      [
        "xterm black #000000: red 4.62, green 4.63, blue 4.57, magenta 4.51, dim 4.62",
        "xterm white #ffffff: red 4.54, green 4.53, blue 4.60, magenta 4.66, dim 4.54",
        "VGA black #000000: red 4.62, green 4.63, blue 4.57, magenta 4.51, dim 4.62",
        "Campbell own #0c0c0c: red 4.31, green 4.31, blue 4.25, magenta 4.20, dim 4.31",
        "macOS Terminal black #000000: red 4.62, green 4.63, blue 4.57, magenta 4.51, dim 4.62",
        "macOS Terminal white #ffffff: red 4.54, green 4.53, blue 4.60, magenta 4.66, dim 4.54",
        "Solarized dark #002b36: red 3.31, green 3.31, blue 3.27, magenta 3.22, dim 3.31",
        "Solarized light #fdf6e3: red 4.21, green 4.20, blue 4.26, magenta 4.32, dim 4.21",
        "GNOME dark #171421: red 3.99, green 4.00, blue 3.94, magenta 3.89, dim 3.99",
        "GNOME white #ffffff: red 4.54, green 4.53, blue 4.60, magenta 4.66, dim 4.54",
        "One Dark own #282c34: red 3.08, green 3.09, blue 3.04, magenta 3.01, dim 3.08",
      ]
    `);
  });

  it("are all that a style writes, and bold", () => {
    const paints = Object.values(style).flatMap((part) =>
      typeof part === "function" ? part("x") : String(part),
    );
    const written = paints.join("");
    const codes = [...written.matchAll(/\x1b\[([0-9;]*)m/g)].map(([, code]) => code);
    const known = [...used.map(([, number]) => `38;5;${number}`), "39", "1", "22"];
    expect(codes.filter((code) => code === undefined || !known.includes(code))).toEqual([]);
    expect(codes.length).toBe(16);
  });
});
