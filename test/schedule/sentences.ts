import fc from "fast-check";
import {
  type CronFields,
  everyDay,
  everyHour,
  everyMonth,
  everyWeekday,
  formatCron,
  monthNames,
  normalize,
  range,
  sorted,
  weekdayNames,
} from "../../src/schedule/fields.js";
import { ordinal } from "../../src/schedule/words/tokens.js";

/** A sentence in a form of the grammar, and its cron expression, built in parallel, neither from the other. */
export interface Sentence {
  text: string;
  cron: string;
}

type Part<Field extends keyof CronFields> = { text: string } & Pick<CronFields, Field>;

const joined = (items: string[]) =>
  items.length < 3 ? items.join(" and ") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
const clock12 = (hour: number, minute: number) =>
  `${hour % 12 === 0 ? 12 : hour % 12}${minute === 0 ? "" : `:${String(minute).padStart(2, "0")}`}${hour < 12 ? "am" : "pm"}`;
const clock24 = (hour: number, minute: number) =>
  [hour, minute].map((part) => String(part).padStart(2, "0")).join(":");
const someOf = (values: number[], maxLength: number) =>
  fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength });

/** `at 9am and 17:00`. */
const clockTimes: fc.Arbitrary<Part<"minutes" | "hours">> = fc
  .tuple(someOf(everyHour, 4), someOf(range(0, 59), 2), fc.constantFrom(clock12, clock24))
  .map(([hours, minutes, write]) => ({
    text: `at ${joined(hours.flatMap((hour) => minutes.map((minute) => write(hour, minute))))}`,
    hours: sorted(hours),
    minutes: sorted(minutes),
  }));

const stepped: fc.Arbitrary<Part<"minutes" | "hours">> = fc.oneof(
  fc
    .constantFrom(1, 2, 5, 15, 30)
    .map((count) => ({ text: `every ${count}min`, minutes: range(0, 59, count), hours: everyHour })),
  fc
    .constantFrom(1, 2, 3, 6, 12)
    .map((count) => ({ text: `every ${count}h`, minutes: [0], hours: range(0, 23, count) })),
  fc
    .tuple(
      fc.constantFrom(2, 3, 4, 6, 8, 12),
      fc.integer({ min: 0, max: 11 }),
      fc.integer({ min: 0, max: 59 }),
    )
    .filter(([count, first]) => first < count)
    .map(([count, first, minute]) => ({
      text: `every ${count} hours starting at ${clock24(first, minute)}`,
      minutes: [minute],
      hours: range(first, 23, count),
    })),
  fc
    .tuple(fc.constantFrom(1, 2, 3), fc.integer({ min: 1, max: 23 }), fc.integer({ min: 13, max: 23 }))
    .filter(([, from, to]) => from < to)
    .map(([count, from, to]) => ({
      text: `from ${from} to ${to} every ${count} hours`,
      minutes: [0],
      hours: range(from, to, count),
    })),
  fc.constantFrom(1, 2, 3, 5, 10, 15, 20, 30).map((count) => ({
    text: `every ${count} minutes`,
    minutes: range(0, 59, count),
    hours: everyHour,
  })),
  fc.tuple(fc.constantFrom(1, 2, 3, 4, 6, 8, 12), someOf(range(0, 59), 3)).map(([count, minutes]) => ({
    text: `every ${count} hours at ${joined(minutes.map((minute) => `:${String(minute).padStart(2, "0")}`))}`,
    minutes: sorted(minutes),
    hours: range(0, 23, count),
  })),
  fc
    .tuple(
      fc.constantFrom(5, 10, 15, 20, 30),
      fc.integer({ min: 0, max: 22 }),
      fc.integer({ min: 1, max: 23 }),
    )
    .filter(([, from, to]) => from < to)
    .map(([count, from, to]) => ({
      text: `every ${count} minutes between ${clock24(from, 0)} and ${clock12(to, 0)}`,
      minutes: range(0, 59, count),
      hours: range(from, to - 1),
    })),
  fc
    .tuple(
      fc.constantFrom(1, 2, 3),
      fc.integer({ min: 0, max: 23 }),
      fc.integer({ min: 0, max: 23 }),
      fc.integer({ min: 0, max: 59 }),
    )
    .filter(([, from, to]) => from < to)
    .map(([count, from, to, minute]) => ({
      text: `every ${count} hours from ${clock12(from, minute)} until ${clock24(to, minute)}`,
      minutes: [minute],
      hours: range(from, to, count),
    })),
);

type DayPart = Part<"days" | "months" | "weekdays">;

const weekdayLists = someOf(everyWeekday, 4).map((weekdays) => ({
  weekdays: sorted(weekdays),
  names: weekdays.map((weekday) => String(weekdayNames[weekday])),
}));
const monthLists = someOf(everyMonth, 3).map((months) => ({
  months: sorted(months),
  names: months.map((month) => String(monthNames[month - 1])),
}));
const dateLists = someOf(range(1, 28), 3).map((days) => ({ days: sorted(days), names: days.map(ordinal) }));
const anyTime = { days: everyDay, months: everyMonth, weekdays: everyWeekday };

/** The days in sentences with a step, which already repeats. */
const limits: fc.Arbitrary<DayPart> = fc.oneof(
  fc.constant({ text: "", ...anyTime }),
  fc.constant({ text: "on weekdays", ...anyTime, weekdays: range(1, 5) }),
  weekdayLists.map(({ weekdays, names }) => ({
    text: `on ${joined(names.map((name) => `${name}s`))}`,
    ...anyTime,
    weekdays,
  })),
  dateLists.map(({ days, names }) => ({ text: `on the ${joined(names)} of every month`, ...anyTime, days })),
  fc.tuple(dateLists, monthLists).map(([dates, { months, names }]) => ({
    text: `on the ${joined(dates.names)} of ${joined(names)}`,
    ...anyTime,
    days: dates.days,
    months,
  })),
  monthLists.map(({ months, names }) => ({ text: `in ${joined(names)}`, ...anyTime, months })),
);

/** The days in sentences that have their own times. */
const days: fc.Arbitrary<DayPart> = fc.oneof(
  fc.constantFrom("every day", "daily", "each day").map((text) => ({ text, ...anyTime })),
  fc
    .constantFrom("every weekday", "weekdays", "Monday to Friday")
    .map((text) => ({ text, ...anyTime, weekdays: range(1, 5) })),
  fc.constantFrom("every weekend", "on weekends").map((text) => ({ text, ...anyTime, weekdays: [0, 6] })),
  weekdayLists.map(({ weekdays, names }) => ({ text: `every ${joined(names)}`, ...anyTime, weekdays })),
  weekdayLists.map(({ weekdays, names }) => ({
    text: `every day except ${joined(names)}`,
    ...anyTime,
    weekdays: everyWeekday.filter((day) => !weekdays.includes(day)),
  })),
  weekdayLists
    .filter(({ weekdays }) => weekdays.length > 1)
    .chain((list) => fc.tuple(fc.constant(list), fc.constantFrom("/", ", ", " & "), fc.constantFrom(2, 3)))
    .map(([{ weekdays, names }, joint, length]) => ({
      text: names.map((name) => name.slice(0, length)).join(joint),
      ...anyTime,
      weekdays,
    })),
  dateLists.map(({ days, names }) => ({ text: `on the ${joined(names)} of each month`, ...anyTime, days })),
  fc.tuple(dateLists, monthLists).map(([dates, { months, names }]) => ({
    text: `every year on the ${joined(dates.names)} of ${joined(names)}`,
    ...anyTime,
    days: dates.days,
    months,
  })),
  fc.tuple(dateLists, fc.constantFrom(...everyMonth)).map(([dates, month]) => ({
    text: `every ${monthNames[month - 1]} ${joined(dates.names)}`,
    ...anyTime,
    days: dates.days,
    months: [month],
  })),
  fc.tuple(weekdayLists, monthLists).map(([{ weekdays, names }, months]) => ({
    text: `every ${joined(names)} in ${joined(months.names)}`,
    ...anyTime,
    weekdays,
    months: months.months,
  })),
  fc.tuple(dateLists, weekdayLists).map(([dates, { weekdays, names }]) => ({
    text: `on the ${joined(dates.names)} of every month, or on every ${joined(names)}`,
    ...anyTime,
    days: dates.days,
    weekdays,
  })),
);

/** Times and days in either order, in any case, with extra spaces. */
export const anySentence: fc.Arbitrary<Sentence> = fc
  .tuple(
    fc.oneof(fc.tuple(clockTimes, days), fc.tuple(stepped, limits)),
    fc.boolean(),
    fc.constantFrom(
      (text: string) => text,
      (text: string) => text.toUpperCase(),
      (text: string) => ` ${text.replaceAll(" ", "  ")}. `,
    ),
  )
  .map(([[times, day], isTimeFirst, dress]) => {
    const parts = isTimeFirst ? [times.text, day.text] : [day.text, times.text];
    const fields = {
      minutes: times.minutes,
      hours: times.hours,
      days: day.days,
      months: day.months,
      weekdays: day.weekdays,
    };
    return {
      text: dress(parts.filter((part) => part !== "").join(" ")),
      cron: formatCron(normalize(fields)),
    };
  });
