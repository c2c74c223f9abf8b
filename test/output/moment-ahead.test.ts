import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readMomentAhead } from "../../src/output/moment-ahead.js";
import { localTime } from "../../src/schedule/time-zone.js";
import { moments, zoneOf, zones } from "../schedule/zone-of.js";

const at = (text: string, now: string, zone: string) =>
  readMomentAhead(text, { now: new Date(now), timeZone: zoneOf(zone) })?.toISOString();

// 2025-11-24 is a Monday.
const monday = "2025-11-24T15:00:00Z";

describe("readMomentAhead", () => {
  it.each([
    ["2h", "UTC", "2025-11-24T17:00:00.000Z"],
    ["1h30m", "Asia/Tokyo", "2025-11-24T16:30:00.000Z"],
    ["0", "UTC", "2025-11-24T15:00:00.000Z"],
    ["15:01", "UTC", "2025-11-24T15:01:00.000Z"],
    ["15:00", "UTC", "2025-11-25T15:00:00.000Z"],
    ["06:00", "UTC", "2025-11-25T06:00:00.000Z"],
    ["6:00", "Asia/Tokyo", "2025-11-24T21:00:00.000Z"],
    ["09:00:30", "America/New_York", "2025-11-25T14:00:30.000Z"],
    ["today 18:00", "UTC", "2025-11-24T18:00:00.000Z"],
    ["today 6:00", "UTC", "2025-11-24T06:00:00.000Z"],
    ["today", "UTC", "2025-11-24T00:00:00.000Z"],
    ["tomorrow", "UTC", "2025-11-25T00:00:00.000Z"],
    ["Tomorrow 6:00", "Europe/Berlin", "2025-11-25T05:00:00.000Z"],
    ["tomorrow  06:00", "Asia/Tokyo", "2025-11-25T21:00:00.000Z"],
    ["mon", "UTC", "2025-12-01T00:00:00.000Z"],
    ["mon 18:00", "UTC", "2025-11-24T18:00:00.000Z"],
    ["monday 9:00", "UTC", "2025-12-01T09:00:00.000Z"],
    ["tues", "UTC", "2025-11-25T00:00:00.000Z"],
    ["SUN", "UTC", "2025-11-30T00:00:00.000Z"],
    ["sun 23:59", "America/Los_Angeles", "2025-12-01T07:59:00.000Z"],
    ["2025-12-24", "Europe/Berlin", "2025-12-23T23:00:00.000Z"],
    ["2025-12-24T06:00", "Europe/Berlin", "2025-12-24T05:00:00.000Z"],
    ["2025-12-24 6:00", "UTC", "2025-12-24T06:00:00.000Z"],
    ["2025-12-24T06:00:00+05:30", "UTC", "2025-12-24T00:30:00.000Z"],
    ["2020-01-01", "UTC", "2020-01-01T00:00:00.000Z"],
  ])("reads %s in %s as %s", (text, zone, expected) => {
    expect(at(text, monday, zone)).toBe(expected);
  });

  it.each([
    // The clocks of Berlin skip 02:00 to 03:00 on 30 March 2025 and show it twice on 26 October, a Sunday.
    ["02:30", "Europe/Berlin", "2025-03-29T22:00:00Z", "2025-03-30T01:00:00.000Z"],
    ["tomorrow 2:30", "Europe/Berlin", "2025-03-29T12:00:00Z", "2025-03-30T01:00:00.000Z"],
    ["02:30", "Europe/Berlin", "2025-10-25T22:00:00Z", "2025-10-26T00:30:00.000Z"],
    ["02:30", "Europe/Berlin", "2025-10-26T00:45:00Z", "2025-10-26T01:30:00.000Z"],
    ["today 2:30", "Europe/Berlin", "2025-10-26T00:45:00Z", "2025-10-26T01:30:00.000Z"],
    ["sun 2:30", "Europe/Berlin", "2025-10-26T00:45:00Z", "2025-10-26T01:30:00.000Z"],
    ["sun 2:30", "Europe/Berlin", "2025-10-26T02:00:00Z", "2025-11-02T01:30:00.000Z"],
    ["tomorrow", "America/Santiago", "2025-09-06T12:00:00Z", "2025-09-07T04:00:00.000Z"],
    ["24h", "Europe/Berlin", "2025-10-25T12:00:00Z", "2025-10-26T12:00:00.000Z"],
    ["tomorrow 14:00", "Europe/Berlin", "2025-10-25T12:00:00Z", "2025-10-26T13:00:00.000Z"],
  ])("reads %s in %s at %s, where the clocks change, as %s", (text, zone, now, expected) => {
    expect(at(text, now, zone)).toBe(expected);
  });

  it.each([
    "",
    "5",
    "soon",
    "yesterday",
    "mo",
    "mo 9:00",
    "mondays",
    "tomorrow 24:00",
    "tomorrow at 6:00",
    "tomorrow 6",
    "tomorrow ",
    "6:00 tomorrow",
    "2025-02-30",
    "2025-12-24T25:00",
    " 2h",
    "-2h",
    "in 2h",
  ])("reads no time in %j", (text) => {
    expect(at(text, monday, "Europe/Berlin")).toBeUndefined();
  });

  const clocks = fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
    .map(([hour, minute]) => ({ hour, minute, text: `${hour}:${String(minute).padStart(2, "0")}` }));
  const days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

  it("gives the next time that the clocks show, and never one that has been", () => {
    const day = fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined });
    fc.assert(
      fc.property(zones, moments, day, clocks, (name, now, weekday, { hour, minute, text }) => {
        const timeZone = zoneOf(name);
        const word = weekday === undefined ? text : `${days[weekday]} ${text}`;
        const moment = readMomentAhead(word, { now, timeZone }) ?? new Date(Number.NaN);
        const aheadMs = moment.getTime() - now.getTime();
        expect(aheadMs).toBeGreaterThan(0);
        expect(aheadMs).toBeLessThanOrEqual((weekday === undefined ? 25 : 7 * 24 + 1) * 3_600_000);
        const shown = localTime(timeZone, moment);
        if (weekday !== undefined) expect(shown.getUTCDay()).toBe(weekday);
        const isSkip =
          timeZone.offsetMinutesAt(new Date(moment.getTime() - 1)) !== timeZone.offsetMinutesAt(moment);
        if (!isSkip) expect([shown.getUTCHours(), shown.getUTCMinutes()]).toEqual([hour, minute]);
      }),
    );
  });

  it("takes a time by its RFC 3339 as it is", () => {
    fc.assert(
      fc.property(zones, moments, moments, (name, now, moment) => {
        expect(readMomentAhead(moment.toISOString(), { now, timeZone: zoneOf(name) })?.getTime()).toBe(
          Math.floor(moment.getTime() / 1000) * 1000,
        );
      }),
    );
  });
});
