import fc from "fast-check";
import { readCron } from "../../src/schedule/cron.js";
import { nextTimes } from "../../src/schedule/cron-times.js";
import { type CronFields, everyDay, formatCron, range, sorted } from "../../src/schedule/fields.js";
import { convertToUtc } from "../../src/schedule/zone.js";

/** Zones with offsets of whole, half and quarter hours, on both sides of UTC and of the date line. */
const trialZones = [
  "Asia/Kolkata",
  "Asia/Kathmandu",
  "Australia/Lord_Howe",
  "Pacific/Apia",
  "America/New_York",
  "Europe/Berlin",
  "America/St_Johns",
  "Pacific/Chatham",
  "Africa/Casablanca",
  "Pacific/Pago_Pago",
  "UTC",
] as const;

const minuteMs = 60_000;
const dayMs = 1440 * minuteMs;
const clocks = new Map<string, Intl.DateTimeFormat>();

/** The time on a zone's clock according to Intl alone, as if it were UTC, in ms. */
function wallClock(zone: string, at: Date): number {
  const options = {
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
  } as const;
  const clock =
    clocks.get(zone) ?? new Intl.DateTimeFormat("en-US", { ...options, timeZone: zone, hourCycle: "h23" });
  clocks.set(zone, clock);
  const [month = 0, day = 0, year = 0, hour = 0, minute = 0] = clock.format(at).split(/\D+/).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute);
}

/** True if a local minute matches a cron expression, checked field by field. */
function names(cron: string, wallMs: number): boolean {
  const reading = readCron(cron);
  if (!reading.ok) return false;
  const { fields } = reading;
  const wall = new Date(wallMs);
  const isDate = fields.days.includes(wall.getUTCDate());
  const isWeekday = fields.weekdays.includes(wall.getUTCDay());
  const isEither = fields.days.length < 31 && fields.weekdays.length < 7;
  return (
    fields.minutes.includes(wall.getUTCMinutes()) &&
    fields.hours.includes(wall.getUTCHours()) &&
    fields.months.includes(wall.getUTCMonth() + 1) &&
    (isEither ? isDate || isWeekday : isDate && isWeekday)
  );
}

export interface Trial {
  cron: string;
  timeZone: string;
  now: Date;
}

/** Typical schedules, in the trial's zones, read at any time in some years. */
export const anyTrial: fc.Arbitrary<Trial> = fc.record({
  cron: fc
    .tuple(
      fc.constantFrom("0", "30", "15,45", "*/15", "*", "7"),
      fc.oneof(fc.integer({ min: 0, max: 23 }).map(String), fc.constantFrom("*", "9-17", "0,12", "*/6")),
      fc.oneof(fc.constant("*"), fc.integer({ min: 1, max: 31 }).map(String), fc.constantFrom("1,15", "1-7")),
      fc.oneof(fc.constant("*"), fc.integer({ min: 1, max: 12 }).map(String), fc.constantFrom("1,4,7,10")),
      fc.oneof(fc.constant("*"), fc.integer({ min: 0, max: 6 }).map(String), fc.constantFrom("1-5")),
    )
    .map((fields) => fields.join(" ")),
  timeZone: fc.constantFrom(...trialZones),
  now: fc.date({
    min: new Date("2024-01-01T00:00:00Z"),
    max: new Date("2034-01-01T00:00:00Z"),
    noInvalidDate: true,
  }),
});

/**
 * Compares a conversion with the zone's own clock over the years. While the zone has the conversion's offset, the UTC
 * times and the local times must be the same instants; if it was refused, no single cron expression may have these
 * times; and the first time with another offset must be the reported one. Returns the failure, or undefined.
 */
export function tryConversion({ cron, timeZone, now }: Trial): string | undefined {
  if (!readCron(cron).ok) return undefined;
  const conversion = convertToUtc({ cron, timeZone, now });
  if (!conversion.ok)
    return conversion.reason.includes("can't be one UTC cron") ? undefined : conversion.reason;
  const { offsetMinutes } = conversion;
  const hasOffset = (at: Date) => wallClock(timeZone, at) - at.getTime() === offsetMinutes * minuteMs;
  const utcTimes = nextTimes(conversion.cron, now, 300);
  const wrong = utcTimes.find((at) => hasOffset(at) && !names(cron, wallClock(timeZone, at)));
  if (wrong !== undefined)
    return `${conversion.cron} fires at ${wrong.toISOString()}, ${cron} in ${timeZone} doesn't`;
  const last = utcTimes.at(-1) ?? now;
  const localTimes = nextTimes(cron, new Date(now.getTime() + offsetMinutes * minuteMs), 300)
    .map((wall) => new Date(wall.getTime() - offsetMinutes * minuteMs))
    .filter((at) => at <= last && hasOffset(at));
  const fired = new Set(utcTimes.map((at) => at.getTime()));
  const missed = localTimes.find((at) => !fired.has(at.getTime()));
  if (missed !== undefined)
    return `${conversion.cron} misses ${missed.toISOString()}, ${cron} in ${timeZone}`;
  const farthest = new Date(now).setUTCFullYear(now.getUTCFullYear() + 10);
  // Before the first time that exists, each stands for a time that the clocks skip; the preview marks each of these.
  const [first = now] = localTimes;
  const moved = utcTimes
    .filter((at) => at >= first && at.getTime() < farthest)
    .find((at) => !names(cron, wallClock(timeZone, at)));
  const told = conversion.nextAfterChange;
  if (moved !== undefined && (told === undefined || told > moved)) {
    return `${moved.toISOString()} is another local time, told was ${told?.toISOString() ?? "nothing"}`;
  }
  return undefined;
}

/**
 * Lists the UTC times of a refused schedule, day by day over the 28 years after which weekdays and dates repeat;
 * returns the cron expression with these times, if there is one after all.
 */
export function findMissedCron(fields: CronFields, offsetMinutes: number): string | undefined {
  const times = listTimes(fields).map((at) => at - offsetMinutes * minuteMs);
  const pick = (part: (at: Date) => number) => sorted(times.map((at) => part(new Date(at))));
  const weekdays = pick((at) => at.getUTCDay());
  const candidate = {
    minutes: pick((at) => at.getUTCMinutes()),
    hours: pick((at) => at.getUTCHours()),
    days: weekdays.length === 7 ? pick((at) => at.getUTCDate()) : everyDay,
    months: pick((at) => at.getUTCMonth() + 1),
    weekdays,
  };
  // The shift cuts the first and the last day of the period.
  const isInside = (at: number) => at > firstDay + dayMs && at < lastDay - dayMs;
  const wanted = times.filter(isInside);
  const found = listTimes(candidate).filter(isInside);
  const isSame = wanted.length === found.length && wanted.every((at, index) => at === found[index]);
  return isSame ? formatCron(candidate) : undefined;
}

const firstDay = Date.UTC(2024, 0, 1);
const lastDay = Date.UTC(2052, 0, 1);

/** The times of fields with at most one restricted day field. */
function listTimes(fields: CronFields): number[] {
  const times = fields.hours.flatMap((hour) =>
    fields.minutes.map((minute) => (hour * 60 + minute) * minuteMs),
  );
  const days = range(firstDay, lastDay, dayMs).filter((ms) => {
    const day = new Date(ms);
    return (
      fields.days.includes(day.getUTCDate()) &&
      fields.months.includes(day.getUTCMonth() + 1) &&
      fields.weekdays.includes(day.getUTCDay())
    );
  });
  return days.flatMap((day) => times.map((time) => day + time));
}
