import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { safe } from "../../src/output/safe.js";
import { matchExcerpt, plainPattern } from "../../src/output/text/excerpt.js";
import { displayWidth } from "../../src/output/width.js";

const mark = (text: string) => `⟦${text}⟧`;
const found = (line: string, text: string, width = 80) =>
  matchExcerpt(line, plainPattern(text), { width, mark });
const unmarked = (text: string) => text.replaceAll(/[⟦⟧]/g, "");

describe("a line in which a text was found", () => {
  it.each<[what: string, line: string, text: string, width: number, expected: string]>([
    ["each place", "No paper, no Paper.", "paper", 80, "No ⟦paper⟧, no ⟦Paper⟧."],
    ["signs of patterns", "cost (net): 3.50$", "(NET): 3.5", 80, "cost ⟦(net): 3.5⟧0$"],
    ["neighbours together", "ababab", "ab", 80, "⟦ababab⟧"],
    [
      "a place far in the line",
      `${"x ".repeat(200)}paper${" y".repeat(200)}`,
      "paper",
      20,
      "…x x x ⟦paper⟧ y y y …",
    ],
    ["a place at the end", `${"x ".repeat(50)}paper`, "paper", 20, "…x x x x x x x ⟦paper⟧"],
    [
      "a line that is longer than the room, from its beginning",
      `paper${" y".repeat(50)}`,
      "paper",
      12,
      "⟦paper⟧ y y y…",
    ],
    ["what acts on a terminal", "red \u001b[31mpaper\u001b[0m", "[31mpap", 80, "red ^[⟦[31mpap⟧er^[[0m"],
    ["nothing within what is encoded", "x2e\u202e2e", "2e", 80, "x⟦2e⟧<U+202E>⟦2e⟧"],
    ["what is encoded as a whole", "a\u202eb", "\u202e", 80, "a⟦<U+202E>⟧b"],
    ["a character with its marks", "cafe\u0301!", "cafe", 80, "⟦cafe\u0301⟧!"],
    ["nothing that joins what is cut off", "ab \u0634\u200c\u0647\u0627", "ab", 5, "⟦ab⟧ \u0634…"],
    ["a family as one", "a 👨‍👩‍👧 b", "👩", 80, "a ⟦👨‍👩‍👧⟧ b"],
    ["other scripts", "отчёт ГОТОВ, 報告", "готов", 80, "отчёт ⟦ГОТОВ⟧, 報告"],
  ])("shows %s", (_, line, text, width, expected) => {
    expect(found(line, text, width)).toBe(expected);
  });

  const attacks: unknown = JSON.parse(
    readFileSync(join(import.meta.dirname, "..", "fixtures", "terminal-attacks.json"), "utf8"),
  );
  const hostile = JSON.stringify(attacks)
    .match(/"(?:[^"\\]|\\.)*"/g)
    ?.map((text): string => JSON.parse(text));

  const piece = fc.oneof(
    fc.string({ unit: "binary", maxLength: 20 }),
    fc.constantFrom(...(hostile ?? [])),
    fc.constantFrom("\u001b[2J", "e\u0301", "👨‍👩‍👧", "報告", "\ud83d", "\u202e", "x".repeat(300)),
  );

  it("fits the width, is safe, and has nothing but marks besides, whatever it says", () => {
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 4 }),
        piece,
        fc.integer({ min: 10, max: 120 }),
        (before, text, width) => {
          fc.pre(text !== "" && !/[⟦⟧]/.test(`${before}${text}`));
          const line = `${before.join("")}${text}${before.join("")}`;
          const shown = found(line, text, width);
          const plain = unmarked(shown);
          expect(displayWidth(plain)).toBeLessThanOrEqual(width);
          expect(safe(plain, "cell")).toBe(plain);
          if (displayWidth(safe(line, "cell")) <= width) expect(plain).toBe(safe(line, "cell"));
        },
      ),
      { numRuns: 500 },
    );
  });

  it("marks exactly what was looked for in a plain text", () => {
    const word = fc.string({ unit: fc.constantFrom(..."abAB .("), minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(word, word, word, (before, text, after) => {
        const line = before + text + after;
        const marked = found(line, text, 200);
        expect(unmarked(marked)).toBe(line);
        const expected = line.toLowerCase().split(text.toLowerCase()).length - 1;
        const letters = (marked.match(/⟦[^⟧]*⟧/g) ?? []).join("").replaceAll(/[⟦⟧]/g, "").length;
        expect(letters).toBe(expected * text.length);
      }),
    );
  });
});
