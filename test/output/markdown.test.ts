import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { markdownCode, markdownFence } from "../../src/output/text/markdown-text.js";

describe("text in Markdown", () => {
  it.each([
    ["[a](http://x) **b** <img>", "&#91;a&#93;(http&#58;//x) &#42;&#42;b&#42;&#42; &lt;img>"],
    ["a|b `c` #1 &amp;", "a&#124;b &#96;c&#96; &#35;1 &amp;amp;"],
    ["herm.yaml:4:2 snake_case _em_ 09:30", "herm.yaml:4:2 snake_case &#95;em&#95; 09:30"],
    ["www.x.example mailto:a", "www&#46;x.example mailto&#58;a"],
  ])("keeps %j as plain text", (text, markdown) => {
    expect(markdownCode(text)).toBe(`<code>${markdown}</code>`);
  });

  it("is shown as code, without mentions, cells, tags, links or addresses", () => {
    expect(markdownCode("@ada a@b.example\n|</code>")).toBe(
      "<code>&#64;&#8203;ada a&#64;&#8203;b.example&#92;n&#124;&lt;/code></code>",
    );
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const code = markdownCode(text).slice("<code>".length, -"</code>".length);
        expect(code).not.toMatch(/[\\`*[\]|~<@\n]|:\/\/|\b_|_\b|&(?!(amp|lt|#\d+);)/);
      }),
    );
  });

  it("stays within its fence", () => {
    expect(markdownFence(["+ ```", "- ````x"], "diff")).toEqual(["`````diff", "+ ```", "- ````x", "`````"]);
    expect(markdownFence(["+ a"], "diff")).toEqual(["```diff", "+ a", "```"]);
  });
});
