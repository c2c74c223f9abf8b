import { didYouMeanOne } from "../errors/near-misses.js";
import { sha256 } from "../files/sha256.js";
import { convertForYear, type YearOfUtc } from "../schedule/clock-phases.js";
import { type ParsedSchedule, readSchedule } from "../schedule/read.js";
import type { ScheduleRefusal } from "../schedule/refusal.js";
import { readTimeZone } from "../schedule/time-zone.js";
import { excerpt } from "./mistake.js";
import { moveCron, whyNotSpread } from "./spread.js";

export interface ItemSchedule extends Partial<Omit<YearOfUtc, "ok" | "cron">> {
  ok: true;
  text: string;
  cron: string;
  zone?: string;
  /** Minutes by which `spread` moved it. */
  spreadMinutes?: number;
}

interface UnreadableSchedule extends ScheduleRefusal {
  key: "schedule" | "tz" | "spread";
}

/** Reads a `schedule` with its `tz` and `spread`, before the move; reads each text only once. */
export type ReadItemSchedule = (item: Written) => ItemSchedule | UnreadableSchedule;

interface Written {
  text: string;
  zone?: string;
  spreadMinutes?: number;
}

/** Converts zones by their offset `now`, so that a later apply follows daylight saving. */
export function itemScheduleReader(now: Date): ReadItemSchedule {
  const known = new Map<string, ReturnType<ReadItemSchedule>>();
  return (item) => {
    const key = `${item.zone ?? ""}\n${item.spreadMinutes ?? ""} ${item.text}`;
    const schedule = known.get(key) ?? readItem(item);
    known.set(key, schedule);
    return schedule;
  };

  function readItem({ text, zone, spreadMinutes }: Written): ReturnType<ReadItemSchedule> {
    const reading = readSchedule(text);
    if (!reading.ok) {
      const what = reading.isNever === true ? "never runs" : "can't be read";
      const reason = `the schedule "${excerpt(text)}" ${what}: ${reading.reason}`;
      return { ok: false, reason, hint: reading.hint, key: "schedule" };
    }
    const refused = zone && refuseZone(reading, zone);
    if (refused) return refused;
    const convert = (refuse?: (cron: string) => ScheduleRefusal | undefined) =>
      zone === undefined
        ? (refuse?.(reading.cron) ?? { ok: true as const, cron: reading.cron })
        : convertForYear({ cron: reading.cron, timeZone: zone, now, refuse });
    const unspread = convert();
    const utc =
      spreadMinutes === undefined || !unspread.ok
        ? unspread
        : convert((each) => whyNotSpread(each, spreadMinutes));
    if (utc.ok) return { ...utc, text, zone };
    return { ...utc, key: unspread.ok ? "spread" : "tz" };
  }
}

function refuseZone(reading: ParsedSchedule, zone: string): UnreadableSchedule | undefined {
  const refused = { ok: false, key: "tz" } as const;
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

/** A schedule to be spread, without the name that determines the minute. */
export interface Spread {
  deployment_id: string;
  windowMinutes: number;
  /** The schedule before the move. */
  schedule: ItemSchedule;
}

/**
 * Moves a schedule by less than `windowMinutes`. The number of minutes is a hash of the deployment's id and the name,
 * so that it changes only with them (src/manifest/README.md, "Spread").
 */
export function spreadSchedule(
  { deployment_id, windowMinutes, schedule }: Spread,
  name: string,
): ItemSchedule {
  const first48Bits = sha256(`${deployment_id}\0${name}`).slice(0, 12);
  const minutes = windowMinutes < 2 ? 0 : Number.parseInt(first48Bits, 16) % windowMinutes;
  const cron = moveCron(schedule.cron, minutes);
  if (cron === undefined) return schedule;
  const otherCron = schedule.otherCron && moveCron(schedule.otherCron, minutes);
  return { ...schedule, cron, otherCron, spreadMinutes: minutes };
}
