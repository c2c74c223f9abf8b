import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatDuration, formatDurationBriefly, parseDuration } from "../../src/output/duration.js";
import {
  ago,
  agoBriefly,
  formatLocal,
  formatLocalBriefly,
  formatLocalDay,
  formatRfc3339,
  formatUtc,
  relative,
  withLocalTimes,
} from "../../src/output/time.js";

const now = new Date("2025-11-24T15:00:00Z");

describe("relative", () => {
  it.each([
    ["2025-11-24T15:00:00.400Z", "now"],
    ["2025-11-24T14:59:18Z", "42 s ago"],
    ["2025-11-24T14:00:30Z", "59 min ago"],
    ["2025-11-24T12:00:00Z", "3 h ago"],
    ["2025-11-23T00:00:00Z", "39 h ago"],
    ["2025-11-28T16:00:00Z", "in 4 d"],
    ["2025-08-24T15:00:00Z", "3 mo ago"],
    ["2029-11-24T15:00:00Z", "in 4 y"],
    ["no time", "–"],
    ["", "–"],
  ])("formats %s as %s", (at, text) => {
    expect(relative(new Date(at), now)).toBe(text);
  });
});

it.each([
  ["2025-11-24T14:59:18Z", "42 s ago"],
  ["2025-11-24T15:00:58Z", "now"],
  ["2025-12-24T15:00:00Z", "now"],
  ["no time", "–"],
  ["", "–"],
])("ago: %s, even by a fast clock, is never in the future: %s", (at, text) => {
  expect(ago(at, now)).toBe(text);
});

describe("agoBriefly", () => {
  it.each([
    ["2025-11-24T15:00:00.400Z", "now"],
    ["2025-11-24T14:59:18Z", "42s"],
    ["2025-11-24T14:00:30Z", "59m"],
    ["2025-11-24T12:00:00Z", "3h"],
    ["2025-11-20T12:00:00Z", "4d"],
    ["2025-08-24T15:00:00Z", "3mo"],
    ["2021-11-24T15:00:00Z", "4y"],
    ["2025-11-24T15:05:00Z", "now"],
    ["no time", "–"],
  ])("formats %s as %s", (at, text) => {
    expect(agoBriefly(new Date(at), now)).toBe(text);
  });
});

describe("formatLocalBriefly", () => {
  const noon = new Date(2025, 10, 24, 12, 0);

  it.each([
    [new Date(2025, 10, 24, 9, 5), "09:05"],
    [new Date(2025, 10, 23, 23, 59), formatLocalDay(new Date(2025, 10, 23, 23, 59), noon)],
    [new Date(2024, 10, 24, 9, 5), formatLocalDay(new Date(2024, 10, 24, 9, 5), noon)],
  ])("formats %s as %s", (at, text) => {
    expect(formatLocalBriefly(at, noon)).toBe(text);
  });
});

describe("formatDuration", () => {
  it.each([
    [0, "0 ms"],
    [350.4, "350 ms"],
    [999.7, "1 s"],
    [42_999, "42 s"],
    [185_000, "3 min 5 s"],
    [180_000, "3 min"],
    [7_800_000, "2 h 10 min"],
    [3 * 86_400_000 + 4 * 3_600_000, "3 d 4 h"],
  ])("formats %d as %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

describe("formatDurationBriefly", () => {
  it.each([
    [0, "0ms"],
    [42_999, "42s"],
    [185_000, "3m"],
    [7_800_000, "2h"],
    [3 * 86_400_000 + 4 * 3_600_000, "3d"],
  ])("formats %d as %s", (ms, text) => {
    expect(formatDurationBriefly(ms)).toBe(text);
  });
});

describe("parseDuration", () => {
  it.each([
    ["0", 0],
    ["500ms", 500],
    ["90s", 90_000],
    ["15m", 900_000],
    ["15min", 900_000],
    ["24h", 86_400_000],
    ["7d", 604_800_000],
    ["2w", 1_209_600_000],
    ["1h30m", 5_400_000],
    ["1.5h", 5_400_000],
  ])("reads %s as %d", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(["", "5", "h", "-5m", "5 m", "30m1h", "1h1h", "1y", "9999999d", "5M", "1e3s", " 5m", "١s"])(
    "rejects %j",
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );

  it("returns only whole milliseconds or undefined", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9.hmsd]{0,12}$/), (text) => {
        const ms = parseDuration(text);
        if (ms !== undefined) expect(Number.isSafeInteger(ms) && ms >= 0).toBe(true);
      }),
    );
  });
});

describe("times", () => {
  const winter = new Date("2025-12-01T08:00:00Z");

  it.each([
    ["Europe/Berlin", "2025-12-01T08:00:00Z", "Mon 1 Dec 2025 09:00 +01:00"],
    ["Europe/Berlin", "2025-06-01T08:00:00Z", "Sun 1 Jun 2025 10:00 +02:00"],
    ["America/St_Johns", "2025-12-01T01:00:00Z", "Sun 30 Nov 2025 21:30 -03:30"],
    ["UTC", "2025-12-01T08:00:00Z", "Mon 1 Dec 2025 08:00 UTC"],
    ["Asia/Kathmandu", "2025-12-31T20:00:00Z", "Thu 1 Jan 2026 01:45 +05:45"],
  ])("are shown, in %s at %s, as %s", (zone, at, text) => {
    expect(formatLocal(new Date(at), zone)).toBe(text);
  });

  it("are in the machine's zone by default", () => {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    expect(formatLocal(winter)).toBe(formatLocal(winter, zone));
  });

  it("have one form for people and one, in UTC, for pipes", () => {
    expect(formatUtc(winter)).toBe("Mon 1 Dec 2025 08:00 UTC");
    expect(formatRfc3339(winter)).toBe("2025-12-01T08:00:00Z");
    expect(formatRfc3339(new Date(winter.getTime() + 5))).toBe("2025-12-01T08:00:00.005Z");
  });
});

it.each([
  ["paused at 2025-11-24T14:59:18.250Z by ada@night", (clock: string) => `paused at ${clock} by ada@night`],
  ["changed elsewhere, 2025-11-24T16:59:18+02:00", (clock: string) => `changed elsewhere, ${clock}`],
  ["deleted", () => "deleted"],
  ["changed at 2025-99-24T14:59:18.250Z", () => "changed at 2025-99-24T14:59:18.250Z"],
  ['renamed to "at 2025-11-24T14:59:18.250Z"', () => 'renamed to "at 2025-11-24T14:59:18.250Z"'],
])("withLocalTimes: %s", (reason, expected) => {
  const at = new Date("2025-11-24T14:59:18.250Z");
  expect(withLocalTimes(reason, now)).toBe(expected(formatLocalBriefly(at, now)));
});
