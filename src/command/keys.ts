import type { Context } from "../context.js";
import { refuseKey } from "../errors.js";

/** It fills a manifest's texts, which are looked at where they stand. */
const checkedLater = /^--var=/;

/**
 * Throws UsageError where one of a command's words, each value joined to its flag, holds an API key: it would be sent, or kept
 * for whoever reads the history.
 */
export function refuseKeys(words: readonly string[], { findKey }: Context["settings"]): void {
  for (const word of words) {
    if (checkedLater.test(word)) continue;
    const flag = /^--[a-z-]+(?==)/.exec(word)?.[0];
    refuseKey(flag ?? "an argument", findKey(word));
  }
}
