const replacement = "[redacted]";
/** A shorter text would take ordinary words out of every message. */
const shortestKey = 4;
/** A made-up key of a test server may be an ordinary word, which no text should be refused for. */
const shortestFoundKey = 8;
const shortestPiece = 8;

/**
 * Gives back a function that takes every key out of a text: as it is, escaped in JSON, URL-encoded, and in base64 and
 * base64url, also where the key is only a part of what was encoded (`Basic` credentials).
 */
export function createRedactor(keys: readonly string[]): (text: string) => string {
  const pattern = patternOf(keys.filter((key) => key.length >= shortestKey));
  return pattern === undefined ? (text) => text : (text) => text.replace(pattern, replacement);
}

/** Gives back a function that finds the first key in a text, in any spelling that the redactor knows, as it stands there. */
export function createKeySearch(keys: readonly string[]): (text: string) => string | undefined {
  const pattern = patternOf(keys.filter((key) => key.length >= shortestFoundKey));
  return (text) => (pattern === undefined ? undefined : text.match(pattern)?.[0]);
}

function patternOf(keys: readonly string[]): RegExp | undefined {
  const longestFirst = [...new Set(keys.flatMap(spellings))].sort((a, b) => b.length - a.length);
  return longestFirst.length === 0
    ? undefined
    : new RegExp(longestFirst.map(escapeForPattern).join("|"), "g");
}

function spellings(key: string): string[] {
  const encoded = encodeURIComponent(key);
  const lowerCaseHex = encoded.replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase());
  return [key, JSON.stringify(key).slice(1, -1), encoded, lowerCaseHex, ...base64Spellings(key)];
}

/** Base64 depends on how many bytes stand before the key: three shifts, each without the characters that neighbours share. */
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
