import { didYouMeanOne } from "../near-misses.js";
import { convertForYear, type YearOfUtc } from "../schedule/clock-phases.js";
import { type ParsedSchedule, readSchedule } from "../schedule/read.js";
import { readTimeZone } from "../schedule/time-zone.js";
import { excerpt, type FilePosition, type Mistake } from "./mistake.js";

export interface ItemSchedule extends Partial<Omit<YearOfUtc, "ok" | "cron">> {
  ok: true;
  text: string;
  cron: string;
  zone?: string;
  /** Minutes by which `spread` moved it. */
  spreadMinutes?: number;
}

interface UnreadableSchedule {
  ok: false;
  text: string;
  reason: string;
  hint?: string;
  /** True when `tz` is wrong, not `schedule`. */
  isAboutZone: boolean;
}

/** Reads a `schedule` with its `tz`; equal texts are read once. */
export type ReadItemSchedule = (item: { text: string; zone?: string }) => ItemSchedule | UnreadableSchedule;

/** Converts zones as they are `now`, so that a later apply follows daylight saving. */
export function itemScheduleReader(now: Date): ReadItemSchedule {
  const known = new Map<string, ReturnType<ReadItemSchedule>>();
  return ({ text, zone }) => {
    const key = `${zone ?? ""}\n${text}`;
    const schedule = known.get(key) ?? readItem({ text, zone });
    known.set(key, schedule);
    return schedule;
  };

  function readItem({ text, zone }: { text: string; zone?: string }): ReturnType<ReadItemSchedule> {
    const reading = readSchedule(text);
    if (!reading.ok) {
      const what = reading.isNever === true ? "never runs" : "can't be read";
      const reason = `the schedule "${excerpt(text)}" ${what}: ${reading.reason}`;
      return { ok: false, text, reason, hint: reading.hint, isAboutZone: false };
    }
    if (zone === undefined) return { ok: true, text, cron: reading.cron };
    return refuseZone(reading, text, zone) ?? convert(reading, { text, zone });
  }

  function convert(
    { cron }: ParsedSchedule,
    { text, zone }: { text: string; zone: string },
  ): ReturnType<ReadItemSchedule> {
    const utc = convertForYear({ cron, timeZone: zone, now });
    if (!utc.ok) return { ok: false, text, reason: utc.reason, hint: utc.hint, isAboutZone: true };
    return { ...utc, text, zone };
  }
}

function refuseZone(reading: ParsedSchedule, text: string, zone: string): UnreadableSchedule | undefined {
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

/** The mistake in a schedule or its zone, at the one of both that is wrong. */
export function scheduleMistake(
  { isAboutZone, reason, hint }: UnreadableSchedule,
  { schedule, tz }: Partial<Record<"schedule" | "tz", { position: FilePosition }>>,
): Mistake | undefined {
  const about = isAboutZone ? tz : schedule;
  return about && { position: about.position, message: reason, suggestion: hint };
}
