import { NoKeyError, refuseEmpty, UsageError } from "../errors/errors.js";
import type { Target } from "./settings.js";

/** Variables that hold a key; the first that is set counts. */
export const keyVariables = ["HERM_API_KEY", "PRISM_API_KEY"] as const;

const longestKey = 4096;

/**
 * Reads a key, white space around it taken off. Throws UsageError, which never shows the text, if it is empty or
 * couldn't stand in a header.
 */
export function readKey(text: string, source: string): string {
  const key = text.trim();
  refuseEmpty(source, key);
  if (key.length > longestKey) {
    throw new UsageError(`${source} holds ${key.length} characters: too long for a key`);
  }
  const bad = key.search(/[^\x21-\x7e]/);
  if (bad !== -1) {
    throw new UsageError(
      `${source} isn't a key: its character ${bad + 1} is a space, a control or a special character`,
      { hint: "paste the key alone, on one line" },
    );
  }
  return key;
}

/** The last 4 characters, all that is ever shown; null for a key shorter than 12. */
export function lastFour(key: string): string | null {
  return key.length < 12 ? null : key.slice(-4);
}

/** The target's key. Throws NoKeyError if there is none that may be sent to it. */
export function requireKey(target: Target): string {
  if (target.apiKey !== undefined) return target.apiKey;
  throw new NoKeyError(target.keyProblem?.message ?? "no API key", { hint: target.keyProblem?.hint });
}
