import { quote } from "../refusal.js";
import { type Cursor, refuseFinally, refuseWords } from "./cursor.js";
import { setPart, type WordDraft } from "./draft.js";
import { readHoursOfPart, readInPart, timeInPart } from "./time-window.js";
import { hintOnHour, timeHint } from "./tokens.js";

/** `at 9am and 5pm`, `at :15`, `at half past`, `at 17h`; "at" is optional before a time. */
export function readTimes(cursor: Cursor, draft: WordDraft): boolean {
  const hasAt = cursor.takeWord("at");
  const spoken = readSpoken(cursor, draft);
  if (spoken !== undefined) return setPart(draft, "times", [spoken]);
  const past =
    cursor.list(() => cursor.take("past")?.value) ??
    readQuarterPast(cursor, draft) ??
    cursor.attempt(() => readMinutesPast(cursor, draft));
  if (past !== undefined) return setPart(draft, "past", past);
  const times = cursor.list(() => takeTime(cursor, draft, { isAt: hasAt }));
  if (times !== undefined) return setPart(draft, "times", times);
  const hours = hasAt ? readHoursOfPart(cursor, draft) : undefined;
  if (hours !== undefined) return setPart(draft, "times", hours);
  if (hasAt) stopAtTime(cursor, draft);
  return false;
}

const quarters = [
  { words: ["half", "past"], minutes: 30 },
  { words: ["quarter", "past"], minutes: 15 },
  { words: ["quarter", "to"], minutes: -15 },
] as const;

/** `half past noon`, `quarter to nine am`; refuses an hour that may be the morning's or the evening's. */
function readSpoken(cursor: Cursor, draft: WordDraft): number | undefined {
  return cursor.attempt(() => {
    const quarter = quarters.find(({ words }) => cursor.takeWords(...words));
    if (quarter === undefined) return undefined;
    const token = cursor.peek();
    const hour = cursor.take("number")?.value;
    const minuteOfDay = hour === undefined ? takeTime(cursor, draft) : hour * 60;
    if (minuteOfDay === undefined || minuteOfDay % 60 !== 0 || minuteOfDay >= 1440) return undefined;
    const time = (minuteOfDay + quarter.minutes + 1440) % 1440;
    // "Quarter to twelve pm" may be a quarter to noon, or a quarter to midnight.
    const isTwelve = quarter.minutes < 0 && /^(?:12|twelve) ?[ap]/i.test(token.text);
    if (hour === undefined ? !isTwelve : hour > 12 || hour === 0) return time;
    const isOfPart = hour !== undefined && (draft.partOfDay !== undefined || readInPart(cursor, draft));
    const found = isOfPart ? timeInPart(draft.partOfDay, { hour, minutes: quarter.minutes }) : undefined;
    if (found !== undefined) return found;
    const said = `${quarter.words.join(" ")} ${token.text}`;
    const [morning, evening] = [time % 720, (time % 720) + 720].map(formatHalf);
    return refuseFinally(
      `${quote(said)} could be the morning or the evening (column ${token.column})`,
      `${morning} or ${evening}?`,
    );
  });
}

/** `at half past`, `quarter past every hour`: minutes in every hour. */
function readQuarterPast(cursor: Cursor, draft: WordDraft): number[] | undefined {
  const quarter = quarters.find(({ words }) => cursor.takeWords(...words));
  if (quarter === undefined) return undefined;
  readOfHour(cursor, draft);
  return [(quarter.minutes + 60) % 60];
}

function formatHalf(minuteOfDay: number): string {
  const hour = Math.floor(minuteOfDay / 60);
  const minute = minuteOfDay % 60;
  const past = minute === 0 ? "" : `:${String(minute).padStart(2, "0")}`;
  return `${hour % 12 === 0 ? 12 : hour % 12}${past}${hour < 12 ? "am" : "pm"}`;
}

/** `15 minutes past the hour`, `15 past`, `minute 15`. */
function readMinutesPast(cursor: Cursor, draft: WordDraft): number[] | undefined {
  const isMinute = cursor.takeWord("minute", "minutes");
  const minutes = cursor.list(() => cursor.take("number")?.value);
  if (minutes === undefined) return undefined;
  if (!isMinute) {
    cursor.takeWord("minute", "minutes");
    if (!cursor.takeWord("past", "after")) return undefined;
  }
  readOfHour(cursor, draft);
  if (minutes.some((minute) => minute > 59)) refuseWords("an hour has 60 minutes", "every hour at :15");
  return minutes;
}

/** `every hour` or `the hour`, after minutes. */
function readOfHour(cursor: Cursor, draft: WordDraft): void {
  if (cursor.takeWords("past", "every", "hour") || cursor.takeWords("every", "hour")) {
    draft.repeats = true;
    setPart(draft, "step", { unit: "hour", count: 1 });
  } else cursor.takeWords("the", "hour");
}

const untilWords = ["to", "until", "till", "through", "thru"] as const;

/** `between 9am and 5pm`, `from 09:00 until 16:45`, `9am-5pm`, `from 9 to 17`. */
export function readDayWindow(cursor: Cursor, draft: WordDraft): boolean {
  const isBetween = cursor.takeWord("between");
  const isOpened = isBetween || cursor.attempt(() => takeFrom(cursor));
  const reachesEnd = () => takeUntil(cursor) || (isBetween && cursor.take("separator") !== undefined);
  const window = cursor.attempt(() => {
    const start = cursor.peek();
    const from = takeTime(cursor, draft, { isAt: isOpened });
    if (from === undefined) return undefined;
    if (!reachesEnd()) {
      const hint = `until when? for example: from ${start.text} to midnight`;
      return isOpened ? refuseWords("a window needs its end", hint) : undefined;
    }
    const to = takeTime(cursor, draft, { isAt: isOpened });
    if (to === undefined) stopAtTime(cursor, draft, { isWindow: true });
    return { from, to };
  });
  const found = window ?? cursor.attempt(() => readHours(cursor, draft, { isOpened, reachesEnd }));
  if (found !== undefined) return setPart(draft, "window", found);
  if (isOpened) stopAtTime(cursor, draft, { isWindow: true });
  return false;
}

/** `9 to 17`, in which the 17 implies a 24-hour clock; `9-5` is ambiguous. */
function readHours(
  cursor: Cursor,
  draft: WordDraft,
  { isOpened, reachesEnd }: { isOpened: boolean; reachesEnd(): boolean },
): WordDraft["window"] {
  const start = cursor.peek();
  const from = cursor.take("number")?.value;
  if (from === undefined || from > 23 || !reachesEnd()) return undefined;
  const to = cursor.take("number")?.value;
  if (to === undefined || to > 24) return undefined;
  // "9-17 of every month" and "9 to 17 in June" may be days: hours come before "every" or after an opening word.
  if (cursor.peek().kind === "month" || cursor.sees("in", "of", "during", "past", "after", "minutes"))
    return undefined;
  if (!isOpened && !cursor.sees("every", "each", "hourly")) {
    if (draft.step === undefined || to <= from) return undefined;
    return refuseWords(`${quote(`${from}-${to}`)} could be hours or minutes`, `from ${from}:00 to ${to}:00`);
  }
  if (from === 0 || from > 12 || to === 0 || to > 12) return { from: from * 60, to: (to % 24) * 60 };
  const said = `${from} to ${to}`;
  return refuseFinally(
    `${quote(said)} could be the morning or the evening (column ${start.column})`,
    `${halvesOf(from % 12, to % 12).join(" or ")}?`,
  );
}

/** What two hours can mean: if the first is earlier, both in the same half of the day, or else one in each half. */
function halvesOf(from: number, to: number): string[] {
  const span = (start: number, end: number) => `${formatHalf(start * 60)}-${formatHalf((end % 24) * 60)}`;
  return from < to ? [span(from, to), span(from + 12, to + 12)] : [span(from, to + 12)];
}

function takeFrom(cursor: Cursor): boolean {
  return cursor.takeWord("from") && !["month", "weekday"].includes(cursor.peek().kind);
}

export function takeUntil(cursor: Cursor): boolean {
  return cursor.takeWord(...untilWords) || cursor.take("dash") !== undefined;
}

/** `isAt`: a time must follow, so that `17h` is one. */
export function takeTime(cursor: Cursor, draft: WordDraft, { isAt = false } = {}): number | undefined {
  const time = cursor.take("time")?.value ?? (isAt ? takeClock(cursor) : undefined);
  if (time !== undefined && cursor.takeWord("utc")) draft.isUtc = true;
  return time;
}

function takeClock(cursor: Cursor): number | undefined {
  return cursor.attempt(() => cursor.take("span")?.clock);
}

/** Throws for a missing time, because an hour alone may be in the morning or in the evening. */
export function stopAtTime(
  cursor: Cursor,
  draft: WordDraft,
  { isWindow = false, stop = refuseWords }: { isWindow?: boolean; stop?: typeof refuseWords } = {},
): never {
  const token = cursor.peek();
  if (token.kind !== "number") return cursor.stop();
  const what = `${quote(token.text)} alone isn't a time (column ${token.column})`;
  if (!isWindow && draft.step?.unit === "hour" && token.value < 60) {
    return refuseWords(what, `write at :${String(token.value).padStart(2, "0")}`);
  }
  return stop(what, hintOnNumber(token));
}

function hintOnNumber({ text, value }: { text: string; value: number }): string {
  if (/^\d{3,4}$/.test(text)) return `write ${text.slice(0, -2).padStart(2, "0")}:${text.slice(-2)}`;
  return value > 24 ? timeHint : hintOnHour(value % 24);
}
