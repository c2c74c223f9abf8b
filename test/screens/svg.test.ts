import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contrast } from "../support/colour.js";
import { terminalTexts } from "../support/terminal-texts.js";
import { type CellColour, cellsOf, type Look, type Row } from "./cells.js";
import { leastContrast, paintOf, themes } from "./paint.js";
import { filmOf, readPicture, svgOf } from "./svg.js";

const title = "A screen";
const columns = 20;
const draw = async (recording: string, rows?: number) =>
  svgOf(await cellsOf(recording, { columns, rows }), { title, columns });
/** The elements with its text. */
const drawn = (svg: string) => svg.split("\n").filter((line) => /^<(text|rect class="c)/.test(line));

describe("the appearance of a recording", () => {
  it.each([
    [
      "colours, in columns",
      "a \x1b[31mred\x1b[39m b  c",
      [span("a ", 0, 2), span("red", 2, 3, "c0"), span(" b  ", 5, 4), span("c", 9, 1)],
    ],
    ["a mark, in its cell", "✓ ok", [span("✓", 0, 1), span(" ok", 1, 3)]],
    ["wide characters, in two cells each", "動画 x", [span("動", 0, 2), span("画", 2, 2), span(" x", 4, 2)]],
    ["a letter made of two characters", "e\u0301x", [span("e\u0301", 0, 1), span("x", 1, 1)]],
    ["no blanks at the end of a line", "a   \x1b[31m  ", [span("a", 0, 1)]],
    ["no hidden text", "a\x1b[8mb\x1b[28mc", [span("a c", 0, 3)]],
    ["redrawn text only", "wait\r\x1b[2Kdone", [span("done", 0, 4)]],
  ])("contains %s", async (_, recording, spans) => {
    expect(drawn(await draw(recording))).toEqual([`<text y="15">${spans.join("")}</text>`]);
  });

  it("has a background only on request", async () => {
    const svg = await draw("a \x1b[7mb\x1b[27m");
    expect(drawn(svg)).toEqual([
      '<rect class="c0-ground" x="16.8" y="0" width="8.4" height="20"/>',
      `<text y="15">${span("a ", 0, 2)}${span("b", 2, 1, "c0")}</text>`,
    ]);
    expect(svg).toContain(".c0{fill:#ffffff}\n.c0-ground{fill:#1f2328}");
    expect(svg).toContain(".c0{fill:#0d1117}\n.c0-ground{fill:#e6edf3}");
  });

  it("shares a class between identical looks, and keeps each decoration", async () => {
    const svg = await draw("\x1b[1;3;4;9ma\x1b[0mb\x1b[38;5;29mc\x1b[38;2;0;135;95md");
    expect(svg).toContain(
      ".c0{fill:#1f2328;font-weight:600;font-style:italic;text-decoration:underline line-through}",
    );
    expect(svg.match(/^\.c\d/gm)).toEqual([".c0", ".c1", ".c0", ".c1"]);
  });

  it("is as high as its text, or as a given screen", async () => {
    expect(await draw("a\r\n\r\nb\r\n\r\n")).toContain('width="200" height="106" viewBox="0 0 200 106"');
    const whole = await draw("before\r\n\x1b[?1049h\x1b[H\x1b[2Ktop\x1b[3;1Hbottom", 24);
    expect(whole).toContain('height="526"');
    expect(readPicture(whole).text).toBe("top\n\nbottom");
    expect(readPicture(await draw("1\r\n2\r\n3\r\n4", 2)).text).toBe("3\n4");
  });
});

describe("a film", () => {
  const film = async () => {
    const screens = [
      ["one", 1],
      ["two\r\nlines", 2],
      ["three", 5],
    ] as const;
    const frames = screens.map(async ([text, seconds]) => ({
      rows: await cellsOf(text, { columns }),
      seconds,
    }));
    return filmOf(await Promise.all(frames), { title, columns });
  };

  it("shows each screen for its time, in a window as high as the tallest", async () => {
    const svg = await film();
    expect(svg).toContain('viewBox="0 0 200 86"');
    expect(svg).toContain('<svg aria-hidden="true" width="168" height="40"><g class="strip">');
    expect(svg.match(/<text y="\d+"/g)).toEqual([15, 55, 75, 95].map((y) => `<text y="${y}"`));
    expect(svg).toContain(
      "@keyframes film{0%{transform:translateY(0px)}12.5%{transform:translateY(-40px)}37.5%{transform:translateY(-80px)}}",
    );
    expect(elementsOf(svg).filter((element) => !ours.includes(element))).toEqual([]);
  });

  it("shows its last screen without motion, and describes all screens", async () => {
    const svg = await film();
    expect(svg).toMatch(
      /^\.strip\{transform:translateY\(-80px\)\}\n@media\(prefers-reduced-motion:no-preference\)\{\.strip\{animation:film 8s step-end infinite\}\}$/m,
    );
    expect(readPicture(svg)).toEqual({ title, text: "one\n\ntwo\nlines\n\nthree" });
  });
});

describe("hostile text in a picture", () => {
  const hostile = [
    ..."<>&\"']",
    "]]>",
    "<!--",
    "</text></svg><script>alert(1)</script>",
    "&lt;",
    "&amp;lt;",
    "\0",
    "\x1b",
    "\x07",
    "\x9b",
    "\ud800",
    "\ufffe",
    "\uffff",
    "\u202e",
    "\u2066",
    "\n",
    "\t",
    "</style>",
    "<desc>",
  ];
  const cell = fc.record({
    text: fc.oneof(
      fc.constantFrom(...hostile),
      fc.string({ unit: "binary", maxLength: 4 }),
      fc.string({ maxLength: 4 }),
    ),
    width: fc.constantFrom<1 | 2>(1, 2),
    look: fc.constantFrom<Look>(
      {},
      { foreground: 1 },
      { background: 200, isBold: true },
      { isInverse: true },
    ),
  });

  it("stays text, adds no elements, and equals the cells", () => {
    const rows = fc.array(fc.array(cell, { maxLength: 8 }), { maxLength: 4 });
    fc.assert(
      fc.property(rows, fc.string({ unit: "binary" }), (row, name) => {
        const svg = svgOf(row, { title: name, columns });
        for (const element of elementsOf(svg)) expect(ours).toContain(element);
        expect(svg).not.toMatch(/(?![\n\u200d])[\p{Cc}\p{Cf}\p{Cs}\ufffe\uffff]/u);
        expect(readPicture(svg)).toEqual({ title: visible(name), text: textOf(row) });
      }),
    );
  });

  it("stays text in every attack on a terminal", async () => {
    for (const { name, text } of terminalTexts.attacks) {
      const odd = elementsOf(await draw(text)).filter((element) => !ours.includes(element));
      expect(odd, name).toEqual([]);
    }
  });

  it.each(["<b></c>", "<b", "a & b", "<b/>]]>", "<b c='d'/>", "<b>"])(
    "is detected if it isn't well-formed: %s",
    (text) => {
      expect(() => elementsOf(text)).toThrow();
    },
  );
});

describe("the colours of a picture", () => {
  const colour: fc.Arbitrary<CellColour> = fc.oneof(
    fc.constant(undefined),
    fc.nat(255),
    fc.nat(0xffffff).map((number) => number.toString(16).padStart(6, "0")),
  );
  const flag = fc.boolean();
  const look = fc.record({ foreground: colour, background: colour, isDim: flag, isInverse: flag });

  it.each(Object.entries(themes))(
    "are readable on their background, even if other colours were requested: %s",
    (_, theme) => {
      fc.assert(
        fc.property(look, (asked) => {
          const { ink, ground = theme.ground } = paintOf(asked, theme);
          expect(contrast(ink, ground)).toBeGreaterThanOrEqual(leastContrast);
        }),
        { numRuns: 2000 },
      );
    },
  );

  it("are the requested colours if those are readable", () => {
    expect(paintOf({ foreground: 29 }, themes.light)).toEqual({ ink: "00875f", ground: undefined });
    expect(paintOf({ foreground: 196, background: 16 }, themes.dark)).toEqual({
      ink: "ff0000",
      ground: "000000",
    });
    expect(paintOf({ foreground: "ffffff" }, themes.dark).ink).toBe("ffffff");
    expect(paintOf({ foreground: 2 }, themes.dark).ink).toBe(themes.dark.sixteen[2]);
  });
});

const ours = ["svg", "title", "desc", "style", "rect", "g", "circle", "text", "tspan"];

function span(text: string, column: number, width: number, name?: string): string {
  const [x, length] = [column, width].map((columns) => String(Number((columns * 8.4).toFixed(1))));
  const look = name === undefined ? "" : ` class="${name}"`;
  return `<tspan${look} x="${x}" textLength="${length}" lengthAdjust="spacingAndGlyphs">${text}</tspan>`;
}

const visible = (text: string) =>
  text.replaceAll(/(?!\u200d)[\p{Cc}\p{Cf}\p{Cs}\p{Co}\ufffe\uffff]/gu, "\ufffd");

const textOf = (rows: readonly Row[]) =>
  rows
    .map((row) => visible(row.map(({ text }) => text).join("")).trimEnd())
    .join("\n")
    .trimEnd();

/** The names of the elements in a document; throws if it isn't well-formed XML. */
function elementsOf(xml: string): string[] {
  const token = /<(\w+)(?: [\w:-]+="[^"<&]*")*(\/?)>|<\/(\w+)>|(?:[^<>&]|&(?:amp|lt|gt|quot);)+|([\s\S])/g;
  const open: string[] = [];
  const names: string[] = [];
  for (const [found, begun, isWhole, ended, odd] of xml.matchAll(token)) {
    if (odd !== undefined) throw new Error(`not well-formed: ${JSON.stringify(found)}`);
    if (begun !== undefined) names.push(begun);
    if (begun !== undefined && isWhole === "") open.push(begun);
    if (ended !== undefined && open.pop() !== ended) throw new Error(`ends what isn't open: ${ended}`);
  }
  if (open.length > 0) throw new Error(`never ended: ${open}`);
  return names;
}
