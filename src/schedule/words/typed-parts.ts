import { everyWeekday, monthNames, sorted } from "../fields.js";
import { everyWeekdayIn } from "../phrases.js";
import { enumerated, orRefusal } from "../refusal.js";
import { Cursor } from "./cursor.js";
import { usualTimes } from "./day-parts.js";
import { readWeekdays } from "./days.js";
import { partsOfDay, type WordDraft } from "./draft.js";
import { numberNames, ordinal, type Token, tokenize } from "./tokens.js";

/** Parts of a text that can't be read, for hints that keep them. */
export interface TypedParts {
  /** `every Friday`, `every weekday`, `on the 15th of every month`. */
  days?: string;
  /** `9am and 5pm`, as it was written. */
  time?: string;
  /** `every 2 hours`, as it was written: no hint makes another frequency of it. */
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

/** A schedule of the parts, as far as there are any. */
export function typedSchedule({ days, time = "9am", often }: TypedParts): string {
  if (often !== undefined) return days === undefined ? often : `${often} ${days}`;
  return `${days ?? "every day"} at ${time}`;
}

const frequency = new RegExp(
  `\\b(?:every|each) (?:half(?: an)? |(?:\\d+(?:\\.\\d+)?|${numberNames.join("|")}) ?)?(?:minutes?|mins?|m|hours?|hrs?|h|months?)\\b`,
  "i",
);

/** `every 5 hours`, `every 15m`, `every 2 months`, as it was written. */
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

/** `every January 1st` for `january 1`, `1st january`. */
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

/** Times, but not those of a window, which say no time of their own. */
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
