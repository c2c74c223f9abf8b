import { quote } from "../refusal.js";
import { type Cursor, refuseFinally, refuseWords } from "./cursor.js";
import { readDates, readExcept, readMonths, readStart, readWeekdays } from "./days.js";
import { type Period, partsOfDay, periods, setPart, type WordDraft } from "./draft.js";
import { everyCount, formatClock, readInPart } from "./time-window.js";
import { readDayWindow, readTimes, stopAtTime, takeTime } from "./times.js";
import type { Token } from "./tokens.js";

/** Reads a part of a schedule, and returns true if it consumed any words; parts come in any order. */
type Clause = (cursor: Cursor, draft: WordDraft) => boolean;

const clauses: readonly Clause[] = [
  readEvery,
  readAdverb,
  readOnce,
  readUtc,
  readLength,
  readPartOfDay,
  readInPart,
  readStart,
  readExcept,
  readStarting,
  readOnTheHour,
  readDayWindow,
  readTimes,
  readMonths,
  readOn,
  readDates,
  readWeekdays,
];

/** Reads every part of a text; throws Refused at the first word that fits no part. */
export function readClauses(cursor: Cursor): WordDraft {
  const draft: WordDraft = {};
  while (!cursor.isDone()) {
    readClause(cursor, draft);
    if (cursor.peek().text === ",") cursor.take("separator");
    else continue;
    if (cursor.isDone()) cursor.stop();
  }
  return draft;
}

function readClause(cursor: Cursor, draft: WordDraft): void {
  const hasDay = draft.weekdays !== undefined || draft.dates !== undefined;
  if (hasDay && cursor.takeWord("or")) {
    setPart(draft, "isEither", true);
    cursor.takeWord("on");
    const isNamed = draft.weekdays === undefined ? readWeekdays : readDates;
    if (isNamed(cursor, draft)) return;
    cursor.stop();
  }
  const token = cursor.peek();
  if (clauses.some((clause) => clause(cursor, draft))) return;
  if (token.kind === "separator" && token.column > 1) {
    refuseWords(
      `${quote(token.text)} joins two schedules here (column ${token.column})`,
      "use one automation for each; times, weekdays or dates can be combined",
    );
  }
  cursor.stop();
}

function readEvery(cursor: Cursor, draft: WordDraft): boolean {
  return cursor.attempt(() => {
    if (!cursor.takeWord("every", "each")) return false;
    draft.repeats = true;
    // "every second" may be a unit or every other one, never the 2nd.
    if (cursor.peek().text.toLowerCase() === "second") return cursor.stop();
    if (readCounted(cursor, draft) || readUnit(cursor, draft)) return true;
    const part = partsOfDay.find((word) => cursor.takeWord(word));
    if (part !== undefined) return setPart(draft, "period", "day") && setPart(draft, "partOfDay", part);
    if (readEveryDate(cursor, draft) || readWeekdays(cursor, draft)) return true;
    if (cursor.peek().kind === "month") {
      refuseWords(`it doesn't say which day of ${cursor.peek().text}`, "every January 1st at 9am");
    }
    return cursor.stop();
  });
}

/** `every 31st` is a day of every month; "every third" may be a third anything. */
function readEveryDate(cursor: Cursor, draft: WordDraft): boolean {
  const isInDigits = /^\d/.test(cursor.peek().text);
  if (!readDates(cursor, draft)) return false;
  if (isInDigits && draft.dates?.every(({ month }) => month === undefined)) draft.isEveryMonth = true;
  return true;
}

/** Only `5m` by itself is a repetition, because "5m on weekdays" may be a duration. */
function readLength(cursor: Cursor, draft: WordDraft): boolean {
  const isWholeDraft = Object.keys(draft).length === 0 && cursor.peek(1).kind === "end";
  const token = cursor.peek();
  if (!isWholeDraft || token.kind !== "span") return false;
  if (token.clock !== undefined) refuseLengthOrTime(token, token.clock);
  draft.repeats = true;
  return readSpan(cursor, draft);
}

/** `8h` may mean 08:00 or every 8 hours. */
function refuseLengthOrTime({ text, unit, count }: Token & { kind: "span" }, clock: number): never {
  const daily = `every day at ${formatClock(clock)}`;
  const often = unit === "hour" && 24 % count === 0 ? `${everyCount(count, "hour")}, or ` : "";
  return refuseFinally(`${quote(text)} could be a time or an interval`, often + daily);
}

function readSpan(cursor: Cursor, draft: WordDraft): boolean {
  const span = cursor.take("span");
  return span !== undefined && setPart(draft, "step", { unit: span.unit, count: span.count });
}

/** Reads `starting at 3am`, after the hours that it moves. */
function readStarting(cursor: Cursor, draft: WordDraft): boolean {
  const start = cursor.attempt(() => {
    if (!cursor.takeWord("starting", "beginning")) return undefined;
    cursor.takeWord("at", "from");
    const time = takeTime(cursor, draft, { isAt: true });
    const isMoving = draft.step?.unit === "hour" && draft.step.count > 1;
    if (time === undefined && isMoving && cursor.peek().kind === "number")
      stopAtTime(cursor, draft, { isWindow: true, stop: refuseFinally });
    return time;
  });
  return start !== undefined && setPart(draft, "start", start);
}

/** Reads `weekday mornings`, `every monday morning`, whose time of day is a range. */
function readPartOfDay(cursor: Cursor, draft: WordDraft): boolean {
  if (draft.weekdays === undefined) return false;
  const singular = partsOfDay.find((word) => cursor.takeWord(word));
  if (singular !== undefined) return setPart(draft, "partOfDay", singular);
  const plural = partsOfDay.find((word) => cursor.takeWord(`${word}s`));
  if (plural === undefined) return false;
  draft.repeats = true;
  return setPart(draft, "partOfDay", plural);
}

/** `15 minutes`, `2 hours`, `3 months`, `1 day`, after "every". */
function readCounted(cursor: Cursor, draft: WordDraft): boolean {
  return cursor.attempt(() => {
    if (readSpan(cursor, draft)) return true;
    const count = cursor.take("number")?.value;
    if (count === undefined) return false;
    if (cursor.takeWord("minute", "minutes", "min", "mins")) {
      return setPart(draft, "step", { unit: "minute", count });
    }
    if (cursor.takeWord("hour", "hours", "hr", "hrs", "h")) {
      const isWhole = Number.isInteger(count);
      return setPart(
        draft,
        "step",
        isWhole ? { unit: "hour", count } : { unit: "minute", count: count * 60 },
      );
    }
    if (cursor.takeWord("month", "months")) return setPart(draft, "monthStep", count);
    const period = count === 1 ? periods.find((word) => cursor.takeWord(word, `${word}s`)) : undefined;
    return period !== undefined && setPart(draft, "period", period);
  });
}

/** `minute`, `hour`, `half hour`, `day` … `year`, after "every" or "once a". */
function readUnit(cursor: Cursor, draft: WordDraft): boolean {
  const minute = (count: number) => setPart(draft, "step", { unit: "minute", count });
  if (cursor.takeWord("minute")) return minute(1);
  if (cursor.takeWord("hour")) return setPart(draft, "step", { unit: "hour", count: 1 });
  if (cursor.takeWords("half", "hour") || cursor.takeWords("half", "an", "hour")) return minute(30);
  if (cursor.takeWords("quarter", "hour") || cursor.takeWords("quarter", "of", "an", "hour")) {
    return minute(15);
  }
  const period = periods.find((word) => cursor.takeWord(word));
  return period !== undefined && setPart(draft, "period", period);
}

const adverbs: readonly [string, Period][] = [
  ["daily", "day"],
  ["everyday", "day"],
  ["weekly", "week"],
  ["monthly", "month"],
  ["quarterly", "quarter"],
  ["yearly", "year"],
  ["annually", "year"],
];

function readAdverb(cursor: Cursor, draft: WordDraft): boolean {
  if (cursor.takeWord("hourly")) {
    draft.repeats = true;
    return setPart(draft, "step", { unit: "hour", count: 1 });
  }
  const [, period] = adverbs.find(([word]) => cursor.takeWord(word)) ?? [];
  if (period === undefined) return false;
  draft.repeats = true;
  return setPart(draft, "period", period);
}

function readOnce(cursor: Cursor, draft: WordDraft): boolean {
  return cursor.attempt(() => {
    if (!cursor.takeWord("once") || !cursor.takeWord("a", "an", "every", "each", "per")) return false;
    draft.repeats = true;
    return readUnit(cursor, draft);
  });
}

function readUtc(cursor: Cursor, draft: WordDraft): boolean {
  if (!cursor.takeWord("utc")) return false;
  draft.isUtc = true;
  return true;
}

function readOnTheHour(cursor: Cursor, draft: WordDraft): boolean {
  return cursor.takeWords("on", "the", "hour") && setPart(draft, "past", [0]);
}

function readOn(cursor: Cursor, draft: WordDraft): boolean {
  if (!cursor.takeWord("on")) return false;
  if (readDates(cursor, draft) || readWeekdays(cursor, draft)) return true;
  return cursor.stop();
}
