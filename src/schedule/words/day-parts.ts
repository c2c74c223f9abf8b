import { type Cursor, refuseFinally, refuseWords } from "./cursor.js";
import { type PartOfDay, partsOfDay, setPart, type WordDraft } from "./draft.js";
import { formatClock } from "./time-window.js";
import { hintOnHour } from "./tokens.js";

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

/** Refuses `every hour in the morning`, whose hours aren't the same for everybody. */
export function refuseSteps(part: PartOfDay): never {
  return refuseFinally(`it doesn't say when the ${part} begins and ends`, `a window: ${windows[part]}`);
}

/** Reads `8` and `8 o'clock` of a part of the day: `every evening at 8`. */
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

/** The one time that an hour of 1 to 12 can be there; none for "12 in the morning", which people mean both ways. */
function hourIn(part: PartOfDay, hour: number): number | undefined {
  if (hour < 1 || hour > 12 || (hour === 12 && part === "morning")) return undefined;
  const early = (hour % 12) * 60;
  return [early, early + 720].find((time) => isIn(part, time));
}

/** The one time beside an hour of 1 to 12 that is in the part: `half past eight in the morning`. */
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
