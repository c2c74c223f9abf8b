import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { safe } from "../../src/output/safe.js";
import { cut, cutApart, displayWidth, pad, wrap } from "../../src/output/width.js";
import { show } from "../support/terminal.js";
import { terminalTexts } from "../support/terminal-texts.js";

const isEmoji = /family|flag|skin|keycap|kiss/;
const scripts = terminalTexts.legitimate.filter(({ name }) => !isEmoji.test(name));
const safeText = fc
  .oneof(
    fc.string({ unit: "grapheme", maxLength: 40 }),
    fc.string({ maxLength: 60 }),
    fc.constantFrom(...terminalTexts.attacks, ...terminalTexts.legitimate).map(({ text }) => text),
  )
  .map((text) => safe(text, "block"));

describe("displayWidth", () => {
  it.each([
    ["", 0],
    ["auto_1", 6],
    ["✓ completed · 3 h ago…", 22],
    ["毎週月曜日", 10],
    ["e\u0301", 1],
    ["👨‍👩‍👧‍👦", 2],
    ["🏴‍☠️🇩🇪❤️1️⃣👍🏿", 10],
    ["\u1112\u1161\u11ab", 2],
  ])("returns the width of %j as %i", (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });

  it.each(scripts)("agrees with a terminal: $name", async ({ text }) => {
    const screen = await show(text);
    expect(displayWidth(text)).toBe(screen.cursor.x);
  });

  it("adds up across separate parts of a long text", () => {
    const part = fc.constantFrom("a", "👨‍👩‍👧‍👦", "🇩🇪", "e\u0301", "毎", "नि", "\u{1d400}\u0301", "❤️");
    fc.assert(
      fc.property(fc.array(part, { maxLength: 400, size: "max" }), (parts) => {
        const width = parts.reduce((sum, each) => sum + displayWidth(each), 0);
        expect(displayWidth(parts.join(""))).toBe(width);
      }),
      { numRuns: 50 },
    );
  });

  it("is never 1 for a wide or combining character", () => {
    const narrow = Array.from({ length: 0x3000 - 0x20 }, (_, index) => String.fromCharCode(index + 0x20));
    const odd = narrow.filter(
      (character) => displayWidth(character) === 1 && /\p{Mn}|\p{Me}|\p{Emoji_Presentation}/u.test(character),
    );
    expect(odd).toEqual([]);
  });
});

describe("cut", () => {
  it.each([
    ["Weekly report", 13, "Weekly report"],
    ["Weekly report", 12, "Weekly repo…"],
    ["Weekly report", 1, "…"],
    ["Weekly report", 0, ""],
    ["毎週月曜日", 5, "毎週…"],
    ["毎週月曜日", 4, "毎…"],
    ["e\u0301e\u0301e\u0301", 2, "e\u0301…"],
    ["👨‍👩‍👧‍👦👨‍👩‍👧‍👦", 3, "👨‍👩‍👧‍👦…"],
    ["\u0634\u200c\u0647\u0627", 2, "\u0634…"],
  ])("shortens %j at %i to %j", (text, width, shown) => {
    expect(cut(text, width)).toBe(shown);
  });

  it("returns a prefix within the given width", () => {
    fc.assert(
      fc.property(safeText, fc.nat({ max: 30 }), (text, width) => {
        const shown = cut(text, width);
        expect(displayWidth(shown)).toBeLessThanOrEqual(width);
        expect(shown === text || text.startsWith(shown.replace(/…$/, ""))).toBe(true);
      }),
    );
  });
});

describe("pad", () => {
  it.each([
    ["ab", 4, "ab  "],
    ["毎週", 6, "毎週  "],
    ["abcdef", 4, "abcdef"],
  ])("pads %j to %i columns as %j", (text, width, padded) => {
    expect(pad(text, width)).toBe(padded);
  });
});

describe("wrap", () => {
  it.each([
    ["one two three", 8, ["one two", "three"]],
    ["one two three", 80, ["one two three"]],
    ["", 10, [""]],
    ["a\n\nb", 10, ["a", "", "b"]],
    ["  - indented text goes on", 14, ["  - indented", "text goes on"]],
    ["abcdefghij", 4, ["abcd", "efgh", "ij"]],
    ["ab cdefghij", 4, ["ab c", "defg", "hij"]],
    ["毎週月曜日の朝", 5, ["毎週", "月曜", "日の", "朝"]],
    ["a\tb", 20, ["a       b"]],
    ["one      two", 5, ["one", "two"]],
    ["毎", 1, ["毎"]],
  ])("breaks %j at %i into %j", (text, width, lines) => {
    expect(wrap(text, width)).toEqual(lines);
  });

  it("keeps every word and fits every line", () => {
    fc.assert(
      fc.property(safeText, fc.integer({ min: 2, max: 40 }), (text, width) => {
        // A single character that is wider than the line can't be wrapped.
        const characters = [...new Intl.Segmenter().segment(text)].map(({ segment }) =>
          displayWidth(segment),
        );
        fc.pre(Math.max(0, ...characters) <= width);
        const lines = wrap(text, width);
        for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
        expect(lines.join("").replace(/[ \t\n]/g, "")).toBe(text.replace(/[ \t\n]/g, ""));
      }),
    );
  });
});

describe("names in one column", () => {
  it("are cut in the middle if they start alike", () => {
    const alike = ["Blumengalerei EU", "Blumengalerei US"];
    expect(alike.map(cutApart(alike, 13))).toEqual(["Blumen…rei EU", "Blumen…rei US"]);
    const others = ["Blumengalerei EU", "Nordlys Bank and others", "Acme"];
    expect(others.map(cutApart(others, 13))).toEqual(["Blumengalere…", "Nordlys Bank…", "Acme"]);
  });

  it("never exceed the width", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: "grapheme" })),
        fc.integer({ min: 0, max: 30 }),
        (texts, width) => {
          for (const text of texts.map(cutApart(texts, width))) {
            expect(displayWidth(text)).toBeLessThanOrEqual(width);
          }
        },
      ),
    );
  });
});
