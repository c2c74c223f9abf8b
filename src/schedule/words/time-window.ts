import { minutesOfDay, range, sorted } from "../fields.js";
import { enumerated } from "../refusal.js";
import { type Cursor, refuseFinally, refuseWords } from "./cursor.js";
import { type PartOfDay, partsOfDay, setPart, type WordDraft } from "./draft.js";
import { hintOnHour } from "./tokens.js";

export interface Times {
  minutes: number[];
  hours: number[];
  /** True if the window continues past midnight. */
  isOvernight?: boolean;
  note?: string;
}

type Step = NonNullable<WordDraft["step"]>;
type Window = NonNullable<WordDraft["window"]>;

/** `09:30` for minutes after midnight; a day later is the same time. */
export function formatClock(minuteOfDay: number): string {
  const minute = minuteOfDay % minutesOfDay;
  return `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
}

/**
 * Times for `every N minutes|hours`, within a window if there is one. The window's end is included if the steps reach
 * it and one cron expression can include it (`every hour` until 17:00); if not, the note names the last time (16:45).
 */
export function stepTimes(step: Step, draft: WordDraft): Times {
  const isWholeHours = step.unit === "minute" && step.count > 0 && step.count % 60 === 0;
  if (isWholeHours) return stepTimes({ unit: "hour", count: step.count / 60 }, draft);
  refuseUneven(step);
  if (step.unit === "minute") {
    if (draft.start !== undefined) refuseStart(draft.start, step);
    if (draft.past !== undefined) refuseWords(`it says both how often and the minute`, "every hour at :15");
    const minutes = range(0, 59, step.count);
    if (draft.window === undefined) return { minutes, hours: range(0, 23) };
    return minuteWindow(draft.window, { count: step.count, minutes });
  }
  if (draft.start !== undefined) return startedTimes(draft.start, { count: step.count, draft });
  if (draft.window === undefined) {
    return { minutes: sorted(draft.past ?? [0]), hours: range(0, 23, step.count) };
  }
  return hourWindow(draft.window, { count: step.count, past: draft.past });
}

/** `every 6 hours starting at 3am`: a step that divides the day reaches the same hours every day. */
function startedTimes(start: number, { count, draft }: { count: number; draft: WordDraft }): Times {
  const isMoved = count > 1 && draft.window === undefined && draft.past === undefined;
  if (!isMoved) return refuseStart(start, { unit: "hour", count });
  const first = Math.floor(start / 60);
  const hours = sorted(range(first, first + 23, count).map((hour) => hour % 24));
  if (first < count) return { minutes: [start % 60], hours };
  // All day long, or from 9am each day: "every 6 hours starting at 9am" doesn't say what happens before 9am.
  const isAtNight = `${enumerated(hours.map((hour) => formatClock(hour * 60 + (start % 60))))}`;
  return refuseFinally(
    `it doesn't say whether there are times before ${formatClock(start)}`,
    hours.length > 4
      ? `every ${count} hours from ${formatClock(start)} to midnight`
      : `daily at ${isAtNight}, or every ${count} hours from ${formatClock(start)} to midnight`,
  );
}

/** Refuses a start for every hour, because a window would leave out the night. */
function refuseStart(start: number, { unit, count }: Step): never {
  const from = unit === "minute" ? start - (start % 60) : start;
  const window = from === 0 ? "" : ` from ${formatClock(from)} to midnight`;
  return refuseFinally("a cron has no start or end", `${everyCount(count, unit)}${window}`);
}

function refuseUneven({ unit, count }: Step): void {
  const whole = unit === "minute" ? 60 : 24;
  if (count >= 1 && count <= whole && whole % count === 0) return;
  const divisors = range(1, whole).filter((value) => whole % value === 0);
  const below = divisors.filter((value) => value < count).at(-1);
  const above = divisors.find((value) => value > count);
  const nearest = [below, above].flatMap((value) => (value === undefined ? [] : [everyCount(value, unit)]));
  if (unit === "minute" && above === undefined) {
    const hours = Math.round(count / 60);
    nearest.splice(0, 1, `every hour`, ...(24 % hours === 0 && hours > 1 ? [everyCount(hours, "hour")] : []));
  }
  refuseFinally(
    `every ${count} ${unit}s can't be one cron: ${count} doesn't divide ${unit === "minute" ? "the hour's 60 minutes" : "the day's 24 hours"}`,
    enumerated(nearest, "or"),
  );
}

export function everyCount(count: number, unit: Step["unit"]): string {
  return count === 1 ? `every ${unit}` : `every ${count} ${unit}s`;
}

/** The end, in minutes after the midnight before the start; the end of a day counts as its last minute. */
function endOf({ from, to }: Window): number {
  if (from === to) refuseWords("the window ends when it starts", "leave it out for the whole day");
  if (to === 0) return minutesOfDay - 1;
  return to > from ? to : to + minutesOfDay;
}

function minuteWindow(window: Window, { count, minutes }: { count: number; minutes: number[] }): Times {
  const { from, to } = window;
  if (from % 60 !== 0) {
    refuseWords(
      `${everyCount(count, "minute")} from ${formatClock(from)} on can't be one cron: the hours would differ`,
      `a start on the hour, ${formatClock(from - (from % 60))}`,
    );
  }
  const end = endOf(window);
  const isOnTheHour = end % 60 === 0;
  if (!isOnTheHour && (end % 60) + count < 60) {
    refuseWords(
      `${everyCount(count, "minute")} until ${formatClock(to)} can't be one cron: the last hour would differ`,
      `until ${formatClock(end - (end % 60) + 60 - count)}, or until ${formatClock(end - (end % 60))}`,
    );
  }
  const lastHour = Math.floor((isOnTheHour ? end - 1 : end) / 60);
  return hoursOfWindow({ hours: range(from / 60, lastHour), minutes });
}

function hourWindow(window: Window, { count, past }: { count: number; past: number[] | undefined }): Times {
  const { from } = window;
  const end = endOf(window);
  const minutes = sorted(past ?? [from % 60]);
  const fires = (hour: number) =>
    minutes.every((minute) => hour * 60 + minute >= from && hour * 60 + minute <= end);
  const firstHour = range(Math.floor(from / 60), Math.floor(end / 60)).find(fires);
  if (firstHour === undefined) return refuseWords("no time falls in the window", "a longer window");
  const hours = range(firstHour, firstHour + 23, count).filter(fires);
  return hoursOfWindow({ hours, minutes });
}

function hoursOfWindow({ hours, minutes }: { hours: number[]; minutes: number[] }): Times {
  const last = (hours.at(-1) ?? 0) * 60 + (minutes.at(-1) ?? 0);
  return {
    minutes,
    hours: sorted(hours.map((hour) => hour % 24)),
    isOvernight: last >= minutesOfDay,
    note: `until ${formatClock(last)}`,
  };
}

const longestList = 24;

/** Times of `at 9am and 5pm`: one cron expression has the same minutes in every hour. */
export function listTimes(times: readonly number[]): Times {
  const minutes = sorted(times.map((time) => time % 60));
  const hours = sorted(times.map((time) => Math.floor(time / 60)));
  const distinct = sorted(times);
  if (distinct.length !== minutes.length * hours.length) {
    refuseWords(
      `${enumerated(distinct.slice(0, 4).map(formatClock))} can't be one cron: the hours don't have the same minutes`,
      "the same minute in every hour, or one automation for each",
    );
  }
  if (distinct.length > longestList) {
    refuseWords(
      `more than ${longestList} times a day are too many for words`,
      "a cron, for example */15 9-16 * * *",
    );
  }
  return { minutes, hours };
}

const minutesOf: Record<PartOfDay, [number, number]> = {
  morning: [0, 719],
  afternoon: [720, 1079],
  evening: [1020, 1439],
  night: [1080, 359],
};

export const usualTimes: Record<PartOfDay, string> = {
  morning: "9am",
  afternoon: "3pm",
  evening: "8pm",
  night: "2am",
};

function isIn(part: PartOfDay, time: number): boolean {
  const [from, to] = minutesOf[part];
  return from < to ? time >= from && time <= to : time >= from || time <= to;
}

export function refuseOutside(part: PartOfDay, times: number[] | undefined): void {
  if (times === undefined) refuseWords(`it doesn't say when in the ${part}`);
  const outside = times.find((time) => !isIn(part, time));
  if (outside !== undefined) refuseFinally(`${formatClock(outside)} isn't in the ${part}`);
}

const windows: Record<PartOfDay, string> = {
  morning: "from 6am to noon",
  afternoon: "from noon to 6pm",
  evening: "from 6pm to midnight",
  night: "from 10pm to 6am",
};

/** Refuses `every hour in the morning`, whose hours are ambiguous. */
export function refuseSteps(part: PartOfDay): never {
  return refuseFinally(`it doesn't say when the ${part} starts and ends`, `a window: ${windows[part]}`);
}

/** Reads `8` and `8 o'clock` in a part of the day: `every evening at 8`. */
export function readHoursOfPart(cursor: Cursor, draft: WordDraft): number[] | undefined {
  return cursor.attempt(() => {
    const hours = cursor.list(() => {
      const hour = cursor.take("number")?.value;
      if (hour !== undefined) cursor.takeWord("o'clock");
      return hour;
    });
    if (hours === undefined) return undefined;
    if (draft.partOfDay === undefined && !readInPart(cursor, draft)) return undefined;
    const { partOfDay = "night" } = draft;
    return hours.map(
      (hour) =>
        hourIn(partOfDay, hour) ??
        refuseFinally(`${hour} isn't an hour of the ${partOfDay}`, hintOnHour(hour % 24)),
    );
  });
}

/** The only time that an hour from 1 to 12 can mean in `part`; none for "12 in the morning", which is ambiguous. */
function hourIn(part: PartOfDay, hour: number): number | undefined {
  if (hour < 1 || hour > 12 || (hour === 12 && part === "morning")) return undefined;
  const early = (hour % 12) * 60;
  return [early, early + 720].find((time) => isIn(part, time));
}

/** The only such time near an hour from 1 to 12 in `part`: `half past eight in the morning`. */
export function timeInPart(
  part: PartOfDay | undefined,
  { hour, minutes }: { hour: number; minutes: number },
): number | undefined {
  if (part === undefined || (hour === 12 && part === "morning" && minutes >= 0)) return undefined;
  const early = ((hour % 12) * 60 + minutes + 720) % 720;
  return [early, early + 720].find((time) => isIn(part, time));
}

/** `in the evening`, `at night`. */
export function readInPart(cursor: Cursor, draft: WordDraft): boolean {
  const part = partsOfDay.find((word) => cursor.takeWords("in", "the", word));
  if (part !== undefined) return setPart(draft, "partOfDay", part);
  return cursor.takeWords("at", "night") && setPart(draft, "partOfDay", "night");
}
