import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadStyle, plainStyle } from "../../src/output/style.js";
import { renderTextChange, renderTextDiff } from "../../src/output/text/diff.js";
import { displayWidth } from "../../src/output/width.js";
import { terminalTexts } from "../support/terminal-texts.js";

const plain = { style: plainStyle };
const long =
  "The quick brown fox jumps over the lazy dog, and then it looks for Slack to say what it saw on its way.";

describe("renderTextChange", () => {
  it.each([
    ["post to Slack now", "post to Teams now", ["post to [-Slack-]{+Teams+} now"]],
    ["a\n  b c\nd", "a\n  b x\nd", ["b [-c-]{+x+}"]],
    ["one two", "one two three", ["one two{+ three+}"]],
    ["one two three", "one three", ["one [-two -]three"]],
    ["x and y\nx and z", "w and y\nx and v", ["[-x-]{+w+} and y", "x and [-z-]{+v+}"]],
    ["same", "same", []],
  ])("shows %j → %j", async (before, after, lines) => {
    expect(await renderTextChange(before, after, plain)).toEqual(lines);
  });

  it("leaves added lines and large changes to the line diff", async () => {
    const lines = ["a\nb", "a\nb\nc"] as const;
    expect(await renderTextChange(...lines, plain)).toEqual(await renderTextDiff(...lines, plain));
    const [one, other, options] = ["a", "b".repeat(40), { ...plain, width: 40 }] as const;
    expect(await renderTextChange(one, other, options)).toEqual(await renderTextDiff(one, other, options));
  });

  it("cuts the surrounding text between words", async () => {
    const options = { ...plain, width: 60 };
    const [line = ""] = await renderTextChange(long, long.replace("Slack", "Teams"), options);
    expect(line).toBe("… then it looks for [-Slack-]{+Teams+} to say what it saw …");
  });

  it("describes the change in words, with additions in bold", async () => {
    const style = await loadStyle(
      { colour: { stdout: false, stderr: false }, inWords: { stdout: true, stderr: true } },
      "stdout",
    );
    expect(await renderTextChange("to Slack now", "to Teams now", { style })).toEqual([
      "to (was: Slack) (now: Teams) now",
    ]);
    const colour = await loadStyle({ colour: { stdout: true, stderr: true } }, "stdout");
    const [line = ""] = await renderTextChange("to Slack", "to Teams", { style: colour });
    expect(line).toBe("to [-Slack-]\u001b[1m{+Teams+}\u001b[22m");
  });

  it("shows only text that is in either version", async () => {
    const word = fc.constantFrom("Ten", "ten", "five", "names", "name", " ", " ", "\n", ".", "-");
    const text = fc.array(word, { maxLength: 12 }).map((words) => words.join(""));
    await fc.assert(
      fc.asyncProperty(text, text, fc.constantFrom(undefined, 30, 60), async (before, after, width) => {
        for (const line of await renderTextChange(before, after, { ...plain, width })) {
          if (/^ {2}[-+ …]/.test(line)) continue;
          const shown = line.replace(/^…/, "").replace(/…$/, "");
          const was = shown.replaceAll(/\{\+.*?\+\}/g, "").replaceAll(/\[-(.*?)-\]/g, "$1");
          const is = shown.replaceAll(/\[-.*?-\]/g, "").replaceAll(/\{\+(.*?)\+\}/g, "$1");
          expect(before).toContain(was.trim());
          expect(after).toContain(is.trim());
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("never exceeds the terminal, and contains no control characters", async () => {
    const text = fc.oneof(
      fc.constantFrom(...terminalTexts.attacks.map((attack) => attack.text)),
      fc.string({ maxLength: 80 }),
    );
    await fc.assert(
      fc.asyncProperty(text, text, fc.integer({ min: 20, max: 100 }), async (before, after, width) => {
        for (const line of await renderTextChange(before, after, { ...plain, width })) {
          expect(displayWidth(line)).toBeLessThanOrEqual(width);
          expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
        }
      }),
      { numRuns: 60 },
    );
  });
});
