import { didYouMeanOne } from "../near-misses.js";
import { loadNextTimes } from "../schedule/next.js";
import { type ReadSchedule, readSchedule } from "../schedule/read.js";
import { readTimeZone } from "../schedule/time-zone.js";
import { convertToUtc } from "../schedule/zone.js";
import { excerpt, type FilePosition, type Mistake } from "./mistake.js";

/** What an item's `schedule` and `tz` come to. */
export type ItemSchedule = ReadableSchedule | UnreadableSchedule;

interface ReadableSchedule {
  ok: true;
  /** As written. */
  text: string;
  /** In UTC, as it is sent. */
  cron: string;
  zone?: string;
  /** What it is on the other side of the next change of the zone's clocks, and so was before the last one. */
  otherCron?: string;
  /** The zone's offset that `cron` goes by. */
  offsetMinutes?: number;
  /** By how much `spread` moved it from what is written. */
  spreadMinutes?: number;
}

interface UnreadableSchedule {
  ok: false;
  text: string;
  reason: string;
  hint?: string;
  /** It is `tz` that is wrong, not `schedule`. */
  isAboutZone: boolean;
  /** It is a date that no year has: why. */
  never?: string;
}

/** Reads a `schedule` with its `tz`; the same texts are worked out once. */
export type ReadItemSchedule = (item: { text: string; zone?: string }) => ItemSchedule;

/** Zones are converted as they are `now`, so that a later apply follows daylight saving. */
export async function loadItemSchedules(now: Date): Promise<ReadItemSchedule> {
  const next = await loadNextTimes();
  const known = new Map<string, ItemSchedule>();
  return ({ text, zone }) => {
    const key = `${zone ?? ""}\n${text}`;
    const schedule = known.get(key) ?? readItem({ text, zone });
    known.set(key, schedule);
    return schedule;
  };

  function readItem({ text, zone }: { text: string; zone?: string }): ItemSchedule {
    const reading = readSchedule(text);
    if (!reading.ok) {
      const reason = `the schedule "${excerpt(text)}" can't be read: ${reading.reason}`;
      const never = reading.isNever === true ? reading.reason : undefined;
      return { ok: false, text, reason, hint: reading.hint, isAboutZone: false, never };
    }
    if (zone === undefined) return { ok: true, text, cron: reading.cron };
    return refuseZone(reading, { text, zone }) ?? convert(reading, { text, zone });
  }

  function convert({ cron }: ReadSchedule, { text, zone }: { text: string; zone: string }): ItemSchedule {
    const utc = convertToUtc({ cron, timeZone: zone, now }, next);
    if (!utc.ok) return { ok: false, text, reason: utc.reason, hint: utc.hint, isAboutZone: true };
    const { offsetChangesAt, offsetMinutes } = utc;
    const other = offsetChangesAt && convertToUtc({ cron, timeZone: zone, now: offsetChangesAt }, next);
    const otherCron = other?.ok ? other.cron : undefined;
    return { ok: true, text, zone, cron: utc.cron, otherCron, offsetMinutes };
  }
}

function refuseZone(
  reading: ReadSchedule,
  { text, zone }: { text: string; zone: string },
): UnreadableSchedule | undefined {
  const refused = { ok: false, text, isAboutZone: true } as const;
  if (zone === "local") {
    return { ...refused, reason: "tz must be a zone's name: local differs between machines" };
  }
  const known = readTimeZone(zone);
  if (!known.ok) {
    const hint = didYouMeanOne(zone, Intl.supportedValuesOf("timeZone"));
    return { ...refused, reason: known.reason, hint: hint ?? "for example Europe/Berlin" };
  }
  if (reading.zone === "UTC" && zone.toUpperCase() !== "UTC") {
    return { ...refused, reason: "the schedule itself says UTC, so tz can't be another zone" };
  }
  return undefined;
}

/** What is wrong with a schedule or its zone, at the one of the two that it is about; undefined where that isn't known. */
export function scheduleMistake(
  { isAboutZone, reason, hint }: UnreadableSchedule,
  { schedule, tz }: Partial<Record<"schedule" | "tz", { position: FilePosition }>>,
): Mistake | undefined {
  const about = isAboutZone ? tz : schedule;
  return about && { position: about.position, message: reason, suggestion: hint };
}

/** What is wrong with a zone whose schedule isn't known: what every schedule is refused for. */
export function refusedZone(readSchedule: ReadItemSchedule, zone: string): UnreadableSchedule | undefined {
  const midnight = readSchedule({ text: "0 0 * * *", zone });
  return midnight.ok ? undefined : midnight;
}
