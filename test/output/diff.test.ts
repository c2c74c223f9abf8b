import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadStyle, plainStyle } from "../../src/output/style.js";
import { renderChanges, renderTextDiff } from "../../src/output/text/diff.js";
import { displayWidth } from "../../src/output/width.js";
import { terminalTexts } from "../support/terminal-texts.js";

const plain = { style: plainStyle };

describe("renderChanges", () => {
  it("shows short fields on one line, and longer text line by line", async () => {
    const lines = await renderChanges(
      {
        schedule: { from: "0 9 * * 1", to: "0 10 * * 1" },
        enabled: { from: true, to: false },
        thread_id: { from: null, to: "thr_1" },
        instructions: { from: "a\nb\nc\nd\ne\nf\ng", to: "a\nb\nc\nd\nE\nf\ng\nh" },
      },
      plain,
    );
    expect(lines).toEqual([
      "  schedule      0 9 * * 1 → 0 10 * * 1",
      "  enabled       true → false",
      "  thread_id     (none) → thr_1",
      "  instructions",
      "    …",
      "      c",
      "      d",
      "    - e",
      "    + E",
      "      f",
      "      g",
      "    + h",
    ]);
  });

  it("shows additions in bold", async () => {
    const style = await loadStyle({ colour: { stdout: true, stderr: true } }, "stdout");
    expect(await renderChanges({ name: { from: "a", to: "b" } }, { style })).toEqual([
      "  name  a → \x1b[1mb\x1b[22m",
    ]);
    expect(await renderTextDiff("a\nb", "a\nc", { style })).toEqual([
      "    a",
      "  - b",
      "  \x1b[1m+ c\x1b[22m",
    ]);
  });

  it("wraps long lines on a terminal and keeps them whole in a pipe", async () => {
    const change = {
      instructions: { from: "look at the videos of last week", to: "look at the videos of last month" },
    };
    expect(await renderChanges(change, { style: plainStyle, width: 30 })).toEqual([
      "  instructions",
      "    - look at the videos of",
      "      last week",
      "    + look at the videos of",
      "      last month",
    ]);
    expect(await renderChanges(change, plain)).toEqual([
      "  instructions  look at the videos of last week → look at the videos of last month",
    ]);
  });

  it("shows characters that a terminal would hide or obey", async () => {
    expect(await renderChanges({ "na\x1bme": { from: "a\x1b[2J", to: "a\u202e\r\n" } }, plain)).toEqual([
      "  na^[me",
      "    - a^[[2J",
      "    + a<U+202E>^M",
      "    +",
    ]);
  });

  it("shows unrelated texts one after the other, whatever their length", async () => {
    const before = Array.from({ length: 5000 }, (_, index) => `old ${index}`);
    const after = Array.from({ length: 5000 }, (_, index) => `new ${index}`);
    const lines = await renderTextDiff(before.join("\n"), after.join("\n"), plain);
    expect(lines).toHaveLength(10_000);
    expect([lines[0], lines[4999], lines[5000], lines[9999]]).toEqual([
      "  - old 0",
      "  - old 4999",
      "  + new 0",
      "  + new 4999",
    ]);
  });

  it("contains the old text as kept and removed parts, the new as kept and added", async () => {
    const text = fc
      .array(fc.constantFrom("a", "b", "c", ""), { maxLength: 6 })
      .map((lines) => lines.join("\n"));
    await fc.assert(
      fc.asyncProperty(text, text, async (before, after) => {
        const lines = await renderTextDiff(before, after, plain);
        const without = (sign: string) =>
          lines
            .filter((line) => line[2] !== sign)
            .map((line) => line.slice(4))
            .join("\n");
        if (lines.some((line) => line.includes("…"))) return;
        expect([without("+"), without("-")]).toEqual([before, after]);
      }),
    );
  });

  it.each(terminalTexts.attacks)("stays within its lines: $name", async ({ text }) => {
    for (const line of await renderChanges(
      { name: { from: "a", to: text }, x: { from: `${text}\n`, to: text } },
      { style: plainStyle, width: 60 },
    )) {
      expect(line).not.toMatch(/[\x00-\x1f\x7f-\x9f\u2028\u2029]/);
      expect(displayWidth(line)).toBeLessThanOrEqual(60);
    }
  });
});
