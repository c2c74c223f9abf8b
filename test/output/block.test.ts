import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { drawBlock } from "../../src/output/block.js";
import { styledWidth } from "../../src/output/width.js";

describe("a block", () => {
  it("aligns its second cells by display width, over several lines", async () => {
    const rows = [
      ["cron", "0 9 * * *"],
      ["漢字", "first\nsecond 👩‍👩‍👧"],
      ["", "–"],
      ["\u001b[31mred\u001b[39m", "last"],
    ];
    expect(await drawBlock(rows, { indent: "  " })).toEqual([
      "  cron  0 9 * * *",
      "  漢字  first",
      "        second 👩‍👩‍👧",
      "        –",
      "  \u001b[31mred\u001b[39m   last",
    ]);
  });

  it("contains every line once, however many and long they are", async () => {
    const line = fc.constantFrom("x", "漢".repeat(5000), "a – b", "👩‍👩‍👧", "plain text");
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 40, maxLength: 160 }), async (lines) => {
        const drawn = await drawBlock([["label", lines.join("\n")]], { widths: [8] });
        expect(drawn.map((text) => text.slice(10))).toEqual(lines);
        expect(drawn.every((text, at) => styledWidth(text) === 10 + styledWidth(lines[at] ?? ""))).toBe(true);
      }),
      { numRuns: 10 },
    );
  });
});
