import { describe, expect, it } from "vitest";
import { loadStyle, type Tone } from "../../src/output/style.js";
import { contrast } from "../support/colour.js";

/** A terminal's background, its text colour, and four of its eight colours: red, green, magenta, cyan. */
const themes: Readonly<Record<string, [ground: string, text: string, colours: string]>> = {
  "VS Code dark": ["1e1e1e", "cccccc", "cd3131 0dbc79 bc3fbc 11a8cd"],
  "VS Code light": ["ffffff", "333333", "cd3131 107c10 bc05bc 0598bc"],
  Dracula: ["282a36", "f8f8f2", "ff5555 50fa7b ff79c6 8be9fd"],
  Nord: ["2e3440", "d8dee9", "bf616a a3be8c b48ead 88c0d0"],
  "One Dark": ["282c34", "abb2bf", "e06c75 98c379 c678dd 56b6c2"],
  Gruvbox: ["282828", "ebdbb2", "cc241d 98971a b16286 689d6a"],
  "Solarized dark": ["002b36", "839496", "dc322f 859900 d33682 2aa198"],
  "Solarized light": ["fdf6e3", "657b83", "dc322f 859900 d33682 2aa198"],
  "GitHub dark": ["0d1117", "e6edf3", "ff7b72 3fb950 bc8cff 39c5cf"],
  "plain, on black": ["000000", "e5e5e5", "cd0000 00cd00 cd00cd 00cdcd"],
  "plain, on white": ["ffffff", "000000", "cd0000 00cd00 cd00cd 00cdcd"],
};
const names = ["red", "green", "magenta", "cyan"];
const codes = [31, 32, 35, 36];

const style = await loadStyle({ colour: { stdout: true, stderr: true } }, "stdout");
const tones: readonly Tone[] = ["failing", "waiting", "running", "fine", "plain"];

/** The part of a text that is in a colour. */
function coloured(text: string): string {
  return [...text.matchAll(/\x1b\[3[0-8][;\d]*m(.*?)\x1b\[39m/g)].map(([, part]) => part).join("");
}

describe("the colours of the output", () => {
  it("are four of a terminal's own eight colours, plus bold and reverse", () => {
    const written = [...tones.map((tone) => style[tone]("✗ a")), style.bold("a"), style.ok, style.failed];
    const used = [...written.join("").matchAll(/\x1b\[([0-9;]*)m/g)].map(([, code]) => Number(code));
    const known = [...codes, 39, 1, 22, 7, 27];
    expect(used.filter((code) => !known.includes(code))).toEqual([]);
    expect(codes.filter((code) => !used.includes(code))).toEqual([]);
  });

  it.each(tones)("appear only on marks followed by equivalent words: %s", (tone) => {
    expect(["✗", ""]).toContain(coloured(style[tone]("✗ failing · held by INC-4")));
    for (const text of ["✗", "○✗", "failing", "3 min ago", "“ok”", "[-Slack-]"])
      expect(coloured(style[tone](text))).toBe("");
  });

  it("make failing most prominent, then waiting, and show paused like other text", () => {
    expect(style.failing("✗ failing")).toBe("\x1b[7m\x1b[31m✗\x1b[39m\x1b[27m\x1b[1m failing\x1b[22m");
    expect(style.failing("✗")).toBe("\x1b[7m✗\x1b[27m");
    expect(style.waiting("? waiting")).toBe("\x1b[35m?\x1b[39m\x1b[1m waiting\x1b[22m");
    expect(style.waiting("?")).toBe("\x1b[1m?\x1b[22m");
    expect(style.plain("○ paused")).toBe("○ paused");
  });

  /** Why words have no colours: none of the eight has 4.5:1 in every theme whose own text has it. */
  it("appear beside the theme's own text", () => {
    const rows = Object.entries(themes).map(([theme, [ground, text, colours]]) => {
      const ratios = colours
        .split(" ")
        .map((each, at) => `${names[at]} ${contrast(each, ground).toFixed(1)}`);
      return `${theme}: text ${contrast(text, ground).toFixed(1)}, ${ratios.join(", ")}`;
    });
    expect(rows).toMatchInlineSnapshot(`
      [
        "VS Code dark: text 10.4, red 3.2, green 6.7, magenta 3.6, cyan 6.0",
        "VS Code light: text 12.6, red 5.1, green 5.4, magenta 5.4, cyan 3.4",
        "Dracula: text 13.4, red 4.5, green 10.4, magenta 6.0, cyan 10.3",
        "Nord: text 9.2, red 3.1, green 6.1, magenta 4.4, cyan 6.2",
        "One Dark: text 6.6, red 4.4, green 6.9, magenta 4.8, cyan 5.9",
        "Gruvbox: text 10.7, red 2.7, green 4.8, magenta 3.5, cyan 4.6",
        "Solarized dark: text 4.7, red 3.2, green 4.7, magenta 3.3, cyan 4.8",
        "Solarized light: text 4.1, red 4.3, green 3.0, magenta 4.2, cyan 2.9",
        "GitHub dark: text 16.0, red 7.5, green 7.4, magenta 7.5, cyan 9.1",
        "plain, on black: text 16.7, red 3.6, green 9.7, magenta 4.5, cyan 10.6",
        "plain, on white: text 21.0, red 5.8, green 2.2, magenta 4.7, cyan 2.0",
      ]
    `);
  });
});
