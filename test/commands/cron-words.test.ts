import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cronTime, quoteForCron } from "../../src/commands/incidents/cron-words.js";
import { instantsAt, localTime } from "../../src/schedule/time-zone.js";
import { moments, zoneOf } from "../schedule/zone-of.js";

const minuteMs = 60_000;

describe("the time of a crontab's line", () => {
  it.each([
    ["2025-12-02T06:00:00Z", "UTC", "0 6 2 12 *"],
    ["2025-12-02T06:00:00Z", "Europe/Berlin", "0 7 2 12 *"],
    ["2025-12-02T06:00:01Z", "UTC", "1 6 2 12 *"],
    ["2025-12-31T23:59:30Z", "UTC", "0 0 1 1 *"],
    ["2025-07-01T18:30:00Z", "Asia/Kathmandu", "15 0 2 7 *"],
    // Clocks are put forward at 01:00Z, and back at 01:00Z.
    ["2025-03-30T01:00:00Z", "Europe/Berlin", "0 3 30 3 *"],
    ["2025-10-26T00:30:00Z", "Europe/Berlin", "30 2 26 10 *"],
    // Cron is through with 02:30 by then.
    ["2025-10-26T01:30:00Z", "Europe/Berlin", "0 3 26 10 *"],
  ])("of %s in %s is %s", (at, zone, expected) => {
    expect(cronTime(new Date(at), zoneOf(zone))).toBe(expected);
  });

  it("comes round first when the time has come, and soon after it", () => {
    const zones = fc.constantFrom("UTC", "Europe/Berlin", "America/Havana", "Australia/Lord_Howe");
    fc.assert(
      fc.property(zones, moments, (name, at) => {
        const timeZone = zoneOf(name);
        const [minute = 0, hour = 0, day = 0, month = 0] = cronTime(at, timeZone).split(" ").map(Number);
        const year = localTime(
          timeZone,
          new Date(Math.ceil(at.getTime() / minuteMs) * minuteMs),
        ).getUTCFullYear();
        const [first] = instantsAt(timeZone, new Date(Date.UTC(year, month - 1, day, hour, minute)));
        const laterMs = (first?.getTime() ?? Number.NaN) - at.getTime();
        expect(laterMs).toBeGreaterThanOrEqual(0);
        expect(laterMs).toBeLessThan(62 * minuteMs);
      }),
    );
  });
});

/** What cron gives to sh: `%` ends the line, and a backslash goes before it and before another. */
function asCronReads(line: string): string {
  return line.replace(/\\([%\\])|%.*/gs, (_, escaped?: string) => escaped ?? "");
}

describe("a word of a crontab's line", () => {
  it.each([
    "/usr/bin/herm",
    "/opt/my tools/herm",
    "it's",
    "100%",
    "a\\b",
    "a\\\\b",
    "\\%",
    '$HOME `id` "x"',
    "~",
    "*",
    "a'\\%'b",
    "",
  ])("is %j once cron and sh have read it", (word) => {
    const command = asCronReads(`printf %s ${quoteForCron(word)}`.replace("printf %s", "printf \\%s"));
    expect(execFileSync("/bin/sh", ["-c", command]).toString()).toBe(word);
  });
});
