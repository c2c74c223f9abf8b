import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { briefSchedule } from "../../src/commands/automations/list/schedule-words.js";
import { loadDescribeCron } from "../../src/schedule/describe.js";
import { readSchedule } from "../../src/schedule/read.js";
import { drawsAsUsual } from "../support/seed.js";
import { thirdOfRuns } from "../support/third.js";
import { anyCron } from "./crons.js";
import { understood } from "./phrases.js";

describe("a schedule in a few columns", () => {
  it.each([
    ["* * * * *", "every minute"],
    ["*/15 * * * *", "every 15m"],
    ["0,30 * * * *", "every 30m"],
    ["0 * * * *", "hourly"],
    ["15 * * * *", "hourly :15"],
    ["15,45 * * * *", "hourly :15 :45"],
    ["0 */2 * * *", "every 2h"],
    ["30 */8 * * *", "every 8h :30"],
    ["0 */12 * * *", "daily 00:00, 12:00"],
    ["0 9 * * *", "daily 09:00"],
    ["0 9,17 * * *", "daily 09:00, 17:00"],
    ["0 9 * * 1", "Mon 09:00"],
    ["every Monday at 9am", "Mon 09:00"],
    ["0 9 * * 1,3,5", "Mon,Wed,Fri 09:00"],
    ["0 9 * * 0,6", "weekends 09:00"],
    ["30 18 * * 1-5", "weekdays 18:30"],
    ["0 9 * * 1-6", "Mon-Sat 09:00"],
    ["0 9 * * 0,1,5,6", "Mon,Fri-Sun 09:00"],
    ["30 7 1 * *", "1st 07:30"],
    ["30 7 1,15 * *", "1st,15th 07:30"],
    ["0 9 1-7 * *", "1st-7th 09:00"],
    ["0 9 1 1 *", "1 Jan 09:00"],
    ["0 0 1 1,4,7,10 *", "1 Jan,Apr,Jul,Oct 00:00"],
    ["0 9 * 6,7 1", "Mon in Jun,Jul 09:00"],
    ["0 9 * 6 *", "daily in Jun 09:00"],
    ["0 9 13 * 5", "13th or Fri 09:00"],
    ["*/15 9-16 * * 1-5", "every 15m weekdays 09:00-16:45"],
    ["* 9 * * *", "every minute 09:00-09:59"],
    ["0 9-17 * * 1,5", "hourly Mon,Fri 09:00-17:00"],
    ["30 9-17/2 * * *", "every 2h 09:30-17:30"],
    ["0 0-6,22,23 * * *", "hourly 22:00-06:00"],
    ["0 18-23,0 * * *", "hourly 18:00-00:00"],
    ["0 */5 * * *", "daily 00:00, 05:00, 10:00, 15:00, 20:00"],
    ["0 * * * 1-5", "hourly weekdays"],
    ["@daily", "daily 00:00"],
  ])("%s is %j", (text, brief) => {
    expect(briefSchedule(text)).toBe(brief);
  });

  it.each([
    ["0 9 13 6 5"],
    ["3-50 * * * *"],
    ["*/7 * * * *"],
    ["5,10-20 3-5,9 * * 1"],
    ["0 22-23,0-6 * * 1"],
    ["now and then"],
    [""],
  ])("%j has no short form", (text) => {
    expect(briefSchedule(text)).toBeUndefined();
  });

  it.each(understood)("%j has the same short form as its cron expression", (text, cron) => {
    expect(briefSchedule(text)).toBe(briefSchedule(cron));
  });

  it("describes two schedules alike only if they run alike", () => {
    const seen = new Map<string, string>();
    fc.assert(
      fc.property(anyCron, ({ text, cron }) => {
        const brief = briefSchedule(text);
        if (brief === undefined) return;
        expect(seen.get(brief) ?? cron).toBe(cron);
        seen.set(brief, cron);
      }),
      thirdOfRuns(5000),
    );
    if (drawsAsUsual()) expect(seen.size).toBeGreaterThan(100);
  });

  it("is never longer than the words, and means the same if typed", async () => {
    const inWords = await loadDescribeCron();
    let typed = 0;
    fc.assert(
      fc.property(anyCron, ({ text, cron }) => {
        const brief = briefSchedule(text);
        if (brief === undefined) return;
        expect(brief.length).toBeLessThanOrEqual(inWords(cron).length);
        const again = readSchedule(brief);
        if (!again.ok) return;
        typed += 1;
        expect(again.cron).toBe(cron);
      }),
      thirdOfRuns(2000),
    );
    if (drawsAsUsual()) expect(typed).toBeGreaterThan(10);
  });
});
