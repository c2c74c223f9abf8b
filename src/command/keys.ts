import type { Context } from "../context.js";
import { refuseKey } from "../errors.js";

/** Values for a manifest's texts, which are checked where they stand. */
const checkedLater = /^--var=/;

/** Throws UsageError for a word that holds an API key: it would be sent, or kept in the history. */
export function refuseKeys(words: readonly string[], { findKey }: Context["settings"]): void {
  for (const word of words) {
    if (checkedLater.test(word)) continue;
    const flag = /^--[a-z-]+(?==)/.exec(word)?.[0];
    refuseKey(flag ?? "an argument", findKey(word));
  }
}
