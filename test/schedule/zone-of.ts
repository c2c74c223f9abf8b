import { readTimeZone, type TimeZone } from "../../src/schedule/time-zone.js";

/** The zone of that name; throws if there is none. */
export function zoneOf(name: string): TimeZone {
  const reading = readTimeZone(name);
  if (!reading.ok) throw new Error(reading.reason);
  return reading.timeZone;
}
