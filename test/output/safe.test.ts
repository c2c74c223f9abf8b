import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { safe } from "../../src/output/safe.js";
import { show } from "../support/terminal.js";
import { terminalTexts } from "../support/terminal-texts.js";

const live = /[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufff9-\ufffb]|\p{Bidi_Control}|\p{Surrogate}/u;
const hidden = /(?!\u200c|\u200d|[\ufe00-\ufe0f])\p{Default_Ignorable_Code_Point}/u;
const tagFlag = /\u{1f3f4}\u{e0067}\u{e0062}[\u{e0061}-\u{e007a}]{3}\u{e007f}/gu;
const tower = /[\p{Mark}\u200c\u200d]{9}/u;
const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc
    .array(fc.constantFrom(...terminalTexts.attacks, ...terminalTexts.legitimate), { maxLength: 4 })
    .map((texts) => texts.map(({ text }) => text).join("")),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 30 })
    .map((units) => String.fromCharCode(...units)),
);

describe("safe", () => {
  it.each(terminalTexts.attacks)("keeps a terminal from obeying: $name", async ({ text }) => {
    const cell = safe(text, "cell");
    const screen = await show(`before ${cell} after`, { columns: 4000 });
    expect(screen.effects).toEqual([]);
    expect(screen.lines).toHaveLength(1);
    expect(screen.lines[0]?.startsWith("before ")).toBe(true);
    expect(screen.lines[0]?.endsWith(" after")).toBe(true);
    expect(cell).not.toMatch(live);
    expect(cell).not.toMatch(hidden);
    expect(cell).not.toMatch(tower);
    expect(cell).not.toBe(text);
  });

  it.each(terminalTexts.attacks)("allows only line breaks in a block: $name", async ({ text }) => {
    const screen = await show(safe(text, "block"), { columns: 4000 });
    expect(screen.effects).toEqual([]);
    expect(screen.lines).toHaveLength(text.split("\n").length);
  });

  it("is compared with a terminal that does obey raw text", async () => {
    const acting = [];
    for (const { name, text } of terminalTexts.attacks) {
      const screen = await show(`before ${text} after`);
      const isShown = screen.effects.length === 0 && screen.lines[0] === `before ${text} after`;
      if (!isShown) acting.push(name);
    }
    expect(acting.length).toBeGreaterThan(90);
  });

  it.each(terminalTexts.legitimate)("leaves unchanged: $name", ({ text }) => {
    expect(safe(text, "cell")).toBe(text);
    expect(safe(text, "block")).toBe(text);
  });

  it.each([
    ["\x1b[31mred", "^[[31mred"],
    ["a\x7fb\x00", "a^?b^@"],
    ["a\r\nb\tc", "a^M\\nb\\tc"],
    ["\x9b2J", "<U+009B>2J"],
    ["\u202egnp.exe", "<U+202E>gnp.exe"],
    ["a\u{e0061}", "a<U+E0061>"],
    ["a\ud800b", "a\ufffdb"],
    ["na\u200dme", "na<U+200D>me"],
    [`a${"\u0301".repeat(10)}b`, `a${"\u0301".repeat(8)}<U+0301><U+0301>b`],
    ["👩\u200d", "👩<U+200D>"],
    ["می\u200c", "می<U+200C>"],
  ])("writes %j as %j in a cell", (text, shown) => {
    expect(safe(text, "cell")).toBe(shown);
  });

  it("keeps a block's newlines and tabs", () => {
    expect(safe("a\tb\nc\r\n", "block")).toBe("a\tb\nc^M\n");
  });

  it("never returns control or hidden characters, and is idempotent", () => {
    fc.assert(
      fc.property(anyText, fc.constantFrom("cell" as const, "block" as const), (text, kind) => {
        const shown = safe(text, kind);
        expect(shown).not.toMatch(live);
        expect(shown.replace(tagFlag, "")).not.toMatch(hidden);
        expect(shown).not.toMatch(tower);
        if (kind === "cell") expect(shown).not.toMatch(/[\n\t]/);
        expect(safe(shown, kind)).toBe(shown);
      }),
      { numRuns: 500 },
    );
  });
});
