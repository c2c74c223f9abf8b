import fc from "fast-check";
import { readSchedule } from "../../src/schedule/read.js";

interface Bounds {
  min: number;
  max: number;
}

function fieldItem({ min, max }: Bounds): fc.Arbitrary<string> {
  const value = fc.integer({ min, max });
  const bounds = fc.tuple(value, value).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`);
  const step = fc.integer({ min: 1, max: Math.min(max, 30) });
  return fc.oneof(
    { weight: 3, arbitrary: value.map(String) },
    { weight: 1, arbitrary: bounds },
    { weight: 1, arbitrary: fc.tuple(bounds, step).map(([range, by]) => `${range}/${by}`) },
  );
}

function field(bounds: Bounds, stars: string[]): fc.Arbitrary<string> {
  const list = fc.array(fieldItem(bounds), { minLength: 1, maxLength: 3 }).map((items) => items.join(","));
  return fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...stars) }, { weight: 3, arbitrary: list });
}

/** A cron expression as typed, and its normal form. */
interface AnyCron {
  text: string;
  cron: string;
}

/**
 * Cron expressions of every shape that five fields allow, with a date that exists, and without a star with a step in
 * day fields.
 */
export const anyCron: fc.Arbitrary<AnyCron> = fc
  .tuple(
    field({ min: 0, max: 59 }, ["*", "*/5", "*/7", "0"]),
    field({ min: 0, max: 23 }, ["*", "*/2", "9"]),
    field({ min: 1, max: 31 }, ["*", "*", "1"]),
    field({ min: 1, max: 12 }, ["*", "*", "2"]),
    field({ min: 0, max: 7 }, ["*", "*", "1-5"]),
  )
  .map((fields) => ({ text: fields.join(" "), reading: readSchedule(fields.join(" ")) }))
  .filter(({ reading }) => reading.ok)
  .map(({ text, reading }) => ({ text, cron: reading.ok ? reading.cron : "" }));

/** Instants to the millisecond within two centuries, the days around the end of February more often. */
export const anyInstant: fc.Arbitrary<Date> = fc.oneof(
  fc.date({
    min: new Date("2000-01-01T00:00:00Z"),
    max: new Date("2200-01-01T00:00:00Z"),
    noInvalidDate: true,
  }),
  fc
    .tuple(fc.integer({ min: 2000, max: 2199 }), fc.integer({ min: -3 * 1440, max: 3 * 1440 }))
    .map(([year, minutes]) => new Date(Date.UTC(year, 2, 1, 0, minutes))),
);
