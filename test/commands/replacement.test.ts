import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { replaceIn, replacesMore } from "../../src/commands/automations/update/update-request.js";

describe("a replacement in instructions", () => {
  it.each([
    ["Post to Slack, Slack!", "Slack", "Teams", "Post to Teams, Teams!", 2],
    ["costs $1", "$1", "$& and $$", "costs $& and $$", 1],
    ["a.b a+b", "a+b", "c", "a.b c", 1],
    ["two  spaces", "  ", " ", "two spaces", 1],
    ["take it away", " away", "", "take it", 1],
    ["a\nb", "\n", "\r\n", "a\r\nb", 1],
    ["a report and a weekly report", "report", "weekly report", "a weekly report and a weekly report", 1],
    ["aaa", "a", "aa", "aaaa", 1],
  ])("in %j, changes %j to %j", (text, replace, by, after, count) => {
    expect(replaceIn(text, { replace, with: by })).toEqual({ text: after, count });
  });

  it("fails without the old text, and does nothing if already done", () => {
    expect(replaceIn("slack", { replace: "Slack", with: "Teams" })).toBeUndefined();
    const again = replaceIn("a weekly report", { replace: "report", with: "weekly report" });
    expect(again).toEqual({ text: "a weekly report", count: 0 });
  });

  it("reports if it would change the text again when repeated", () => {
    expect(replacesMore("aa", { replace: "aa", with: "a" })).toBe(true);
    expect(replacesMore("a weekly report", { replace: "report", with: "weekly report" })).toBe(false);
  });

  it("never lets text grow beyond 1 MiB", () => {
    const replacement = { replace: "a", with: "b".repeat(64 * 1024) };
    expect(() => replaceIn("a".repeat(64), replacement)).toThrow("would be larger than 1 MiB");
  });

  const letters = fc.string({ unit: fc.constantFrom("a", "b", "\n"), maxLength: 12 });
  it("replaces every match and no other text, if the new text lacks the old", () => {
    fc.assert(
      fc.property(letters, letters, letters, (text, replace, by) => {
        fc.pre(replace !== "" && !by.includes(replace));
        const expected = text.includes(replace) ? text.split(replace).join(by) : undefined;
        expect(replaceIn(text, { replace, with: by })?.text).toBe(expected);
      }),
    );
  });

  it("is complete after one pass, or reports that another pass would change more", () => {
    fc.assert(
      fc.property(letters, letters, letters, (text, replace, by) => {
        fc.pre(replace !== "");
        const replacement = { replace, with: by };
        const once = replaceIn(text, replacement);
        if (once === undefined || replacesMore(once.text, replacement)) return;
        expect(replaceIn(once.text, replacement)?.text ?? once.text).toBe(once.text);
      }),
    );
  });
});
