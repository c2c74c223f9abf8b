import {
  type CronFields,
  daysInMonth,
  everyDay,
  everyMonth,
  everyWeekday,
  monthNames,
  range,
  sorted,
} from "../fields.js";
import { createRefusal, enumerated, Refused } from "../refusal.js";
import { refuseFinally, refuseWords } from "./cursor.js";
import type { NamedDate, WordDraft } from "./draft.js";
import { ordinal } from "./tokens.js";

type Days = Pick<CronFields, "days" | "months" | "weekdays">;

/** Days of a draft. Throws Refused for what no cron can say. */
export function readDaysOf(draft: WordDraft): Days {
  const months = sorted(draft.months ?? everyMonth);
  const weekdays = weekdaysOf(draft);
  if (draft.dates !== undefined) return { ...readDatesOf(draft, draft.dates), weekdays };
  if (draft.monthStep !== undefined) return { days: [1], months: monthsByStep(draft), weekdays };
  const { period } = draft;
  if (draft.months !== undefined && (period === "month" || period === "quarter" || period === "year")) {
    refuseWords("it doesn't say on which day of the month", "every January 1st at 9am");
  }
  if (period === "month") return { days: [1], months, weekdays };
  if (period === "quarter") return { days: [1], months: range(1, 12, 3), weekdays };
  if (period === "year") return { days: [1], months: [1], weekdays };
  if (period === "week" && draft.weekdays === undefined) return { days: everyDay, months, weekdays: [1] };
  return { days: everyDay, months, weekdays };
}

function weekdaysOf({ weekdays, except, dates, monthStep, period }: WordDraft): number[] {
  const named = sorted(weekdays ?? everyWeekday);
  if (except === undefined) return named;
  const hasDates =
    dates !== undefined || monthStep !== undefined || (period !== undefined && period !== "day");
  if (hasDates) refuseFinally("exceptions only go with weekdays", "every day except Sunday at 9am");
  const left = named.filter((day) => !except.includes(day));
  const isSensible = left.length > 0 && except.every((day) => named.includes(day));
  return isSensible
    ? left
    : refuseFinally("an exception must be one of the days", "every day except Sunday at 9am");
}

function monthsByStep({ monthStep = 1, months }: WordDraft): number[] {
  if (months !== undefined)
    refuseWords("it names the months in two ways", "on the 1st of every month at 9am");
  if (monthStep >= 1 && monthStep <= 12 && 12 % monthStep === 0) return range(1, 12, monthStep);
  return refuseFinally(
    `every ${monthStep} months can't be one cron: ${monthStep} doesn't divide the year's 12`,
    "every 2, 3, 4 or 6 months",
  );
}

function readDatesOf(draft: WordDraft, dates: readonly NamedDate[]): Pick<Days, "days" | "months"> {
  const days = sorted(dates.map((date) => date.day));
  const unreal = days.find((day) => day < 1 || day > 31);
  if (unreal !== undefined) refuseWords(`no month has a day ${unreal}`, "1st to 31st");
  const named = dates.flatMap((date) => (date.month === undefined ? [] : [{ ...date, month: date.month }]));
  if (draft.period === "quarter") {
    refuseWords(
      "it doesn't say in which month of the quarter",
      "on the 15th of January, April, July and October",
    );
  }
  if (named.length === 0) return { days, months: monthsOf(draft) };
  if (named.length < dates.length || draft.months || draft.isEveryMonth || draft.period === "month") {
    refuseWords("it names the months in two ways", "on the 1st of every month at 9am");
  }
  if (draft.monthStep) refuseWords("it names the months in two ways", "every 3 months on the 15th");
  const months = sorted(named.map((date) => date.month));
  const isProduct = months.every((month) =>
    days.every(
      (day) => day > daysInMonth(month) || named.some((date) => date.day === day && date.month === month),
    ),
  );
  if (!isProduct) {
    refuseWords("these dates can't be one cron: the months don't have the same days", "one automation each");
  }
  return { days, months };
}

function monthsOf(draft: WordDraft): number[] {
  if (draft.monthStep !== undefined) return monthsByStep(draft);
  if (draft.months !== undefined) return sorted(draft.months);
  if (draft.isEveryMonth || draft.period === "month") return everyMonth;
  return refuseWords("it says a day, but not of which month", "on the 1st of every month at 9am");
}

/** Refuses dates first: that a text doesn't repeat is the smaller mistake. */
export function refuseImpossibleDates({ dates = [] }: WordDraft): void {
  for (const { day, month } of dates) {
    const isImpossible = month !== undefined && day > daysInMonth(month) && day <= 31;
    if (isImpossible) refuseImpossible({ days: [day], months: [month] });
  }
}

export function refuseImpossible({ days, months }: Pick<Days, "days" | "months">): never {
  const names = months.map((month) => String(monthNames[month - 1]));
  const reason = `${enumerated(names)} never has a ${enumerated(days.map(ordinal), "or")}`;
  const lastDay = `its last day is the ${ordinal(Math.max(...months.map(daysInMonth)))}`;
  throw new Refused({ ...createRefusal(reason, lastDay), isNever: true });
}
