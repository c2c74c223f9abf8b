import { sha256 } from "../files/sha256.js";
import { readCron } from "../schedule/cron.js";
import { type CronFields, formatCron, shiftBack } from "../schedule/fields.js";
import type { ItemSchedule } from "./item-schedule.js";
import { excerpt, type FilePosition, type Mistake } from "./mistake.js";

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

/** A schedule to be spread, without the name that decides the minute. */
export interface Spread {
  deployment_id: string;
  windowMinutes: number;
  /** The schedule before it is moved; `spreadMistake` has found nothing wrong with it. */
  schedule: ItemSchedule;
}

/**
 * Moves a schedule by minutes from 0 and below `windowMinutes`: a hash of the deployment's id and the name, so that it
 * stays as long as these do (src/manifest/README.md, "Spread").
 */
export function spreadSchedule(
  { deployment_id, windowMinutes, schedule }: Spread,
  name: string,
): ItemSchedule {
  const first48Bits = sha256(`${deployment_id}\0${name}`).slice(0, 12);
  const minutes = windowMinutes < 2 ? 0 : Number.parseInt(first48Bits, 16) % windowMinutes;
  const cron = moveCron(schedule.cron, minutes);
  if (cron === undefined) return schedule;
  const { otherCron } = schedule;
  const other = otherCron === undefined ? undefined : moveCron(otherCron, minutes);
  return { ...schedule, cron, otherCron: other, spreadMinutes: minutes };
}

/** Moves a cron; undefined where one cron can't say it. */
export function moveCron(cron: string, minutes: number): string | undefined {
  const reading = readCron(cron);
  const shift = reading.ok ? shiftBack(reading.fields, -minutes) : undefined;
  return shift?.ok === true ? formatCron(shift.fields) : undefined;
}

/** The mistake of a spread, or of its schedule where that is known. */
export function spreadMistake(
  { text, position }: { text: string; position: FilePosition },
  schedule?: ItemSchedule,
): Mistake | undefined {
  const windowMinutes = readSpread(text);
  if (windowMinutes === undefined) {
    const message = `spread must be whole minutes, 24h at most, not "${excerpt(text)}"`;
    return { position, message, suggestion: "such as 45m or 1h30m" };
  }
  const problem = schedule && whyNotSpread(schedule, windowMinutes);
  return problem && { position, ...problem };
}

function whyNotSpread(schedule: ItemSchedule, windowMinutes: number): Omit<Mistake, "position"> | undefined {
  const reading = readCron(schedule.cron);
  if (!reading.ok) return { message: `can't be spread: ${reading.reason}` };
  const { minutes } = reading.fields;
  const [first = 0] = minutes;
  const step = 60 / minutes.length;
  if (minutes.some((minute, at) => minute !== first + at * step)) {
    return {
      message: `spread needs one minute of the hour, or a step such as */15; this one runs at ${minutes.length} minutes of it`,
      suggestion: "such as every hour, or 0 9 * * 1-5",
    };
  }
  if (minutes.length > 1 && windowMinutes > step) {
    const message = `can't be spread over ${formatSpread(windowMinutes)}: it runs every ${formatSpread(step)}`;
    return { message, suggestion: `${formatSpread(step)} at most` };
  }
  const least = crossings(reading.fields, windowMinutes).find(
    (moved) => !shiftBack(reading.fields, -moved).ok,
  );
  if (least === undefined) return undefined;
  const another = minutes.length > 1 ? "another hour" : "another day in UTC";
  return {
    message: `can't be spread over ${formatSpread(windowMinutes)}: ${formatSpread(least)} later it is ${another} for some of its times, which one cron can't say`,
    suggestion: `${formatSpread(least)} at most`,
  };
}

/** Minutes as a manifest has them: `45m`, `12h`, `1h30m`. */
export function formatSpread(minutes: number): string {
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return `${hours === 0 ? "" : `${hours}h`}${rest === 0 && hours > 0 ? "" : `${rest}m`}`;
}

/** Moves at which one more of the times reaches the next hour or day: only there can one cron stop being enough. */
function crossings({ hours, minutes }: CronFields, windowMinutes: number): number[] {
  const toNextHour = minutes.length > 1 ? minutes.map((minute) => 60 - minute) : [];
  return hours
    .flatMap((hour) => minutes.map((minute) => minutesOfDay - (hour * 60 + minute)))
    .concat(toNextHour)
    .filter((moved) => moved < windowMinutes)
    .sort((one, other) => one - other);
}
