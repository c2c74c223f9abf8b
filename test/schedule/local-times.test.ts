import { describe, expect, it } from "vitest";
import { nextTimes } from "../../src/schedule/cron-times.js";
import { readTimeZone } from "../../src/schedule/time-zone.js";
import { markLocalTimes } from "../../src/schedule/zone.js";

async function marks(cron: string, zone: string, { from, count }: { from: string; count: number }) {
  const reading = readTimeZone(zone);
  if (!reading.ok) throw new Error(reading.reason);
  const { timeZone } = reading;
  const now = new Date(from);
  const times = nextTimes(cron, now, count);
  const marked = markLocalTimes({ cron, times, timeZone, offsetMinutes: timeZone.offsetMinutesAt(now) });
  return marked.map(({ at, change, remark }) => [at.toISOString().slice(0, 16), change, remark]);
}

describe("the effect of daylight saving on next times", () => {
  it("is marked at times whose local hour differs from today's", async () => {
    expect(await marks("0 8 * * *", "Europe/Berlin", { from: "2026-03-27T12:00:00Z", count: 3 })).toEqual([
      ["2026-03-28T08:00", undefined, undefined],
      ["2026-03-29T08:00", "moved", "10:00 instead of 09:00"],
      ["2026-03-30T08:00", "moved", "10:00 instead of 09:00"],
    ]);
  });

  it("is marked at a time whose usual hour is skipped", async () => {
    expect(await marks("30 1 * * *", "Europe/Berlin", { from: "2026-03-28T12:00:00Z", count: 2 })).toEqual([
      ["2026-03-29T01:30", "skipped", "03:30 instead of 02:30, which doesn't exist that day"],
      ["2026-03-30T01:30", "moved", "03:30 instead of 02:30"],
    ]);
  });

  it("is marked at both occurrences of a time that occurs twice", async () => {
    expect(await marks("30 0 * * *", "Europe/Berlin", { from: "2026-10-24T12:00:00Z", count: 2 })).toEqual([
      ["2026-10-25T00:30", "twice", "02:30 occurs twice that day"],
      ["2026-10-26T00:30", "moved", "01:30 instead of 02:30"],
    ]);
    expect(
      await marks("30 6 1 11 *", "America/New_York", { from: "2026-01-01T00:00:00Z", count: 1 }),
    ).toEqual([["2026-11-01T06:30", "twice", "01:30 occurs twice that day"]]);
  });

  it("isn't marked at times that no clock change moves", async () => {
    const around = { from: "2026-03-29T00:30:00Z", count: 3 };
    expect((await marks("*/15 * * * *", "Europe/Berlin", around)).map(([, change]) => change)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("is marked every hour if clocks move by half an hour", async () => {
    expect(
      await marks("0 * * * *", "Australia/Lord_Howe", { from: "2026-10-03T14:30:00Z", count: 2 }),
    ).toEqual([
      ["2026-10-03T15:00", undefined, undefined],
      ["2026-10-03T16:00", "moved", "03:00 instead of 02:30"],
    ]);
  });

  it("is never marked in UTC", async () => {
    const [first] = await marks("0 8 * * *", "UTC", { from: "2026-03-28T12:00:00Z", count: 1 });
    expect(first).toEqual(["2026-03-29T08:00", undefined, undefined]);
  });
});
