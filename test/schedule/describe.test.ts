import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeSchedule, loadDescribeCron } from "../../src/schedule/describe.js";
import { readSchedule } from "../../src/schedule/read.js";
import { drawsAsUsual } from "../support/seed.js";
import { anyCron } from "./crons.js";
import { understood } from "./phrases.js";
import { anySentence } from "./sentences.js";

describe("a cron expression in words", () => {
  it.each([
    ["* * * * *", "every minute"],
    ["30 18 * * 1-5", "every weekday at 18:30 UTC"],
    ["0 9 * * 1", "every Monday at 09:00 UTC"],
    ["0 9 * * 1-6", "every Monday to Saturday at 09:00 UTC"],
    ["0 10 * * 0,6", "every Saturday and Sunday at 10:00 UTC"],
    ["0 9,17 * * *", "every day at 09:00 and 17:00 UTC"],
    ["0 9 13 * 5", "at 09:00 UTC on the 13th of every month, or on every Friday"],
    ["0 9 13 6 5", "at 09:00 UTC in June, on the 13th, or on every Friday"],
    ["*/15 9-16 * * 1-5", "every 15 minutes from 09:00 until 16:45 UTC on weekdays"],
    ["*/15 9 * * 0,6", "every 15 minutes from 09:00 until 09:45 UTC on weekends"],
    ["0 9-17 * * 1,5", "every hour from 09:00 until 17:00 UTC on Mondays and Fridays"],
    ["0 0-6,22,23 * * *", "every hour from 22:00 until 06:00 UTC"],
    ["15,45 * * * *", "every hour at :15 and :45"],
    ["*/7 * * * *", "every hour at :00, :07, :14, :21, :28, :35, :42, :49 and :56"],
    ["*/45 * * * *", "every hour at :00 and :45"],
    ["30 */2 * * *", "every 2 hours at :30"],
    ["0 */5 * * *", "every day at 00:00, 05:00, 10:00, 15:00 and 20:00 UTC"],
    ["0 9 1,15 * *", "on the 1st and 15th of every month at 09:00 UTC"],
    ["0 9 1 1 *", "every January 1st at 09:00 UTC"],
    ["0 0 1 1,4,7,10 *", "every year on the 1st of January, April, July and October at 00:00 UTC"],
    ["0 9 * 6,7 1", "every Monday in June and July at 09:00 UTC"],
    ["*/30 * 1 1 *", "every 30 minutes on every January 1st"],
    ["* * 13 * 5", "every minute on the 13th of every month, or on every Friday"],
    ["1-59/2 9-17 * * *", "every 2 minutes, minutes 1 through 59 past the hour, from 09:01 until 17:59 UTC"],
    [
      "5,10-20 3-5,9 * * 1",
      "at 5 and 10 through 20 minutes past the hour, in the hours 03–05 and 09 UTC, on Mondays",
    ],
    [
      "* 3-5,9 13 * 5",
      "every minute, in the hours 03–05 and 09 UTC, on the 13th of every month, or on every Friday",
    ],
    ["3-50 * * * *", "minutes 3 through 50 past the hour"],
    ["3-50 9-16 * * *", "minutes 3 through 50 past the hour, from 09:03 until 16:50 UTC"],
    ["3-50 9 * * *", "minutes 3 through 50 past the hour, from 09:03 until 09:50 UTC"],
  ])("%s is %j", async (cron, sentence) => {
    expect(await describeSchedule(cron)).toBe(sentence);
  });

  it.each(understood)("for %j is stable in both directions", async (_text, cron) => {
    const sentence = await describeSchedule(cron);
    expect(readSchedule(sentence)).toMatchObject({ ok: true, kind: "words", cron });
    expect(await describeSchedule(sentence)).toBe(sentence);
  });

  it("is read back as the same cron expression, even for random sentences", async () => {
    await fc.assert(
      fc.asyncProperty(anySentence, async ({ text, cron }) => {
        expect(readSchedule(text)).toMatchObject({ ok: true, cron });
        expect(readSchedule(await describeSchedule(cron))).toMatchObject({ ok: true, kind: "words", cron });
      }),
      { numRuns: 1000 },
    );
  });

  it("never means another cron expression", async () => {
    const inWords = await loadDescribeCron();
    let readBack = 0;
    fc.assert(
      fc.property(anyCron, ({ cron }) => {
        const again = readSchedule(inWords(cron));
        if (!again.ok) return;
        readBack += 1;
        expect(again.cron).toBe(cron);
      }),
      { numRuns: 1000 },
    );
    if (drawsAsUsual()) expect(readBack).toBeGreaterThan(100);
  });
});

describe("a schedule from the server", () => {
  it.each([
    ["00 09 * * mon", "every Monday at 09:00 UTC"],
    ["every monday at 9AM", "every Monday at 09:00 UTC"],
    ["whenever it rains", "whenever it rains"],
    ["0 9 L * *", "0 9 L * *"],
    ["", ""],
  ])("%j is shown as %j", async (text, shown) => {
    expect(await describeSchedule(text)).toBe(shown);
  });
});
