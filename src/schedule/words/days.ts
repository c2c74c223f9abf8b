import { everyWeekday, monthNames, range, sorted, weekdayNames } from "../fields.js";
import { everyWeekdayIn } from "../phrases.js";
import { enumerated, orRefusal, quote } from "../refusal.js";
import { Cursor, refuseFinally, refuseWords } from "./cursor.js";
import { type NamedDate, partsOfDay, setPart, type WordDraft } from "./draft.js";
import { usualTimes } from "./time-window.js";
import { takeUntil } from "./times.js";
import { numberNames, ordinal, type Token, tokenize } from "./tokens.js";

/** Values from one to the other, perhaps past the end of the cycle: friday to monday. */
function cycle(from: number, to: number, all: readonly number[]): number[] {
  if (from <= to) return all.filter((value) => value >= from && value <= to);
  return all.filter((value) => value >= from || value <= to);
}

/** `monday, wednesday and friday`, `mon/wed`, `mondays`, `monday to friday`, `mo-fr`, `weekdays`, `weekend`. */
export function readWeekdays(cursor: Cursor, draft: WordDraft): boolean {
  const found = cursor.attempt(() => {
    cursor.takeWord("from");
    const first = cursor.peek();
    const items = cursor.list(() => readWeekday(cursor, draft), "slash");
    // "every mo" may be a month: two letters mean a weekday only beside another.
    if (first.kind === "weekday" && first.form === "short" && items?.flat().length === 1)
      refuseWords(
        `${quote(first.text)} alone could be something else (column ${first.column})`,
        `write ${weekdayNames[first.value]}`,
      );
    return items;
  });
  if (found === undefined) return false;
  if (found.length > 1) draft.isDayList = true;
  const days = found.flat();
  // Different weekdays aren't a repetition, so the hint lists them all.
  if (draft.weekdays?.every((day) => !days.includes(day))) refuseFinally("weekdays need commas between them");
  return setPart(draft, "weekdays", days);
}

function readWeekday(cursor: Cursor, draft: WordDraft): number[] | undefined {
  cursor.takeWord("on");
  if (cursor.takeWord("every", "each")) draft.repeats = true;
  const isPlural = cursor.sees("weekdays", "workdays", "weekends", "m-f");
  if (isPlural) draft.repeats = true;
  if (cursor.takeWord("m-f")) return range(1, 5);
  if (cursor.takeWord("weekday", "workday", "weekdays", "workdays")) return range(1, 5);
  if (cursor.takeWord("weekend", "weekends")) {
    if (!isPlural) cursor.takeWord("day", "days");
    return [6, 0];
  }
  const first = cursor.take("weekday");
  if (first === undefined) return undefined;
  const last = cursor.attempt(() => (takeUntil(cursor) ? cursor.take("weekday") : undefined));
  if (first.form === "plural" || last !== undefined) draft.repeats = true;
  return last === undefined ? [first.value] : cycle(first.value, last.value, everyWeekday);
}

/** `in june and july`, `june to august`. */
export function readMonths(cursor: Cursor, draft: WordDraft): boolean {
  const months = cursor.attempt(() => {
    const isOpened = cursor.takeWord("in", "during", "from");
    const read = cursor.list(() => readMonth(cursor));
    return isOpened || (read?.length === 1 && (read[0]?.length ?? 0) > 1) ? read : undefined;
  });
  return months !== undefined && setPart(draft, "months", months.flat());
}

function readMonth(cursor: Cursor): number[] | undefined {
  const first = cursor.take("month");
  if (first === undefined || ["ordinal", "number"].includes(cursor.peek().kind)) return undefined;
  const last = cursor.attempt(() => (takeUntil(cursor) ? cursor.take("month") : undefined));
  if (last === undefined) return [first.value];
  return cycle(first.value, last.value, range(1, 12));
}

/** `the 1st and 15th of every month`, `january 1st`, `the 1st of april and october`, `1 july`. */
export function readDates(cursor: Cursor, draft: WordDraft): boolean {
  const dates = cursor.list(() => readMonthFirst(cursor, draft) ?? readDayFirst(cursor, draft));
  return dates !== undefined && setPart(draft, "dates", dates.flat());
}

function readMonthFirst(cursor: Cursor, draft: WordDraft): NamedDate[] | undefined {
  return cursor.attempt(() => {
    const isEvery = cursor.takeWord("every", "each");
    const month = cursor.take("month")?.value;
    if (month === undefined) return undefined;
    const days = cursor.list(() => {
      const day = readDay(cursor, true);
      // "january 1st and 15 july": the 15 belongs to July.
      return cursor.peek().kind === "month" ? undefined : day;
    });
    if (days !== undefined && isEvery) draft.repeats = true;
    return days?.flat().map((day) => ({ day, month }));
  });
}

function readDayFirst(cursor: Cursor, draft: WordDraft): NamedDate[] | undefined {
  return cursor.attempt(() => {
    cursor.takeWord("the");
    const areDays = cursor.takeWord("day", "days");
    const areNumbersDays = areDays || cursor.peek().kind === "number";
    const days = cursor.list(() => readDay(cursor, areNumbersDays))?.flat();
    if (days === undefined) return undefined;
    if (["the", "every", "each"].some((word) => cursor.takeWords("of", word, "month"))) {
      draft.repeats = true;
      draft.isEveryMonth = true;
      return days.map((day) => ({ day }));
    }
    const months = readMonthTail(cursor, draft);
    if (months !== undefined) return months.flatMap((month) => days.map((day) => ({ day, month })));
    // A bare "15" is ambiguous.
    return areNumbersDays && !areDays ? undefined : days.map((day) => ({ day }));
  });
}

/** `start of the month`, `at the beginning of every quarter`. */
export function readStart(cursor: Cursor, draft: WordDraft): boolean {
  const period = cursor.attempt(() => {
    cursor.takeWord("at", "on");
    cursor.takeWord("the");
    if (!cursor.takeWord("start", "beginning") || !cursor.takeWord("of")) return undefined;
    cursor.takeWord("the", "every", "each");
    return (["month", "quarter", "year"] as const).find((word) => cursor.takeWord(word));
  });
  if (period === undefined) return false;
  draft.repeats = true;
  return setPart(draft, "period", period);
}

/** `except sunday`, `excluding weekends`. */
export function readExcept(cursor: Cursor, draft: WordDraft): boolean {
  if (!cursor.takeWord("except", "excluding", "but")) return false;
  cursor.takeWord("for", "not");
  const others: WordDraft = {};
  if (!readWeekdays(cursor, others)) cursor.stop();
  return setPart(draft, "except", others.weekdays);
}

/** `of january and july`, `january`. */
function readMonthTail(cursor: Cursor, draft: WordDraft): number[] | undefined {
  return cursor.attempt(() => {
    const isEvery = cursor.takeWord("of") && cursor.takeWord("every", "each");
    const months = cursor.list(() => readMonth(cursor))?.flat();
    if (months !== undefined && isEvery) draft.repeats = true;
    return months;
  });
}

/** `areNumbersDays`: `15` is a day like `15th`. */
function readDay(cursor: Cursor, areNumbersDays: boolean): number[] | undefined {
  const takeDay = () => {
    cursor.takeWord("the");
    return cursor.take("ordinal")?.value ?? (areNumbersDays ? cursor.take("number")?.value : undefined);
  };
  const first = takeDay();
  if (first === undefined) return undefined;
  const last = cursor.attempt(() => (takeUntil(cursor) ? takeDay() : undefined));
  if (last === undefined) return [first];
  return last > first ? range(first, last) : cursor.stop();
}

/** Parts of an unreadable text, so that hints can keep them. */
export interface TypedParts {
  /** `every Friday`, `every weekday`, `on the 15th of every month`. */
  days?: string;
  /** `9am and 5pm`, as written. */
  time?: string;
  /** `every 2 hours`, as written: no hint changes the frequency. */
  often?: string;
}

const mostTimes = 3;

export function typedParts(text: string): TypedParts {
  const tokens = tokenize(text);
  const often = frequencyIn(text);
  const isOfMonths = often !== undefined && /months?$/i.test(often);
  const days = daysIn(tokens) ?? (isOfMonths ? often : undefined);
  return { days, time: timeIn(tokens), often: isOfMonths ? undefined : often };
}

export function typedSchedule({ days, time = "9am", often }: TypedParts): string {
  if (often !== undefined) return days === undefined ? often : `${often} ${days}`;
  return `${days ?? "every day"} at ${time}`;
}

const frequency = new RegExp(
  `\\b(?:every|each) (?:half(?: an)? |(?:\\d+(?:\\.\\d+)?|${numberNames.join("|")}) ?)?(?:minutes?|mins?|m|hours?|hrs?|h|months?)\\b`,
  "i",
);

/** `every 5 hours`, `every 15m`, `every 2 months`, as written. */
export function frequencyIn(text: string): string | undefined {
  return frequency.exec(text)?.[0];
}

function daysIn(tokens: readonly Token[]): string | undefined {
  const weekdays = sorted(tokens.flatMap((_token, start) => weekdaysAt(tokens.slice(start, start + 4))));
  if (weekdays.length > 0 && weekdays.length < everyWeekday.length) return everyWeekdayIn(weekdays);
  const ofYear = tokens.flatMap((token, index) => dateAt(token, tokens[index + 1]));
  if (ofYear[0] !== undefined) return ofYear[0];
  const isMonthly = tokens.some(({ text }) => /^months?$/i.test(text));
  const dates = sorted(tokens.flatMap((token) => (token.kind === "ordinal" ? [token.value] : [])));
  const isReal = dates.length > 0 && dates.every((day) => day >= 1 && day <= 31);
  return isMonthly && isReal ? `on the ${enumerated(dates.map(ordinal))} of every month` : undefined;
}

/** Returns `every January 1st` for `january 1`, `1st january`. */
function dateAt(token: Token, next: Token | undefined): string[] {
  const [month, day] = token.kind === "month" ? [token, next] : [next, token];
  const isDate = month?.kind === "month" && (day?.kind === "ordinal" || day?.kind === "number");
  return isDate ? [`every ${monthNames[month.value - 1]} ${ordinal(day.value)}`] : [];
}

function weekdaysAt(tokens: readonly Token[]): number[] {
  const draft: WordDraft = {};
  const isRead = orRefusal(() => readWeekdays(new Cursor(tokens), draft)) === true;
  return (isRead && draft.weekdays) || [];
}

/** Returns times, except those of a window, which only limit when it runs. */
function timeIn(tokens: readonly Token[]): string | undefined {
  const isWindow = tokens.some(({ kind, text }, index) => {
    const isBetweenTimes = tokens[index - 1]?.kind === "time" && tokens[index + 1]?.kind === "time";
    return /^(?:between|from|to|until|till)$/i.test(text)
      ? isBetweenTimes || /^between$/i.test(text)
      : kind === "dash" && isBetweenTimes;
  });
  if (isWindow) return undefined;
  const times = [...new Set(tokens.flatMap(({ kind, text }) => (kind === "time" ? [text] : [])))];
  if (times.length > 0) return enumerated(times.slice(0, mostTimes));
  const part = partsOfDay.find((name) =>
    tokens.some(({ text }) => new RegExp(`^${name}s?$`, "i").test(text)),
  );
  return part && usualTimes[part];
}
