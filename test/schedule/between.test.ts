import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cronTimes, nextTimes } from "../../src/schedule/cron-times.js";
import { thirdOfRuns } from "../support/third.js";
import { anyCron, anyInstant } from "./crons.js";

const dayMs = 24 * 3_600_000;

function timesOf(cron: string) {
  const times = cronTimes(cron);
  if (times === undefined) throw new Error(`${cron} can't be read`);
  return times;
}

describe("the times within a window", () => {
  it.each([
    ["0 9 * * *", "2026-01-05T09:00:00Z", "2026-01-06T09:00:00Z", ["2026-01-05T09:00:00.000Z"]],
    ["0 9 * * *", "2026-01-05T09:00:00.001Z", "2026-01-06T09:00:00Z", []],
    ["0 9 * * *", "2026-01-06T09:00:00Z", "2026-01-05T09:00:00Z", []],
    [
      "59 23 31 12 *",
      "2025-01-01T00:00:00Z",
      "2027-01-01T00:00:00Z",
      ["2025-12-31T23:59:00.000Z", "2026-12-31T23:59:00.000Z"],
    ],
  ])("are correct for %s, from %s until before %s", (cron, from, until, expected) => {
    const found = timesOf(cron).between(Date.parse(from), Date.parse(until), 10);
    expect(found.timesMs.map((ms) => new Date(ms).toISOString())).toEqual(expected);
    expect(found.count).toBe(expected.length);
  });

  it("are the last ones up to a limit, but all are counted", () => {
    const until = Date.parse("2026-02-01T00:00:00Z");
    const { timesMs, count } = timesOf("* * * * *").between(until - 30 * dayMs, until, 3);
    expect(timesMs).toEqual([until - 180_000, until - 120_000, until - 60_000]);
    expect(count).toBe(30 * 1440);
  });

  it("equal the times that nextTimes finds one by one", () => {
    const property = fc.property(
      anyCron,
      anyInstant,
      fc.integer({ min: 0, max: 40 * dayMs }),
      fc.integer({ min: 1, max: 60 }),
      ({ cron }, from, lengthMs, most) => {
        const untilMs = from.getTime() + lengthMs;
        const all: number[] = [];
        let last = new Date(from.getTime() - 1);
        while (all.length < 300) {
          const [time] = nextTimes(cron, last, 1);
          if (time === undefined || time.getTime() >= untilMs) break;
          all.push(time.getTime());
          last = time;
        }
        const found = timesOf(cron).between(from.getTime(), untilMs, most);
        if (all.length === 300) expect(found.count).toBeGreaterThanOrEqual(300);
        else expect(found).toEqual({ timesMs: all.slice(-most), count: all.length });
      },
    );
    fc.assert(property, thirdOfRuns(1000));
  });

  it("don't exist for an invalid cron expression", () => {
    expect(cronTimes("every banana")).toBeUndefined();
  });
});

describe("the first time after a moment", () => {
  it("is the first within a window, even if the moments aren't in order", () => {
    const offsetsMs = fc.array(fc.integer({ min: 0, max: 3 * dayMs }), { minLength: 2, maxLength: 12 });
    const property = fc.property(anyCron, anyInstant, offsetsMs, ({ cron }, from, offsets) => {
      const times = timesOf(cron);
      for (const offset of offsets) {
        const ms = from.getTime() + offset;
        const first = times.after(ms);
        if (first === undefined || first - ms > 40 * dayMs) continue;
        expect(times.between(ms + 1, first + 1, 2)).toEqual({ timesMs: [first], count: 1 });
      }
    });
    fc.assert(property, thirdOfRuns(600));
  });
});
