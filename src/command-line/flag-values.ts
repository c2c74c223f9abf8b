import { type ErrorDetails, UsageError } from "../errors/cli-errors.js";
import { didYouMean } from "../errors/near-misses.js";
import { parseDuration } from "../output/duration.js";

/** Throws UsageError that names the likely word, or all words. */
export function readWord<Word extends string>(what: string, value: string, words: readonly Word[]): Word {
  const word = words.find((each) => each === value);
  if (word !== undefined) return word;
  throw new UsageError(`${what} must be one of ${words.join(", ")}, not "${value}"`, {
    hint: didYouMean(value, words),
  });
}

/** Throws UsageError if more than one of the flags is set. */
export function refuseTogether(flags: Record<string, unknown>, details?: ErrorDetails): void {
  const given = Object.entries(flags).filter(
    ([, value]) => value === true || typeof value === "string" || (Array.isArray(value) && value.length > 0),
  );
  if (given.length > 1)
    throw new UsageError(`${given.map(([flag]) => flag).join(" and ")} can't be used together`, details);
}

/** Returns milliseconds. Throws UsageError that shows the forms. */
export function readDuration(flag: string, value: string): number {
  const ms = parseDuration(value);
  if (ms === undefined || ms <= 0) {
    throw new UsageError(`${flag} must be a duration such as 90s, 15m, 24h or 7d, not "${value}"`);
  }
  return ms;
}

/** The error for `--failing 5`, meant as `--failures 5`. */
export function numberOfFailingError(number: string): UsageError {
  return new UsageError("--failing doesn't accept a number", { hint: `did you mean --failures ${number}?` });
}
