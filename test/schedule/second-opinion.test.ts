import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCron } from "../../src/schedule/cron.js";
import { describeSchedule, loadLibrary } from "../../src/schedule/describe.js";
import { formatCron, weekdayNames } from "../../src/schedule/fields.js";
import { herm } from "../support/harness.js";

/** The weekdays that a sentence names, with ranges expanded. */
function weekdaysIn(sentence: string): number[] {
  const text = sentence.replace("every weekday", "every Monday to Friday");
  const pattern = new RegExp(
    `(${weekdayNames.join("|")})(?: (?:to|through) (${weekdayNames.join("|")}))?`,
    "g",
  );
  const days = [...text.matchAll(pattern)].flatMap(([, first = "", last = first]) => {
    const [from, to] = [weekdayNames.indexOf(first), weekdayNames.indexOf(last)];
    return Array.from({ length: ((to - from + 7) % 7) + 1 }, (_, at) => (from + at) % 7);
  });
  return [...new Set(days)].sort();
}

function timesIn(sentence: string): string[] {
  return (sentence.match(/\d\d:\d\d/g) ?? []).sort();
}

/** The dates that a sentence names, without ranges. */
function datesIn(sentence: string): string[] {
  return (sentence.replace(/\d\d:\d\d/g, "").match(/\d+/g) ?? []).sort();
}

const minute = fc.integer({ min: 0, max: 59 });
const hour = fc.integer({ min: 0, max: 23 });
const weekdays = fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 6 });

describe("the sentence that cronstrue prints for a cron expression", () => {
  it("names the same times and weekdays as herm's sentence", async () => {
    const library = await loadLibrary();
    await fc.assert(
      fc.asyncProperty(minute, hour, weekdays, async (at, hours, days) => {
        const reading = readCron(`${at} ${hours} * * ${days.join(",")}`);
        const cron = reading.ok ? formatCron(reading.fields) : "";
        const [ours, theirs] = [await describeSchedule(cron), library(cron)];
        expect([timesIn(ours), weekdaysIn(ours)]).toEqual([timesIn(theirs), weekdaysIn(theirs)]);
        expect(weekdaysIn(ours)).toEqual(days.sort());
      }),
    );
  });

  it("names the same times and dates as herm's sentence", async () => {
    const library = await loadLibrary();
    const day = fc.integer({ min: 1, max: 28 });
    await fc.assert(
      fc.asyncProperty(minute, hour, day, async (at, hours, date) => {
        const cron = `${at} ${hours} ${date} * *`;
        const [ours, theirs] = [await describeSchedule(cron), library(cron)];
        expect([timesIn(ours), datesIn(ours)]).toEqual([timesIn(theirs), datesIn(theirs)]);
      }),
    );
  });

  it("has its own line in schedule explain --verbose", async () => {
    const words = ["schedule", "explain", "every weekday at 18:30"];
    const options = { key: null, tty: true };
    const { stdout } = await herm([...words, "--verbose"], options);
    expect(stdout).toContain("\n  also     at 18:30, Monday through Friday, in UTC (cronstrue)\n");
    expect((await herm(words, options)).stdout).not.toContain("cronstrue");
  });
});
