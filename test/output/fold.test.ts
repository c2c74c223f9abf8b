import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fold, foldParts } from "../../src/output/text/fold.js";
import { displayWidth } from "../../src/output/width.js";

const counts = ["checked 03:09:41Z", "371 of 371 paused", "0 enabled", "1 new since", "6 runs still going"];

describe("foldParts", () => {
  it.each([
    ["in one line without a width", undefined, [counts.join(" · ")]],
    ["in one line if they fit", 100, [counts.join(" · ")]],
    [
      "broken between parts if they don't fit",
      60,
      ["checked 03:09:41Z · 371 of 371 paused · 0 enabled", "  1 new since · 6 runs still going"],
    ],
    ["never within a part", 5, [counts[0], ...counts.slice(1).map((part) => `  ${part}`)]],
  ])("writes parts %s", (_, width, lines) => {
    expect(foldParts(counts, { width }).split("\n")).toEqual(lines);
  });
});

describe("fold", () => {
  it.each([
    [
      "as is without a width",
      undefined,
      "left: a long name and a reason",
      ["left: a long name and a reason"],
    ],
    ["as is if it fits", 40, "left: a long name and a reason", ["left: a long name and a reason"]],
    [
      "at spaces, further lines indented",
      30,
      "  left: a name of some length: touched",
      ["  left: a name of some", "    length: touched"],
    ],
  ])("breaks a line or leaves it: %s", (_, width, line, lines) => {
    expect(fold(line, width).split("\n")).toEqual(lines);
  });

  it("loses no words, and never exceeds the width", () => {
    const words = fc.array(fc.stringMatching(/^[a-zé漢:/._-]{1,8}$/), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(words, fc.integer({ min: 24, max: 120 }), (list, width) => {
        const lines = fold(list.join(" "), width).split("\n");
        expect(lines.every((line) => displayWidth(line) <= width)).toBe(true);
        expect(lines.map((line) => line.trim()).join(" ")).toBe(list.join(" "));
      }),
    );
  });
});
