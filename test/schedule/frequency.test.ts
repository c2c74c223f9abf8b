import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cronTimes } from "../../src/schedule/cron-times.js";
import { formatRunsADay, frequentText, moveParts, runsADay } from "../../src/schedule/frequency.js";
import { anyCron } from "./crons.js";

describe("the runs a day", () => {
  it.each([
    ["*/15 9-17 * * 1-5", "26"],
    ["* * * * *", "1,440"],
    ["every monday at 9am", "less than 1"],
    ["0 9 * * *", "1"],
    ["0 0 29 2 *", "less than 1"],
    ["0 9,17 1,15 * 1", "less than 1"],
  ])("are counted, for %s, as %s", (schedule, text) => {
    expect(formatRunsADay(runsADay(schedule) ?? -1)).toBe(text);
  });

  it("are unknown for an unreadable schedule", () => {
    expect(runsADay("at the full moon")).toBeUndefined();
  });

  it("equal the number counted over 28 years", () => {
    const years = [Date.UTC(2001, 0), Date.UTC(2029, 0)] as const;
    const days = (years[1] - years[0]) / 86_400_000;
    fc.assert(
      fc.property(anyCron, ({ text }) => {
        const { count = 0 } = cronTimes(text)?.between(...years, 0) ?? {};
        expect(Math.abs((runsADay(text) ?? -1) - count / days)).toBeLessThan(0.01 + (0.01 * count) / days);
      }),
      { numRuns: 50 },
    );
  });
});

describe("the change in runs a day", () => {
  it.each([
    ["0 0-9 * * *", "0 0-10 * * *", ["runs a day: 10 → 11"]],
    ["0 0-10 * * *", "0 0-11 * * *", []],
    ["0 0-10 * * *", "0 0-8 * * *", ["runs a day: 11 → 9"]],
    ["", "0 9 * * *", ["runs a day: 0 → 1"]],
    ["0 9 * * 1", "0 9 * * *", ["runs a day: less than 1 → 1"]],
    ["", "0 9 * * 1", []],
  ])("is described, from %j to %j, as %j", (before, after, parts) => {
    const [from, to] = [before, after].map((schedule) => ({ schedule, enabled: true }));
    expect(moveParts([[from, to]], false)).toEqual(parts);
  });
});

describe("a too frequent schedule", () => {
  it.each([
    ["*/2 * * * *", "720 runs a day, 2 minutes apart"],
    ["0-3 9 * * *", "4 runs a day, 1 minute apart"],
    ["58 23,0 * * *", undefined],
    ["0,58 0,23 * * *", "4 runs a day, 2 minutes apart"],
    ["0,58 0,23 1 * *", undefined],
    ["0,58 0,23 5,6 * *", "less than 1 run a day, 2 minutes apart"],
    ["0,58 0,23 1,28 * *", "less than 1 run a day, 2 minutes apart"],
    ["0,58 0,23 1,27 * *", undefined],
    ["0,58 0,23 30 * *", undefined],
    ["0,58 0,23 * * 1,3", undefined],
    ["*/5 * * * *", undefined],
    ["at the full moon", undefined],
  ])("is %s: %s", (schedule, text) => expect(frequentText(schedule)).toBe(text));
});
