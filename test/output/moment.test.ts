import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readMoment } from "../../src/output/moment.js";
import { localTime } from "../../src/schedule/time-zone.js";
import { moments, zoneOf, zones } from "../schedule/zone-of.js";

const at = (text: string, now: string, zone: string) =>
  readMoment(text, { now: new Date(now), timeZone: zoneOf(zone) })?.toISOString();

// 2025-11-24 is a Monday.
const monday = "2025-11-24T15:00:00Z";

describe("readMoment", () => {
  it.each([
    ["12h", "UTC", monday, "2025-11-24T03:00:00.000Z"],
    ["1h30m", "Asia/Tokyo", monday, "2025-11-24T13:30:00.000Z"],
    ["0", "UTC", monday, "2025-11-24T15:00:00.000Z"],
    ["today", "UTC", monday, "2025-11-24T00:00:00.000Z"],
    ["Today", "Europe/Berlin", monday, "2025-11-23T23:00:00.000Z"],
    ["today", "Asia/Tokyo", monday, "2025-11-24T15:00:00.000Z"],
    ["yesterday", "UTC", monday, "2025-11-23T00:00:00.000Z"],
    ["yesterday", "Asia/Tokyo", monday, "2025-11-23T15:00:00.000Z"],
    ["yesterday", "America/Los_Angeles", "2025-11-24T05:00:00Z", "2025-11-22T08:00:00.000Z"],
    ["mon", "UTC", monday, "2025-11-24T00:00:00.000Z"],
    ["monday", "UTC", monday, "2025-11-24T00:00:00.000Z"],
    ["tues", "UTC", monday, "2025-11-18T00:00:00.000Z"],
    ["SUN", "UTC", monday, "2025-11-23T00:00:00.000Z"],
    ["mon", "Asia/Tokyo", monday, "2025-11-23T15:00:00.000Z"],
    ["14:59", "UTC", monday, "2025-11-24T14:59:00.000Z"],
    ["15:00", "UTC", monday, "2025-11-24T15:00:00.000Z"],
    ["15:01", "UTC", monday, "2025-11-23T15:01:00.000Z"],
    ["9:00", "Europe/Berlin", monday, "2025-11-24T08:00:00.000Z"],
    ["09:00:30", "America/New_York", monday, "2025-11-24T14:00:30.000Z"],
    ["09:00", "America/Los_Angeles", monday, "2025-11-23T17:00:00.000Z"],
    ["09:00", "Asia/Kathmandu", monday, "2025-11-24T03:15:00.000Z"],
    ["2025-11-01", "UTC", monday, "2025-11-01T00:00:00.000Z"],
    ["2025-11-01", "Europe/Berlin", monday, "2025-10-31T23:00:00.000Z"],
    ["2025-07-01", "Europe/Berlin", monday, "2025-06-30T22:00:00.000Z"],
    ["2025-07-01T09:30", "Europe/Berlin", monday, "2025-07-01T07:30:00.000Z"],
    ["2025-07-01 09:30", "America/New_York", monday, "2025-07-01T13:30:00.000Z"],
    ["2025-11-01T10:00:00Z", "Asia/Tokyo", monday, "2025-11-01T10:00:00.000Z"],
    ["2025-11-01t10:00:00z", "Asia/Tokyo", monday, "2025-11-01T10:00:00.000Z"],
    ["2025-11-01T10:00:00.5+02:00", "Asia/Tokyo", monday, "2025-11-01T08:00:00.000Z"],
    ["2025-11-01 10:00-05:30", "Asia/Tokyo", monday, "2025-11-01T15:30:00.000Z"],
    ["2 hours", "UTC", monday, "2025-11-24T13:00:00.000Z"],
    ["2 hours ago", "UTC", monday, "2025-11-24T13:00:00.000Z"],
    ["1 day 2 hrs", "UTC", monday, "2025-11-23T13:00:00.000Z"],
    ["90 minutes", "UTC", monday, "2025-11-24T13:30:00.000Z"],
    ["90 min", "UTC", monday, "2025-11-24T13:30:00.000Z"],
    ["2 weeks ago", "UTC", monday, "2025-11-10T15:00:00.000Z"],
    ["in 2 hours", "UTC", monday, "2025-11-24T17:00:00.000Z"],
    ["3am", "UTC", monday, "2025-11-24T03:00:00.000Z"],
    ["3 PM", "UTC", monday, "2025-11-24T15:00:00.000Z"],
    ["11:30pm", "UTC", monday, "2025-11-23T23:30:00.000Z"],
    ["12am", "UTC", monday, "2025-11-24T00:00:00.000Z"],
    ["noon", "UTC", monday, "2025-11-24T12:00:00.000Z"],
    ["midnight", "Europe/Berlin", monday, "2025-11-23T23:00:00.000Z"],
    ["tuesday 9am", "UTC", monday, "2025-11-18T09:00:00.000Z"],
    ["Tue at 9:30", "Europe/Berlin", monday, "2025-11-18T08:30:00.000Z"],
    ["monday 9am", "UTC", monday, "2025-11-24T09:00:00.000Z"],
    ["monday 5pm", "UTC", monday, "2025-11-17T17:00:00.000Z"],
    ["yesterday 5pm", "UTC", monday, "2025-11-23T17:00:00.000Z"],
    ["today 5pm", "UTC", monday, "2025-11-24T17:00:00.000Z"],
    ["tomorrow", "UTC", monday, "2025-11-25T00:00:00.000Z"],
    ["tomorrow at 9am", "UTC", monday, "2025-11-25T09:00:00.000Z"],
    ["2025-11-01 9am", "UTC", monday, "2025-11-01T09:00:00.000Z"],
  ])("reads %s in %s at %s as %s", (text, zone, now, expected) => {
    expect(at(text, now, zone)).toBe(expected);
  });

  it.each([
    // The clocks in Berlin skip 02:00 to 03:00 on 30 March 2025, and show that hour twice on 26 October.
    ["today", "Europe/Berlin", "2025-03-30T10:00:00Z", "2025-03-29T23:00:00.000Z"],
    ["yesterday", "Europe/Berlin", "2025-03-31T10:00:00Z", "2025-03-29T23:00:00.000Z"],
    ["sun", "Europe/Berlin", "2025-04-02T10:00:00Z", "2025-03-29T23:00:00.000Z"],
    ["02:30", "Europe/Berlin", "2025-03-30T10:00:00Z", "2025-03-30T01:00:00.000Z"],
    ["2025-03-30T02:30", "Europe/Berlin", "2025-04-02T10:00:00Z", "2025-03-30T01:00:00.000Z"],
    ["02:30", "Europe/Berlin", "2025-10-26T00:45:00Z", "2025-10-26T00:30:00.000Z"],
    ["02:30", "Europe/Berlin", "2025-10-26T01:15:00Z", "2025-10-26T00:30:00.000Z"],
    ["02:30", "Europe/Berlin", "2025-10-26T10:00:00Z", "2025-10-26T01:30:00.000Z"],
    ["2025-10-26T02:30", "Europe/Berlin", "2025-11-01T10:00:00Z", "2025-10-26T00:30:00.000Z"],
    ["today", "Europe/Berlin", "2025-10-26T20:00:00Z", "2025-10-25T22:00:00.000Z"],
    // Midnight doesn't exist in Santiago on 7 September 2025, and occurs twice in Havana on 2 November.
    ["2025-09-07", "America/Santiago", "2025-09-10T00:00:00Z", "2025-09-07T04:00:00.000Z"],
    ["today", "America/Santiago", "2025-09-07T12:00:00Z", "2025-09-07T04:00:00.000Z"],
    ["2025-11-02", "America/Havana", "2025-11-10T00:00:00Z", "2025-11-02T04:00:00.000Z"],
    // Lord Howe moves by half an hour.
    ["02:15", "Australia/Lord_Howe", "2025-10-05T00:00:00Z", "2025-10-04T15:30:00.000Z"],
  ])("reads %s in %s at %s, around a clock change, as %s", (text, zone, now, expected) => {
    expect(at(text, now, zone)).toBe(expected);
  });

  it.each([
    "",
    "5",
    "soon",
    "in",
    "13pm",
    "5M",
    "9 mon",
    "tuesday soon",
    "2 moons",
    "mo",
    "mondays",
    "24:00",
    "9",
    "09:60",
    "constructor",
    "__proto__ 10:00",
    "2025-02-30",
    "2025-13-01",
    "2025-11-01T25:00:00Z",
    "2025-11-01T10:00:60Z",
    "2025-11-01T10:00:00+25:00",
    "2025-11-01T",
    " 2h",
    "-2h",
  ])("finds no time in %j", (text) => {
    expect(at(text, monday, "Europe/Berlin")).toBeUndefined();
  });

  it("returns the latest time with that clock reading, never in the future", () => {
    const clock = fc.tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }));
    fc.assert(
      fc.property(zones, moments, clock, (name, now, [hour, minute]) => {
        const timeZone = zoneOf(name);
        const text = `${hour}:${String(minute).padStart(2, "0")}`;
        const moment = readMoment(text, { now, timeZone }) ?? new Date(Number.NaN);
        const agoMs = now.getTime() - moment.getTime();
        expect(agoMs).toBeGreaterThanOrEqual(0);
        expect(agoMs).toBeLessThanOrEqual(25 * 3_600_000);
        const shown = localTime(timeZone, moment);
        const isSkip =
          timeZone.offsetMinutesAt(new Date(moment.getTime() - 1)) !== timeZone.offsetMinutesAt(moment);
        if (!isSkip) expect([shown.getUTCHours(), shown.getUTCMinutes()]).toEqual([hour, minute]);
      }),
    );
  });

  it("returns the same first moment for a weekday and its date", () => {
    const days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
    fc.assert(
      fc.property(zones, moments, fc.integer({ min: 0, max: 6 }), (name, now, day) => {
        const timeZone = zoneOf(name);
        const moment = readMoment(days[day] ?? "", { now, timeZone }) ?? new Date(Number.NaN);
        const local = localTime(timeZone, moment);
        expect(local.getUTCDay()).toBe(day);
        expect(now.getTime() - moment.getTime()).toBeLessThan(7 * 86_400_000 + 3_600_000);
        expect(moment.getTime()).toBeLessThanOrEqual(now.getTime());
        const date = local.toISOString().slice(0, 10);
        expect(readMoment(date, { now, timeZone })).toEqual(moment);
        const before = localTime(timeZone, new Date(moment.getTime() - 1));
        expect(before.toISOString().slice(0, 10)).not.toBe(date);
      }),
    );
  });
});
