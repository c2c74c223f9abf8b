import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { firstForms } from "../../src/schedule/known-forms.js";
import { readSchedule } from "../../src/schedule/read.js";
import { knownForms } from "./known-forms.js";
import { refused, understood } from "./phrases.js";
import { anyText } from "./texts.js";

describe("the reader of schedules in words", () => {
  it.each(understood)("reads %j as %s", (text, cron, note) => {
    const reading = readSchedule(text);
    expect(reading).toMatchObject({ ok: true, kind: "words", cron });
    expect(reading.ok && reading.note).toBe(note);
  });

  it.each(refused)("rejects %j", (text, reason, hint) => {
    expect(readSchedule(text)).toMatchObject({ ok: false, reason, hint });
  });

  const tails = [
    ...["asap", "starting monday", "starting at 9:15", "until 6pm", "around noon", "on business days"],
    ...["except holidays", "every other monday", "once tomorrow", "for 2 weeks", "this evening"],
  ];

  it.each(tails)("keeps the frequency in its hints: %s", (tail) => {
    for (const often of ["every hour", "every 3 hours", "every two hours", "every 15 minutes", "every 5m"]) {
      const reading = readSchedule(`${often} ${tail}`);
      if (reading.ok) continue;
      const schedules = (reading.hint ?? "").split(/, or |; /).filter((said) => readSchedule(said).ok);
      expect([often, schedules]).toEqual([often, expect.arrayContaining([expect.any(String)])]);
      const short = (text: string) => text.replace("two", "2").replace("5m", "5 minutes");
      expect(schedules.filter((said) => !short(said).startsWith(short(often)))).toEqual([]);
    }
  });

  it.each(tails)("explains why it rejects a frequency, %s or not, that cron can't express", (tail) => {
    for (const often of ["every 5 hours", "every seven minutes", "every 45m", "every 2.5 hours"]) {
      const reading = readSchedule(`${often} ${tail}`);
      expect(reading).toMatchObject({ ok: false, reason: expect.stringContaining("can't be one cron") });
    }
  });

  it("reports if the text itself contains UTC", () => {
    expect(readSchedule("every day at 9am UTC")).toMatchObject({ zone: "UTC" });
    expect(readSchedule("every day at 9am")).not.toHaveProperty("zone");
  });

  it("understands every form that it suggests", () => {
    const forms = [...Object.values(knownForms).flat(), ...firstForms];
    expect(forms.filter((form) => !readSchedule(form).ok)).toEqual([]);
  });

  it("understands every example that its rejections show", () => {
    const examples = refused
      .flatMap(([, , hint]) =>
        (hint ?? "").replace(/ --tz .*/, "").split(/, or (?:on )?(?=on the|every|daily)|; |" ?or /),
      )
      .filter((hint) => /^(?:every|daily|on the) [^,]*$/.test(hint) && !/ or every | or 6 /.test(hint));
    expect(examples.length).toBeGreaterThan(30);
    expect(examples.filter((example) => !readSchedule(example).ok)).toEqual([]);
  });
});

describe("the reader of cron expressions", () => {
  it.each([
    ["* * * * *", "* * * * *"],
    ["00 09 * * mon", "0 9 * * 1"],
    ["0 9 * * MON", "0 9 * * 1"],
    ["  0\t9 * *  1 ", "0 9 * * 1"],
    ["0 9 * * Mon-Fri", "0 9 * * 1-5"],
    ["0 0 * * 7", "0 0 * * 0"],
    ["0 0 * * 5-7", "0 0 * * 0,5,6"],
    ["0 0 * * sat-sun", "0 0 * * 0,6"],
    ["0 0 * * 0-7", "0 0 * * *"],
    ["0 0 1 JAN,jul *", "0 0 1 1,7 *"],
    ["0 0 1 jan-mar *", "0 0 1 1-3 *"],
    ["0 0 1 jul-9 *", "0 0 1 7-9 *"],
    ["0,15,30,45 * * * *", "*/15 * * * *"],
    ["0-59/15 9-16 * * *", "*/15 9-16 * * *"],
    ["*/7 * * * *", "*/7 * * * *"],
    ["*/45 * * * *", "0,45 * * * *"],
    ["3,1,2,2 * * * *", "1-3 * * * *"],
    ["*/15,7 * * * *", "0,7,15,30,45 * * * *"],
    ["0 9 */2 * *", "0 9 */2 * *"],
    ["0 9 13 * 5", "0 9 13 * 5"],
    ["0 9 1-31/2 * 1", "0 9 1-31/2 * 1"],
    ["0 9 1 * 1", "0 9 1 * 1"],
    ["0 */5 * * *", "0 */5 * * *"],
    ["0 9 1-31 * 1", "0 9 * * *"],
    ["0 9 1 * 0-6", "0 9 * * *"],
    ["0 0 15,30 2 *", "0 0 15 2 *"],
    ["0 0 29 2 *", "0 0 29 2 *"],
    ["0 0 31 2,3 *", "0 0 31 2,3 *"],
    ["@hourly", "0 * * * *"],
    ["@daily", "0 0 * * *"],
    ["@midnight", "0 0 * * *"],
    ["@Weekly", "0 0 * * 0"],
    ["@monthly", "0 0 1 * *"],
    ["@yearly", "0 0 1 1 *"],
    ["@annually", "0 0 1 1 *"],
  ])("reads %j as %s", (text, cron) => {
    expect(readSchedule(text)).toMatchObject({ ok: true, kind: "cron", cron });
  });

  const fiveFields = "a cron has 5 fields (minute, hour, day of month, month, day of week), this has";
  const macros = "one of @hourly, @daily, @midnight, @weekly, @monthly, @yearly or @annually";
  it.each([
    [1, "jan feb mar apr may jun jul aug sep oct nov dec".split(" "), (field: string) => `0 9 1 ${field} *`],
    [0, "sun mon tue wed thu fri sat".split(" "), (field: string) => `0 9 * * ${field}`],
  ])("accepts a name for a number anywhere: from %i %j", (first, names, cronOf) => {
    const cron = (field: string) => {
      const reading = readSchedule(cronOf(field));
      return reading.ok ? reading.cron : reading.reason;
    };
    for (const [from, name] of names.entries()) {
      for (const [to, other] of names.slice(from).entries()) {
        const wanted = cron(`${first + from}-${first + from + to}`);
        for (const left of [name, first + from]) {
          for (const right of [other, first + from + to]) {
            expect(cron(`${left}-${right}`)).toBe(wanted);
          }
        }
      }
    }
  });

  it.each<[text: string, reason: string, hint?: string]>([
    ["* * * *", `${fiveFields} 4 fields`, "write all five fields"],
    ["5", `${fiveFields} 1 field`, "write all five fields"],
    ["0 0 9 * * 1", `${fiveFields} 6 fields`, "without the seconds: 0 9 * * 1"],
    ["0 9 * * 1 UTC", '"UTC" isn\'t part of a cron', "use the five fields, and --tz for a zone"],
    [
      "CRON_TZ=Europe/Berlin 0 9 * * *",
      '"CRON_TZ=Europe/Berlin" isn\'t part of a cron',
      "use the five fields, and --tz for a zone",
    ],
    ["0 9 * * 7-1", 'day of week (field 5, column 9): the range "7-1" runs backwards', "write 0-1"],
    [
      "0 9 * * Monday",
      'day of week (field 5, column 9): "Monday" isn\'t 0–7 or sun–sat: names have three letters',
    ],
    ["0 0 9 1 1 2026", `${fiveFields} 6 fields`, "seconds and years don't work here"],
    ["60 * * * *", 'minute (field 1, column 1): "60" is out of range, 0–59'],
    ["0 24 * * *", 'hour (field 2, column 3): "24" is out of range, 0–23'],
    ["0 0 0 * *", 'day of month (field 3, column 5): "0" is out of range, 1–31'],
    ["0 0 1,32 * *", 'day of month (field 3, column 7): "32" is out of range, 1–31'],
    ["0 0 * 13 *", 'month (field 4, column 7): "13" is out of range, 1–12 or jan–dec'],
    ["0 0 * * 8", 'day of week (field 5, column 9): "8" is out of range, 0–7 or sun–sat'],
    ["0 0 * foo *", 'month (field 4, column 7): "foo" isn\'t 1–12 or jan–dec'],
    ["mon * * * *", 'minute (field 1, column 1): "mon" isn\'t 0–59'],
    ["0 0 ? * *", 'day of month (field 3, column 5): "?" isn\'t part of a five-field cron', "write *"],
    [
      "0 0 L * *",
      'day of month (field 3, column 5): "L" (the last day) isn\'t part of a five-field cron',
      "a day that every month has, for example 28",
    ],
    [
      "0 0 * * 5L",
      'day of week (field 5, column 9): "L" (the last day) isn\'t part of a five-field cron',
      "a day that every month has, for example 28",
    ],
    [
      "0 0 15W * *",
      'day of month (field 3, column 5): "W" (the nearest weekday) isn\'t part of a five-field cron',
      "a weekday range, for example 0 9 * * 1-5",
    ],
    [
      "0 0 * * 1#2",
      'day of week (field 5, column 9): "#" (the nth weekday of a month) isn\'t part of a five-field cron',
      "every week of the month, for example 0 9 * * 1",
    ],
    [
      "H * * * *",
      'minute (field 1, column 1): "H" (a hashed time) isn\'t part of a five-field cron',
      "a fixed time",
    ],
    [
      "5/15 * * * *",
      'minute (field 1, column 1): "5/15" means different things in different cron programs',
      "write 5-59/15",
    ],
    ["0 22-2 * * *", 'hour (field 2, column 3): the range "22-2" runs backwards', "write 22-23,0-2"],
    [
      "0 9 * * fri-mon",
      'day of week (field 5, column 9): the range "fri-mon" runs backwards',
      "write 5-6,0-1",
    ],
    [
      "0 9 * * 5-1/2",
      'day of week (field 5, column 9): the range "5-1/2" runs backwards',
      "write the values out",
    ],
    ["*/0 * * * *", "minute (field 1, column 1): a step of 0 never advances"],
    ["0 */25 * * *", 'hour (field 2, column 3): a step of "25" is above 23'],
    ["1,,2 * * * *", "minute (field 1, column 3): a value is missing next to a comma"],
    ["1.5 * * * *", 'minute (field 1, column 1): "1.5" isn\'t a value, a range, a list or a step'],
    ["*-5 * * * *", 'minute (field 1, column 1): "*-5" isn\'t a value, a range, a list or a step'],
    [
      "0 9 */2 * 1",
      'day of month (field 3, column 5): "*/2" beside a day of week means "and" in some cron programs and "or" in others',
      'for "or" write 1-31/2',
    ],
    [
      "0 9 1 * */2",
      'day of week (field 5, column 9): "*/2" beside a day of month means "and" in some cron programs and "or" in others',
      'for "or" write 0-6/2',
    ],
    [
      "0 9 *,5 * 1",
      'day of month (field 3, column 5): "*" beside a day of week means "and" in some cron programs and "or" in others',
      "write * alone, or only the other days",
    ],
    ["0 0 31 2 *", "day of month (field 3, column 5): February never has a day 31"],
    ["0 0 31 4,6 *", "day of month (field 3, column 5): April and June never has a day 31"],
    [
      "0 0 30,31 2 1",
      "day of month (field 3, column 5): February never has a day 30 or 31",
      "for the weekdays only: 0 0 * 2 1",
    ],
    ["@reboot", '"@reboot" is unknown', macros],
    ["@daily 5", "@daily can't be combined", macros],
  ])("rejects %j with field and position", (text, reason, hint) => {
    expect(readSchedule(text)).toMatchObject({ ok: false, reason, hint });
  });
});

describe("any schedule text", () => {
  it("is either rejected or given a stable normal form", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const reading = readSchedule(text);
        if (!reading.ok) {
          expect(reading.reason).not.toBe("");
          return;
        }
        expect(readSchedule(reading.cron)).toMatchObject({ ok: true, kind: "cron", cron: reading.cron });
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ["digits", "1".repeat(1024)],
    ["spaces", `every${" ".repeat(1018)}x`],
    ["stars", "*".repeat(1024)],
    ["commas", ",".repeat(1024)],
    ["colons", "1:".repeat(512)],
    ["times", `every day at ${"9am,".repeat(252)}`],
    ["and", "and ".repeat(256)],
    ["every", "every ".repeat(170)],
    ["a list of minutes", `${"1,".repeat(500)}1 * * * *`],
    ["dots", `9${".".repeat(1000)}am`],
    ["ranges", "1st to 2nd, ".repeat(85)],
  ])("gets a result even for 1 KiB of %s", (name, text) => {
    expect(readSchedule(text).ok).toBe(name === "a list of minutes");
  });
});
