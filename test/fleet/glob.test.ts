import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { globMatcher } from "../../src/fleet/exclusions.js";

describe("a glob", () => {
  it.each([
    ["*", "", true],
    ["", "", true],
    ["", "a", false],
    ["Report*", "Report to sales", true],
    ["Report*", "A report", false],
    ["*sales", "Report to sales", true],
    ["*o*s", "Report to sales", true],
    ["a?c", "abc", true],
    ["a?c", "ac", false],
    ["?", "🦊", true],
    ["a.c", "abc", false],
    ["[ab]", "a", false],
    ["a\\*", "a\\b", true],
    ["a*b", "a\nb", true],
  ])("compares %j with %j: %s", (glob, text, expected) => {
    expect(globMatcher(glob)(text)).toBe(expected);
  });

  it("matches like the equivalent regular expression", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "🦊"), maxLength: 12 });
    const glob = fc.string({ unit: fc.constantFrom("a", "b", "🦊", "*", "?"), maxLength: 8 });
    fc.assert(
      fc.property(glob, text, (pattern, name) => {
        const source = pattern.replaceAll("*", "[^]*").replaceAll("?", "[^]");
        return globMatcher(pattern)(name) === new RegExp(`^${source}$`, "u").test(name);
      }),
      { numRuns: 2000 },
    );
  });

  it("is fast on a long name that doesn't match, even with many stars", () => {
    expect(globMatcher(`${"*a".repeat(40)}b`)("a".repeat(20_000))).toBe(false);
  });
});
