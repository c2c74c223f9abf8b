import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCron } from "../../src/schedule/cron.js";
import { shiftBack } from "../../src/schedule/fields.js";
import { convertToUtc } from "../../src/schedule/zone.js";
import { drawsAsUsual } from "../support/seed.js";
import { anyTrial, findMissedCron, tryConversion } from "./zone-trials.js";

const summer = new Date("2026-07-01T12:00:00Z");
const winter = new Date("2026-12-01T12:00:00Z");

describe("a zone's schedule in UTC", () => {
  it.each([
    ["0 9 * * 1", "UTC", summer, { cron: "0 9 * * 1", timeZone: "UTC", offsetMinutes: 0 }],
    [
      "0 9 * * 1",
      "America/New_York",
      summer,
      {
        cron: "0 13 * * 1",
        timeZone: "America/New_York",
        offsetMinutes: -240,
        offsetChangesAt: new Date("2026-11-01T06:00:00Z"),
        nextAfterChange: new Date("2026-11-02T13:00:00Z"),
      },
    ],
    [
      "0 9 * * 1",
      "america/new_york",
      winter,
      {
        cron: "0 14 * * 1",
        timeZone: "America/New_York",
        offsetMinutes: -300,
        offsetChangesAt: new Date("2027-03-14T07:00:00Z"),
        nextAfterChange: new Date("2027-03-15T14:00:00Z"),
      },
    ],
    // In July, but with January's offset, which it keeps.
    [
      "0 9 1 1 *",
      "Europe/Berlin",
      summer,
      { cron: "0 8 1 1 *", timeZone: "Europe/Berlin", offsetMinutes: 60 },
    ],
    // 29 March is before or after the clock change, depending on the year; 2026 is the last year for a while in which
    // it is after.
    [
      "0 9 29 3 *",
      "Europe/Berlin",
      new Date("2026-01-01T00:00:00Z"),
      {
        cron: "0 7 29 3 *",
        timeZone: "Europe/Berlin",
        offsetMinutes: 120,
        offsetChangesAt: new Date("2029-10-28T01:00:00Z"),
        nextAfterChange: new Date("2030-03-29T07:00:00Z"),
      },
    ],
    // The day before and the day after.
    [
      "0 1 * * 1-5",
      "Europe/Berlin",
      summer,
      {
        cron: "0 23 * * 0-4",
        timeZone: "Europe/Berlin",
        offsetMinutes: 120,
        offsetChangesAt: new Date("2026-10-25T01:00:00Z"),
        nextAfterChange: new Date("2026-10-25T23:00:00Z"),
      },
    ],
    [
      "0 23 15 * *",
      "America/Phoenix",
      summer,
      { cron: "0 6 16 * *", timeZone: "America/Phoenix", offsetMinutes: -420 },
    ],
    [
      "0 23 31 * *",
      "America/Phoenix",
      summer,
      { cron: "0 6 1 1,2,4,6,8,9,11 *", timeZone: "America/Phoenix", offsetMinutes: -420 },
    ],
    [
      "0 1 31 * *",
      "Asia/Tokyo",
      summer,
      { cron: "0 16 30 1,3,5,7,8,10,12 *", timeZone: "Asia/Tokyo", offsetMinutes: 540 },
    ],
    ["0 1 15 * 5", "Asia/Tokyo", summer, { cron: "0 16 14 * 4", timeZone: "Asia/Tokyo", offsetMinutes: 540 }],
    ["0 1 1 1 *", "Asia/Tokyo", summer, { cron: "0 16 31 12 *", timeZone: "Asia/Tokyo", offsetMinutes: 540 }],
    // Half and quarter hours.
    [
      "0 9-17 * * *",
      "Asia/Kolkata",
      summer,
      { cron: "30 3-11 * * *", timeZone: "Asia/Kolkata", offsetMinutes: 330 },
    ],
    [
      "*/15 * * * *",
      "Asia/Kathmandu",
      summer,
      { cron: "*/15 * * * *", timeZone: "Asia/Kathmandu", offsetMinutes: 345 },
    ],
    [
      "0 9 * * 1",
      "Pacific/Apia",
      summer,
      { cron: "0 20 * * 0", timeZone: "Pacific/Apia", offsetMinutes: 780 },
    ],
    // Every hour is every hour in Berlin all year; on Lord Howe Island, the clocks move by half an hour.
    [
      "0 * * * *",
      "Europe/Berlin",
      summer,
      { cron: "0 * * * *", timeZone: "Europe/Berlin", offsetMinutes: 120 },
    ],
    [
      "0 * * * *",
      "Australia/Lord_Howe",
      summer,
      {
        cron: "30 * * * *",
        timeZone: "Australia/Lord_Howe",
        offsetMinutes: 630,
        offsetChangesAt: new Date("2026-10-03T15:30:00Z"),
        nextAfterChange: new Date("2026-10-03T15:30:00Z"),
      },
    ],
    // Read the evening before the clocks change: the next occurrence counts, which in the repeated hour is the later
    // one.
    [
      "30 2 * * *",
      "Europe/Berlin",
      new Date("2026-10-24T18:00:00Z"),
      {
        cron: "30 1 * * *",
        timeZone: "Europe/Berlin",
        offsetMinutes: 60,
        offsetChangesAt: new Date("2027-03-28T01:00:00Z"),
        nextAfterChange: new Date("2027-03-28T01:30:00Z"),
      },
    ],
    // In the gap there is no occurrence, so the one on the next day counts.
    [
      "30 2 * * *",
      "Europe/Berlin",
      new Date("2026-03-28T18:00:00Z"),
      {
        cron: "30 0 * * *",
        timeZone: "Europe/Berlin",
        offsetMinutes: 120,
        offsetChangesAt: new Date("2026-10-25T01:00:00Z"),
        nextAfterChange: new Date("2026-10-26T00:30:00Z"),
      },
    ],
  ])("is correct: %s in %s, at %o", async (cron, timeZone, now, expected) => {
    expect(convertToUtc({ cron, timeZone, now })).toEqual({ ok: true, ...expected });
  });

  const minutes = (zone: string) =>
    `in ${zone} this can't be one UTC cron: its hours don't start on UTC hours, so the first and the last would be off`;
  const dates = (zone: string) =>
    `in ${zone} this can't be one UTC cron: the dates fall on another day in UTC and months differ in length`;
  const some = (zone: string) =>
    `in ${zone} this can't be one UTC cron: some of the times fall on another day in UTC and others don't`;
  const whole = "steps of whole hours, or steps all day";
  const names = "a name such as Europe/Berlin, UTC, or local";
  it.each([
    ["*/15 9-16 * * *", "Asia/Kolkata", minutes("Asia/Kolkata (UTC+05:30)"), whole],
    ["0,50 9 * * *", "Asia/Kathmandu", minutes("Asia/Kathmandu (UTC+05:45)"), whole],
    [
      "0 1 1 * *",
      "Europe/Berlin",
      dates("Europe/Berlin (UTC+02:00)"),
      "times from 02:00 on stay on their day",
    ],
    [
      "0 1 29 * *",
      "Europe/Berlin",
      dates("Europe/Berlin (UTC+02:00)"),
      "times from 02:00 on stay on their day",
    ],
    ["0 1 1 3 *", "Asia/Tokyo", dates("Asia/Tokyo (UTC+09:00)"), "times from 09:00 on stay on their day"],
    ["0 1 * 6 1", "Asia/Tokyo", dates("Asia/Tokyo (UTC+09:00)"), "times from 09:00 on stay on their day"],
    [
      "0 20 * 6 *",
      "America/Phoenix",
      dates("America/Phoenix (UTC-07:00)"),
      "times before 17:00 stay on their day",
    ],
    ["0 * * * 1", "Asia/Tokyo", some("Asia/Tokyo (UTC+09:00)"), "times from 09:00 on stay on their day"],
    [
      "0 8,20 15 * *",
      "America/Phoenix",
      some("America/Phoenix (UTC-07:00)"),
      "times before 17:00 stay on their day",
    ],
    ["0 9 * * *", "Berlin", '"Berlin" isn\'t a time zone', "Europe/Berlin"],
    ["0 9 * * *", "new york", '"new york" isn\'t a time zone', "America/New_York"],
    ["0 9 * * *", "+02:00", '"+02:00" isn\'t a time zone', names],
    ["0 9 * * *", "", '"" isn\'t a time zone', names],
    ["0 9 * * *", "Middle/Earth", '"Middle/Earth" isn\'t a time zone', names],
  ])("is rejected for %s in %s", async (cron, timeZone, reason, hint) => {
    expect(convertToUtc({ cron, timeZone, now: summer })).toEqual({ ok: false, reason, hint });
  });

  it("uses the machine's zone for local", async () => {
    const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
    expect(convertToUtc({ cron: "0 9 * * 1", timeZone: "local", now: summer })).toMatchObject({
      timeZone,
    });
  });
});

describe("a conversion, checked with the zones' own clocks", () => {
  it("runs when the zone's schedule does, and reports its first difference", async () => {
    let converted = 0;
    fc.assert(
      fc.property(anyTrial, (trial) => {
        expect(tryConversion(trial)).toBeUndefined();
        converted += convertToUtc(trial).ok ? 1 : 0;
      }),
      {
        numRuns: 80,
        // Read after the day's last time, when all of the next day's times are skipped.
        examples: [
          [
            {
              cron: "*/15 2 * * *",
              timeZone: "Europe/Berlin",
              now: new Date("2024-03-30T02:00:00Z"),
            },
          ],
        ],
      },
    );
    if (drawsAsUsual()) expect(converted).toBeGreaterThan(20);
  });

  it("is rejected only if no cron expression has these times", () => {
    let refused = 0;
    fc.assert(
      fc.property(anyTrial, ({ cron }) => {
        const reading = readCron(cron);
        // The times alone don't show which of two day fields they come from.
        if (!reading.ok || reading.fields.minutes.length > 4) return;
        const { fields } = reading;
        if (fields.days.length < 31 && fields.weekdays.length < 7) return;
        for (const offsetMinutes of [330, -240]) {
          if (shiftBack(fields, offsetMinutes).ok) continue;
          refused += 1;
          expect(findMissedCron(fields, offsetMinutes)).toBeUndefined();
        }
      }),
      { numRuns: 60 },
    );
    if (drawsAsUsual()) expect(refused).toBeGreaterThan(5);
  });
});
