import { CronExpressionParser } from "cron-parser";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextTimes } from "../../src/schedule/cron-times.js";
import { thirdOfRuns } from "../support/third.js";
import { anyCron, anyInstant } from "./crons.js";

function iso(cron: string, from: string, count: number): string[] {
  return nextTimes(cron, new Date(from), count).map((time) => time.toISOString());
}

describe("next times", () => {
  it("are strictly after the given instant", () => {
    expect(iso("0 9 * * 1", "2026-01-05T08:59:59.999Z", 1)).toEqual(["2026-01-05T09:00:00.000Z"]);
    expect(iso("0 9 * * 1", "2026-01-05T09:00:00.000Z", 1)).toEqual(["2026-01-12T09:00:00.000Z"]);
    expect(iso("0 9 * * 1", "2026-01-05T09:00:00.001Z", 1)).toEqual(["2026-01-12T09:00:00.000Z"]);
  });

  it("match a date or a weekday if both are restricted", () => {
    expect(iso("0 9 13 * 5", "2026-03-11T00:00:00Z", 4)).toEqual([
      "2026-03-13T09:00:00.000Z",
      "2026-03-20T09:00:00.000Z",
      "2026-03-27T09:00:00.000Z",
      "2026-04-03T09:00:00.000Z",
    ]);
  });

  it("include 29 February, even over a century without one", () => {
    expect(iso("0 12 29 2 *", "2026-01-01T00:00:00Z", 2)).toEqual([
      "2028-02-29T12:00:00.000Z",
      "2032-02-29T12:00:00.000Z",
    ]);
    expect(iso("0 12 29 2 *", "2096-03-01T00:00:00Z", 1)).toEqual(["2104-02-29T12:00:00.000Z"]);
  });

  it("match another library's, for cron expressions as typed and as normalized", () => {
    fc.assert(
      fc.property(anyCron, anyInstant, ({ text, cron }, from) => {
        const other = CronExpressionParser.parse(cron, { tz: "UTC", currentDate: from });
        const expected = [other.next(), other.next(), other.next()].map((time) =>
          time.toDate().toISOString(),
        );
        expect(nextTimes(cron, from, 3).map((time) => time.toISOString())).toEqual(expected);
        expect(nextTimes(text, from, 3).map((time) => time.toISOString())).toEqual(expected);
      }),
      thirdOfRuns(5000),
    );
  });
});
