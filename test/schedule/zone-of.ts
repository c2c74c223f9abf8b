import fc from "fast-check";
import { readTimeZone, type TimeZone } from "../../src/schedule/time-zone.js";

/** The zone with that name; throws if there is none. */
export function zoneOf(name: string): TimeZone {
  const reading = readTimeZone(name);
  if (!reading.ok) throw new Error(reading.reason);
  return reading.timeZone;
}

/** Names of zones: with and without daylight saving, with half-hour offsets, and far from UTC. */
export const zones = fc.constantFrom(
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "America/Havana",
  "Asia/Kathmandu",
  "Australia/Lord_Howe",
  "Pacific/Kiritimati",
);

/** Instants in a period of ten years. */
export const moments = fc.date({
  min: new Date("2020-01-01T00:00:00Z"),
  max: new Date("2029-12-31T00:00:00Z"),
  noInvalidDate: true,
});
