import { type CronFields, formatCron, isSame, sorted } from "../fields.js";
import { enumerated } from "../refusal.js";

export interface SchedulePart {
  fields: CronFields;
  isUtc: boolean;
}

/** Characters of a text at most: a longer one would take long to try. */
const longestText = 200;
const mostJoints = 8;
const mostParts = 3;

/** Splits a text into schedules with a time of their own; undefined if it isn't that. */
export function splitSchedules(
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
    // What the first part says repeats: "every monday at 9:00, friday at 17:00".
    const second = read(rest) ?? read(`every ${rest}`);
    if (second !== undefined) return [first, second];
    const split = (others: string) => splitSchedules(others, read, most - 1);
    const others = most > 2 ? (split(rest) ?? split(`every ${rest}`)) : undefined;
    if (others !== undefined) return [first, ...others];
  }
  return undefined;
}

/** Unites several crons into a single one with the times of all; undefined where no cron has exactly those. */
export function uniteFields(all: readonly CronFields[]): CronFields | undefined {
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
export function listCrons(all: readonly CronFields[]): string {
  return enumerated(all.map(formatCron));
}
