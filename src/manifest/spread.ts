import { readCron } from "../schedule/cron.js";
import { type CronFields, formatCron, shiftBack } from "../schedule/fields.js";
import { createRefusal, type ScheduleRefusal } from "../schedule/refusal.js";
import { excerpt, type Mistake } from "./mistake.js";

const minutesOfDay = 1440;

/** `45m`, `2h`, `1h30m`: a day at most. */
export const spreadPattern =
  "^(?:24h|(?:1?\\d|2[0-3])h(?:[0-5]?\\dm)?|(?:\\d{1,3}|1[0-3]\\d\\d|14[0-3]\\d|1440)m)$";
const form = new RegExp(spreadPattern);

export function readSpread(text: string): number | undefined {
  if (!form.test(text)) return undefined;
  const [, hours = 0, minutes = 0] = /^(?:(\d+)h)?(?:(\d+)m)?$/.exec(text) ?? [];
  return Number(hours) * 60 + Number(minutes);
}

export function notSpread(text: string): Omit<Mistake, "position"> {
  const message = `spread must be whole minutes, 24h at most, not "${excerpt(text)}"`;
  return { message, suggestion: "such as 45m or 1h30m" };
}

/** Moves a cron expression; undefined if one cron expression isn't enough. */
export function moveCron(cron: string, minutes: number): string | undefined {
  const reading = readCron(cron);
  const shift = reading.ok ? shiftBack(reading.fields, -minutes) : undefined;
  return shift?.ok === true ? formatCron(shift.fields) : undefined;
}

export function whyNotSpread(cron: string, windowMinutes: number): ScheduleRefusal | undefined {
  const reading = readCron(cron);
  if (!reading.ok) return reading;
  const { minutes } = reading.fields;
  const [first = 0] = minutes;
  const step = 60 / minutes.length;
  if (minutes.some((minute, at) => minute !== first + at * step)) {
    return createRefusal(
      `spread needs one minute of the hour, or a step such as */15; this one uses ${minutes.length} different minutes`,
      "such as every hour, or 0 9 * * 1-5",
    );
  }
  if (minutes.length > 1 && windowMinutes > step) {
    const reason = `can't be spread over ${formatSpread(windowMinutes)}: it runs every ${formatSpread(step)}`;
    return createRefusal(reason, `${formatSpread(step)} at most`);
  }
  const least = crossings(reading.fields, windowMinutes).find(
    (moved) => !shiftBack(reading.fields, -moved).ok,
  );
  if (least === undefined) return undefined;
  const another = minutes.length > 1 ? "another hour" : "another day in UTC";
  return createRefusal(
    `can't be spread over ${formatSpread(windowMinutes)}: ${formatSpread(least)} later it is ${another} for some of its times, which one cron can't express`,
    `${formatSpread(least)} at most`,
  );
}

/** Formats minutes as in a manifest: `45m`, `12h`, `1h30m`. */
export function formatSpread(minutes: number): string {
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return `${hours === 0 ? "" : `${hours}h`}${rest === 0 && hours > 0 ? "" : `${rest}m`}`;
}

/** Moves at which another time reaches the next hour or day; only there may one cron expression no longer be enough. */
function crossings({ hours, minutes }: CronFields, windowMinutes: number): number[] {
  const toNextHour = minutes.length > 1 ? minutes.map((minute) => 60 - minute) : [];
  return hours
    .flatMap((hour) => minutes.map((minute) => minutesOfDay - (hour * 60 + minute)))
    .concat(toNextHour)
    .filter((moved) => moved < windowMinutes)
    .sort((one, other) => one - other);
}
