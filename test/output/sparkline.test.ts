import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hasBlocks } from "../../src/output/blocks.js";
import { type SparkRun, sparkInWords, sparkline } from "../../src/output/sparkline.js";
import { displayWidth } from "../../src/output/width.js";

const ok = (tookMs?: number): SparkRun => ({ status: "completed", tookMs });
const failed: SparkRun = { status: "error", tookMs: 70 };
const running: SparkRun = { status: "running", tookMs: undefined };
const waiting: SparkRun = { status: "waiting_on_human", tookMs: undefined };
const odd = { status: "paused by hand", tookMs: undefined } as unknown as SparkRun;

describe("a sparkline", () => {
  it.each<[string, SparkRun[], string, string]>([
    ["nothing", [], "", ""],
    ["bars by their share of the longest", [ok(1), ok(40), ok(50), ok(80)], "▁▄▅█", "1458"],
    ["equal ones as long as each other", [ok(5), ok(5)], "██", "88"],
    ["runs that took no time", [ok(0), ok(0)], "▁▁", "11"],
    ["marks for all that didn't complete", [failed, ok(9), running, waiting, odd], "✗█●?·", "x8.?."],
    ["no bar where it isn't known how long", [ok(), ok(8)], "·█", "-8"],
  ])("shows %s", (_, runs, drawn, digits) => {
    expect(sparkline(runs, { most: 20, hasBlocks: true })).toBe(drawn);
    expect(sparkline(runs, { most: 20, hasBlocks: false })).toBe(digits);
  });

  it("is one column for each of the newest, in ASCII where there are no blocks, and grows with the duration", () => {
    const anyRun = fc.oneof(fc.nat(100_000).map(ok), fc.constantFrom(failed, running, waiting, odd, ok()));
    fc.assert(
      fc.property(fc.array(anyRun, { maxLength: 40 }), fc.integer({ min: 1, max: 30 }), (runs, most) => {
        const width = Math.min(runs.length, most);
        const drawn = sparkline(runs, { most, hasBlocks: true });
        const digits = sparkline(runs, { most, hasBlocks: false });
        expect([displayWidth(drawn), digits.length]).toEqual([width, width]);
        expect(digits).toMatch(/^[1-8x.?-]*$/);
        const shown = runs.slice(-most);
        for (const [at, one] of shown.entries())
          for (const [place, other] of shown.entries())
            if (
              one.status === "completed" &&
              (one.tookMs ?? 0) > (other.tookMs ?? Infinity) &&
              other.status === "completed"
            )
              expect(Number(digits[at])).toBeGreaterThanOrEqual(Number(digits[place]));
      }),
    );
  });

  it.each<[SparkRun[], string]>([
    [[], ""],
    [[ok(3000)], "newest first: 1 ok; ok in 3 s"],
    [[failed], "newest first: 1 failed"],
    [
      [ok(60_000), ok(3000), failed, failed, running],
      "newest first: 1 running, 2 failed, 2 ok; ok in 3 s to 1 min",
    ],
  ])("is told in words", (runs, words) => {
    expect(sparkInWords(runs)).toBe(words);
  });
});

describe("blocks", () => {
  it.each<[Record<string, string>, boolean]>([
    [{}, true],
    [{ LANG: "de_DE.UTF-8" }, true],
    [{ LANG: "C.utf8" }, true],
    [{ LANG: "C" }, false],
    [{ LANG: "en_GB.ISO-8859-1" }, false],
    [{ LC_ALL: "POSIX", LANG: "en_GB.UTF-8" }, false],
    [{ LC_ALL: "", LC_CTYPE: "en_GB.UTF-8", LANG: "C" }, true],
    [{ LANG: "en_GB.UTF-8", TERM: "linux" }, false],
  ])("by the environment: %j", (variables, expected) => {
    expect(hasBlocks({ env: (name) => variables[name] })).toBe(expected);
  });
});
