/** The key, and its removal from all output. */

import { NoKeyError, refuseEmpty, UsageError } from "../errors/cli-errors.js";
import type { Target } from "./settings.js";

/** Variables for a key, in order of precedence. */
export const keyVariables = ["HERM_API_KEY", "PRISM_API_KEY"] as const;

const longestKey = 4096;

/** Reads a key without surrounding white space. Throws UsageError, without the text, for an empty or invalid key. */
export function readKey(text: string, source: string): string {
  const key = text.trim();
  refuseEmpty(source, key);
  if (key.length > longestKey) {
    throw new UsageError(`${source} has ${key.length} characters: too long for a key`);
  }
  const bad = key.search(/[^\x21-\x7e]/);
  if (bad !== -1) {
    throw new UsageError(
      `${source} isn't a key: character ${bad + 1} is a space, a control or a special character`,
      { hint: "paste the key alone, on one line" },
    );
  }
  return key;
}

/** The last 4 characters, the only ones ever shown; null for a key shorter than 12. */
export function lastFour(key: string): string | null {
  return key.length < 12 ? null : key.slice(-4);
}

/** The target's key. Throws NoKeyError if no key may be sent there. */
export function requireKey(target: Target): string {
  if (target.apiKey !== undefined) return target.apiKey;
  throw new NoKeyError(target.keyProblem?.message ?? "no API key", { hint: target.keyProblem?.hint });
}

const replacement = "[redacted]";
/** Minimum length of a key that is redacted, because shorter text occurs in too many words. */
const shortestKey = 4;
/** Minimum length of a key to search for, because a test server's key may be a common word in harmless text. */
const shortestFoundKey = 8;
const shortestPiece = 8;

/**
 * Matches possible words of our own sentences: only letters, or a few words and numbers joined. No real key matches,
 * but `wrong` and `changeme` are set by mistake.
 */
const plainWord =
  /^(?:[a-z]{1,16}|[A-Z][a-z]{1,15}|(?=.{1,11}$)(?:[A-Za-z]+|\d+)(?:[-_.](?:[A-Za-z]+|\d+))*)$/;

/** Where a text comes from: elsewhere, or our own sentence, which may quote a key. */
export type TextOrigin = "foreign" | "ours";

/** Patterns of a key that is an ordinary word (src/settings/README.md, "Keys"). */
const asWord: Record<TextOrigin, (word: string) => string> = {
  // Not inside another word, nor as the name of a JSON field.
  foreign: (word) => `(?<!\\w)${word}(?!\\w|"\\s*:)`,
  ours: (word) => `(?<=\\b(?:Bearer|Basic) )${word}(?!\\w)`,
};

/**
 * Returns a function that removes every key from a text: plain, JSON-escaped, URL-encoded, and in base64 and
 * base64url, even as part of the encoded text (`Basic` credentials).
 */
export function createRedactor(
  keys: readonly string[],
  origin: TextOrigin = "foreign",
): (text: string) => string {
  const long = keys.filter((key) => key.length >= shortestKey);
  const pattern = patternOf(long, (key) =>
    plainWord.test(key) ? asWord[origin](escapeForPattern(key)) : escapeForPattern(key),
  );
  return pattern === undefined ? (text) => text : (text) => text.replace(pattern, replacement);
}

/** Returns a function that finds the first key in a text, in any spelling that the redactor knows. */
export function createKeySearch(keys: readonly string[]): (text: string) => string | undefined {
  const long = keys.filter((key) => key.length >= shortestFoundKey);
  const pattern = patternOf(long, escapeForPattern);
  return (text) => (pattern === undefined ? undefined : text.match(pattern)?.[0]);
}

export function redactTexts<Value>(value: Value, { redact }: { redact(text: string): string }): Value {
  const text = JSON.stringify(value);
  const shown = redact(text);
  return shown === text ? value : JSON.parse(shown);
}

/** `asItIs`: the pattern of a plain key; other spellings are found anywhere. */
function patternOf(keys: readonly string[], asItIs: (key: string) => string): RegExp | undefined {
  const patterns = new Map<string, string>();
  for (const key of keys) {
    for (const text of spellings(key)) patterns.set(text, escapeForPattern(text));
    patterns.set(key, asItIs(key));
  }
  const longestFirst = [...patterns].sort(([one], [other]) => other.length - one.length);
  const sources = longestFirst.map(([, source]) => source);
  return sources.length === 0 ? undefined : new RegExp(sources.join("|"), "g");
}

function spellings(key: string): string[] {
  const encoded = encodeURIComponent(key);
  const lowerCaseHex = encoded.replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase());
  return [key, JSON.stringify(key).slice(1, -1), encoded, lowerCaseHex, ...base64Spellings(key)];
}

/** The base64 spellings of a key at each position: three shifts, without characters shared with the text around it. */
function base64Spellings(key: string): string[] {
  const whole = Buffer.from(key).toString("base64");
  const pieces = [0, 1, 2].map((shift) => {
    const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(key)]);
    const first = Math.ceil((shift * 8) / 6);
    const last = Math.floor((bytes.length * 8) / 6);
    return bytes.toString("base64").slice(first, last);
  });
  const all = [whole, ...pieces.filter((piece) => piece.length >= shortestPiece)];
  return all.flatMap((text) => [text, text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")]);
}

function escapeForPattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}
