/** Reads a schedule in words, or several joined. */

import {
  type CronFields,
  daysInMonth,
  everyDay,
  everyMonth,
  everyWeekday,
  formatCron,
  isSame,
  monthNames,
  normalize,
  range,
  sorted,
} from "../fields.js";
import { createRefusal, enumerated, orRefusal, Refused, type ScheduleRefusal } from "../refusal.js";
import { readClauses } from "./clauses.js";
import { askForName, Cursor, refuseFinally, refuseWords } from "./cursor.js";
import { frequencyIn, typedParts, typedSchedule } from "./days.js";
import type { NamedDate, WordDraft } from "./draft.js";
import { listTimes, refuseOutside, refuseSteps, stepTimes, type Times } from "./time-window.js";
import { ordinal, tokenize } from "./tokens.js";
import { findUnsupported } from "./unsupported-forms.js";

interface UnderstoodWords {
  ok: true;
  fields: CronFields;
  note?: string | undefined;
  isUtc: boolean;
}

type WordsReading = UnderstoodWords | ScheduleRefusal;

/** Reads a schedule in words with a closed grammar, and refuses unknown words. */
export function readWords(text: string): WordsReading {
  const reading = tryReading(text);
  if (!(reading instanceof Refused)) return reading;
  const several = splitSchedules(text, readTimed);
  return several === undefined ? explainRefusal(text, reading) : joinSchedules(several);
}

function explainRefusal(text: string, { refusal, isFinal, misfit }: Refused): ScheduleRefusal {
  const uneven = refuseFrequency(text);
  if (uneven !== undefined) return uneven;
  if (isFinal) return createRefusal(refusal.reason, refusal.hint ?? typedSchedule(typedParts(text)));
  const candidates = /\b(?:every|each)\b/i.test(text) ? [] : addRepetition(text.trim());
  const repeated = candidates.find((candidate) => readQuietly(candidate) !== undefined);
  if (repeated !== undefined) return createRefusal("it doesn't say that it repeats", repeated);
  const unsupported = findUnsupported(text, cronOf);
  if (unsupported !== undefined || misfit === undefined) return unsupported ?? refusal;
  const { at, length, names } = misfit;
  const fitting = names.find((name) => {
    const reading = tryReading(text.slice(0, at) + name + text.slice(at + length));
    return !(reading instanceof Refused && reading.misfit?.at === at);
  });
  return createRefusal(refusal.reason, askForName(fitting) ?? refusal.hint);
}

/** Refuses an impossible frequency first, whatever else the text says; if possible, the hint keeps the rest. */
function refuseFrequency(text: string): ScheduleRefusal | undefined {
  const often = frequencyIn(text);
  const refused = often === undefined ? undefined : tryReading(often);
  if (often === undefined || !(refused instanceof Refused) || !refused.isFinal) return undefined;
  const { reason, hint = "" } = refused.refusal;
  const nearest = hint.split(" or ").map((other) => text.trim().replace(often, other));
  return createRefusal(
    reason,
    nearest.filter((other) => readQuietly(other) !== undefined).join(" or ") || hint,
  );
}

function cronOf(text: string): string | undefined {
  const reading = readQuietly(text);
  return reading && formatCron(reading.fields);
}

function readQuietly(text: string): UnderstoodWords | undefined {
  const reading = tryReading(text);
  return reading instanceof Refused ? undefined : reading;
}

function tryReading(text: string): UnderstoodWords | Refused {
  return orRefusal(() => assemble(readClauses(new Cursor(tokenize(text)))));
}

/** Reads a part that has its own times of day, because without any it could mean those of the part beside it. */
function readTimed(part: string): SchedulePart | undefined {
  const hasTime = tokenize(part).some(({ kind }) => kind === "time" || kind === "number");
  const isStepped = /\b(?:hour|minute|min|hr)(?:s|ly)?\b|\d[hm]\b/i.test(part);
  return hasTime && !isStepped ? readQuietly(part) : undefined;
}

function joinSchedules(several: readonly SchedulePart[]): WordsReading {
  const all = several.map(({ fields }) => fields);
  const fields = uniteFields(all);
  const isUtc = several.some((each) => each.isUtc);
  if (fields !== undefined) return { ok: true, fields: normalize(fields), isUtc };
  const count = all.length === 2 ? "two" : "three";
  return createRefusal(`one cron can't express all of it: ${count} automations are needed`, listCrons(all));
}

function addRepetition(text: string): string[] {
  const everyMonth = text.replace(/(\d(?:st|nd|rd|th))\b(?!.*\d(?:st|nd|rd|th)\b)/i, "$1 of every month");
  return [everyMonth, `every ${text}`, `every day at ${text}`, `every day ${text}`];
}

function assemble(draft: WordDraft): UnderstoodWords {
  refuseImpossibleDates(draft);
  const isWeekly = draft.isDayList === true && draft.times !== undefined;
  if (draft.repeats !== true && !isWeekly) {
    refuseWords("it doesn't say that it repeats", "every day at 9am, every Monday at 9am");
  }
  refuseContradictions(draft);
  const times = readTimesOf(draft);
  const days = readDaysOf(draft);
  if (times.isOvernight && !isSame(days.days.concat(days.weekdays, days.months), allDays)) {
    refuseWords(
      "hours across midnight on certain days can't be one cron: after midnight it is the next day",
      "a window within one day",
    );
  }
  const fields = normalize({ minutes: times.minutes, hours: times.hours, ...days });
  if (fields.days.length === 0) refuseImpossible(days);
  return { ok: true, fields, isUtc: draft.isUtc === true, note: times.note };
}

const allDays = [...everyDay, ...everyWeekday, ...everyMonth];

function refuseContradictions(draft: WordDraft): void {
  const { step, period, monthStep, weekdays, dates, times, past } = draft;
  const hasDays = weekdays !== undefined || dates !== undefined;
  if (step && times)
    refuseWords("it says both how often and at which time", "every hour at :15, or daily at 9am");
  if (past && times) refuseWords("it says both a time of day and a minute of every hour", "daily at 9:15am");
  const others = [step, monthStep].filter((part) => part !== undefined).length;
  const isRefined = (period === "week" && weekdays) || (period !== "week" && dates);
  if (period && period !== "day" && others > 0 && !isRefined)
    refuseWords("it says how often in two ways", "every 15 minutes");
  if (period === "day" && monthStep) refuseWords("it says how often in two ways", "every day at 9am");
  if (period === "day" && hasDays) {
    refuseWords("it says both every day and certain days", "every weekday at 9am, or every day at 9am");
  }
  if (period === "week" && dates) refuseWords("it says both every week and a date", "every Monday at 9am");
  if (weekdays && (monthStep || (period && period !== "week"))) {
    refuseWords(`it says both a weekday and every ${period ?? "few months"}`, "every Monday at 9am");
  }
  if (weekdays && dates && !draft.isEither) {
    refuseWords(
      "in a cron, a date with a weekday means either one",
      'say "or": at 9am on the 13th of every month, or on every Friday',
    );
  }
}

function readTimesOf(draft: WordDraft): Times {
  if (draft.step && draft.partOfDay) refuseSteps(draft.partOfDay);
  if (draft.step) return stepTimes(draft.step, draft);
  if (draft.window)
    refuseWords("it doesn't say how often in that window", "every 15 minutes between 9am and 5pm");
  if (draft.start !== undefined) refuseWords("a cron has no start or end", "every day at 9am");
  if (draft.past) refuseWords("it says a minute, but not for which hours", "every hour at :15");
  const times = draft.times ?? [0];
  if (draft.partOfDay) refuseOutside(draft.partOfDay, draft.times);
  return listTimes(times);
}

type Days = Pick<CronFields, "days" | "months" | "weekdays">;

/** Returns a draft's days. Throws Refused if cron can't express them. */
function readDaysOf(draft: WordDraft): Days {
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
  if (hasDates) refuseFinally("exceptions work only with weekdays", "every day except Sunday at 9am");
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
    refuseWords(
      "these dates can't be one cron: the months don't have the same days",
      "use one automation for each",
    );
  }
  return { days, months };
}

function monthsOf(draft: WordDraft): number[] {
  if (draft.monthStep !== undefined) return monthsByStep(draft);
  if (draft.months !== undefined) return sorted(draft.months);
  if (draft.isEveryMonth || draft.period === "month") return everyMonth;
  return refuseWords("it says a day, but not in which month", "on the 1st of every month at 9am");
}

/** Refuses invalid dates first, because a missing repetition is a smaller mistake. */
function refuseImpossibleDates({ dates = [] }: WordDraft): void {
  for (const { day, month } of dates) {
    const isImpossible = month !== undefined && day > daysInMonth(month) && day <= 31;
    if (isImpossible) refuseImpossible({ days: [day], months: [month] });
  }
}

function refuseImpossible({ days, months }: Pick<Days, "days" | "months">): never {
  const names = months.map((month) => String(monthNames[month - 1]));
  const reason = `${enumerated(names)} never has a ${enumerated(days.map(ordinal), "or")}`;
  const lastDay = `its last day is the ${ordinal(Math.max(...months.map(daysInMonth)))}`;
  throw new Refused({ ...createRefusal(reason, lastDay), isNever: true });
}

interface SchedulePart {
  fields: CronFields;
  isUtc: boolean;
}

/** Maximum length of a text, because trying all readings of a longer text would take too long. */
const longestText = 200;
const mostJoints = 8;
const mostParts = 3;

/** Splits a text into schedules that each have their own times; undefined if it isn't such a list. */
function splitSchedules(
  text: string,
  read: (part: string) => SchedulePart | undefined,
  most = mostParts,
): SchedulePart[] | undefined {
  if (text.length > longestText) return undefined;
  const joints = [...text.matchAll(/\s*[,;]\s*(?:and\b)?|\s+(?:and|&)\b/gi)].slice(0, mostJoints);
  for (const { 0: joint, index } of joints) {
    const first = read(text.slice(0, index));
    if (first === undefined) continue;
    const rest = text.slice(index + joint.length).trim();
    // The first part's repetition also applies to the second: "every monday at 9:00, friday at 17:00".
    const second = read(rest) ?? read(`every ${rest}`);
    if (second !== undefined) return [first, second];
    const split = (others: string) => splitSchedules(others, read, most - 1);
    const others = most > 2 ? (split(rest) ?? split(`every ${rest}`)) : undefined;
    if (others !== undefined) return [first, ...others];
  }
  return undefined;
}

/** Combines several cron expressions into one with all of their times; undefined if none has exactly those. */
function uniteFields(all: readonly CronFields[]): CronFields | undefined {
  return all
    .slice(1)
    .reduce<CronFields | undefined>((united, fields) => united && uniteTwo(united, fields), all[0]);
}

function uniteTwo(one: CronFields, other: CronFields): CronFields | undefined {
  const hasSame = (names: readonly (keyof CronFields)[]) =>
    names.every((name) => isSame(one[name], other[name]));
  if (!hasSame(["days", "months"])) return undefined;
  if (hasSame(["minutes", "hours"]) && one.days.length === 31)
    return { ...one, weekdays: sorted([...one.weekdays, ...other.weekdays]) };
  if (!hasSame(["weekdays"])) return undefined;
  if (hasSame(["minutes"])) return { ...one, hours: sorted([...one.hours, ...other.hours]) };
  return hasSame(["hours"]) ? { ...one, minutes: sorted([...one.minutes, ...other.minutes]) } : undefined;
}

/** `0 9 * * 1 and 0 17 * * 5`. */
function listCrons(all: readonly CronFields[]): string {
  return enumerated(all.map(formatCron));
}
