import { describe, expect, it } from "vitest";
import { warningsOf } from "../../src/manifest/warnings.js";
import { cronTimes } from "../../src/schedule/cron-times.js";
import { readSchedule } from "../../src/schedule/read.js";
import { desired, item } from "../manifest/desired-items.js";
import { publicCrons } from "./public-crons.js";

const now = new Date("2026-11-24T12:00:00Z");
const target = { deployment_id: "dep_1", name: "Customer", isNamed: true };
const dayMs = 86_400_000;
const macros: Record<string, string> = {
  "@hourly": "0 * * * *",
  "@daily": "0 0 * * *",
  "@weekly": "0 0 * * 0",
  "@monthly": "0 0 1 * *",
};
const names = ["", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/** True if a field as written contains a value, according to crontab(5). */
function has(field: string, value: number, [low, words]: [number, string[]] = [0, []]): boolean {
  const numberOf = (text: string) => (/^\d+$/.test(text) ? Number(text) : words.indexOf(text.toLowerCase()));
  return field.split(",").some((part) => {
    const [range = "", step = "1"] = part.split("/");
    const [first = "", last = first] = range === "*" ? [String(low), "99"] : range.split("-");
    const [from, to] = [numberOf(first), numberOf(last)];
    return value >= from && value <= to && (value - from) % Number(step) === 0;
  });
}

/** The times in a day, in minutes, according to a crontab's line. */
function timesOf(line: string): (day: Date) => number[] {
  const [minute = "", hour = "", date = "", month = "", weekday = ""] = line.split(" ");
  const minutes = Array.from({ length: 1440 }, (_, at) => at);
  const times = minutes.filter((at) => has(hour, Math.floor(at / 60)) && has(minute, at % 60));
  return (day) => {
    const isDate = has(date, day.getUTCDate(), [1, []]);
    const isWeekday = has(weekday, day.getUTCDay(), [0, days]);
    const isDay = date !== "*" && weekday !== "*" ? isDate || isWeekday : isDate && isWeekday;
    return isDay && has(month, day.getUTCMonth() + 1, [1, names]) ? times : [];
  };
}

const rows = publicCrons.map(([source, text, becomes, warning]) => ({ source, text, becomes, warning }));

describe("a public schedule", () => {
  it.each(rows)("is read, rejected or warned about as listed: $source, $text", (row) => {
    const reading = readSchedule(row.text);
    expect(reading.ok ? reading.cron : `refused: ${reading.reason}`).toBe(row.becomes);
    if (!reading.ok) return;
    const found = warningsOf([{ target, desired: desired([item("A", { schedule: row.text })]) }], now);
    expect(found.map(({ kind }) => kind)).toEqual(row.warning === undefined ? [] : [row.warning]);
  });

  it.each(rows.filter(({ becomes }) => !becomes.startsWith("refused")))(
    "keeps its times through a leap year: $source, $text",
    ({ text, becomes }) => {
      const times = cronTimes(becomes);
      const theirs = timesOf(macros[text] ?? text);
      for (let ms = Date.UTC(2028, 0, 1); ms < Date.UTC(2029, 0, 1); ms += dayMs) {
        const found = times?.between(ms, ms + dayMs, 1440).timesMs ?? [];
        expect(found.map((time) => (time - ms) / 60_000).join()).toBe(theirs(new Date(ms)).join());
      }
    },
  );

  it("is one of 56 from crontabs, CronJobs, workflows, Jenkins and others", () => {
    expect(rows).toHaveLength(56);
    expect(new Set(rows.map(({ source }) => source)).size).toBe(5);
  });
});
