import { type Cursor, refuseWords } from "./word-cursor.js";
import { type Draft, note } from "./word-draft.js";

/** `at 9am and 5pm`, `at :15`, `at 15 minutes past the hour`; "at" may be left out before a time. */
export function readTimes(cursor: Cursor, draft: Draft): boolean {
  const hasAt = cursor.takeWord("at");
  const past = cursor.list(() => cursor.take("past")?.value) ?? cursor.attempt(() => readMinutesPast(cursor));
  if (past !== undefined) return note(draft, "past", past);
  const times = cursor.list(() => takeTime(cursor, draft));
  if (times !== undefined) return note(draft, "times", times);
  if (hasAt) stopAtTime(cursor);
  return false;
}

/** `15 minutes past the hour`, `15 past`. */
function readMinutesPast(cursor: Cursor): number[] | undefined {
  const minutes = cursor.list(() => cursor.take("number")?.value);
  if (minutes === undefined) return undefined;
  cursor.takeWord("minute", "minutes");
  if (!cursor.takeWord("past", "after")) return undefined;
  if (!cursor.takeWords("the", "hour")) cursor.takeWords("every", "hour");
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
      return isOpened ? cursor.stop() : undefined;
    }
    const to = takeTime(cursor, draft);
    if (to === undefined) stopAtTime(cursor);
    return { from, to };
  });
  if (window !== undefined) return note(draft, "window", window);
  if (isOpened) stopAtTime(cursor);
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
function stopAtTime(cursor: Cursor): never {
  const token = cursor.peek();
  if (token.kind !== "number" || token.value > 24) return cursor.stop();
  const hour = token.value;
  const hint =
    hour >= 1 && hour <= 12
      ? `write ${hour}am, ${hour}pm or ${String(hour).padStart(2, "0")}:00`
      : `write ${hour % 24 === 0 ? "midnight" : `${hour}:00`}`;
  return refuseWords(`${token.text} alone isn't a time of day (column ${token.column})`, hint);
}
