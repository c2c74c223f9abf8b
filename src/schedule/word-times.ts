import { quote } from "./refusal.js";
import { type Cursor, refuseWords } from "./word-cursor.js";
import { type Draft, note } from "./word-draft.js";
import { timeHint } from "./word-tokens.js";

/** `at 9am and 5pm`, `at :15`, `at 15 minutes past the hour`; "at" may be left out before a time. */
export function readTimes(cursor: Cursor, draft: Draft): boolean {
  const hasAt = cursor.takeWord("at");
  const past =
    cursor.list(() => cursor.take("past")?.value) ?? cursor.attempt(() => readMinutesPast(cursor, draft));
  if (past !== undefined) return note(draft, "past", past);
  const times = cursor.list(() => takeTime(cursor, draft));
  if (times !== undefined) return note(draft, "times", times);
  if (hasAt) stopAtTime(cursor, draft);
  return false;
}

/** `15 minutes past the hour`, `15 past`, `minute 15`. */
function readMinutesPast(cursor: Cursor, draft: Draft): number[] | undefined {
  const isMinute = cursor.takeWord("minute", "minutes");
  const minutes = cursor.list(() => cursor.take("number")?.value);
  if (minutes === undefined) return undefined;
  if (!isMinute) {
    cursor.takeWord("minute", "minutes");
    if (!cursor.takeWord("past", "after")) return undefined;
  }
  if (cursor.takeWords("past", "every", "hour") || cursor.takeWords("every", "hour")) {
    draft.repeats = true;
    note(draft, "step", { unit: "hour", count: 1 });
  } else cursor.takeWords("the", "hour");
  if (minutes.some((minute) => minute > 59)) refuseWords("an hour has 60 minutes", "every hour at :15");
  return minutes;
}

const untilWords = ["to", "until", "till", "through", "thru"] as const;

/** `between 9am and 5pm`, `from 09:00 until 16:45`, `9am-5pm`. */
export function readWindow(cursor: Cursor, draft: Draft): boolean {
  const isBetween = cursor.takeWord("between");
  const isOpened = isBetween || cursor.attempt(() => takeFrom(cursor)) === true;
  const window = cursor.attempt(() => {
    const from = takeTime(cursor, draft);
    if (from === undefined) return undefined;
    if (!takeUntil(cursor) && !(isBetween && cursor.take("separator"))) {
      return isOpened ? refuseWords("a window needs its end", "between 9am and 5pm") : undefined;
    }
    const to = takeTime(cursor, draft);
    if (to === undefined) stopAtTime(cursor, draft);
    return { from, to };
  });
  if (window !== undefined) return note(draft, "window", window);
  if (isOpened) stopAtTime(cursor, draft);
  return false;
}

/** "from", unless months or weekdays follow. */
function takeFrom(cursor: Cursor): true | undefined {
  if (!cursor.takeWord("from")) return undefined;
  const { kind } = cursor.peek();
  return kind === "month" || kind === "weekday" ? undefined : true;
}

/** "to" and its like, or a dash. */
export function takeUntil(cursor: Cursor): boolean {
  return cursor.takeWord(...untilWords) || cursor.take("dash") !== undefined;
}

function takeTime(cursor: Cursor, draft: Draft): number | undefined {
  const time = cursor.take("time")?.value;
  if (time !== undefined && cursor.takeWord("utc")) draft.isUtc = true;
  return time;
}

/** Stops where a time should stand; an hour alone could be the morning's or the evening's. */
function stopAtTime(cursor: Cursor, draft: Draft): never {
  const token = cursor.peek();
  if (token.kind !== "number") return cursor.stop();
  const what = `${quote(token.text)} alone isn't a time (column ${token.column})`;
  if (draft.step?.unit === "hour" && token.value < 60) {
    return refuseWords(what, `write at :${String(token.value).padStart(2, "0")}`);
  }
  return refuseWords(what, hintOnHour(token.text));
}

function hintOnHour(text: string): string {
  const hour = Number(text);
  if (/^\d{3,4}$/.test(text)) return `write ${text.slice(0, -2).padStart(2, "0")}:${text.slice(-2)}`;
  if (hour > 24) return timeHint;
  if (hour >= 1 && hour <= 12) return `write ${hour}am, ${hour}pm or ${String(hour).padStart(2, "0")}:00`;
  return `write ${hour % 24 === 0 ? "midnight" : `${hour}:00`}`;
}
