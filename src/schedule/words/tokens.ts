import { monthNames, weekdayNames } from "../fields.js";
import { quote } from "../refusal.js";

/** A word of a schedule; its first column is 1. */
export type Token = { column: number; text: string } & (
  | { kind: "word" }
  | { kind: "separator" }
  | { kind: "dash" }
  | { kind: "end" }
  /** A count, or a day of the month. */
  | { kind: "number"; value: number }
  | { kind: "ordinal"; value: number }
  /** Minutes after midnight. */
  | { kind: "time"; value: number }
  /** `5m`, `2h`, `1h30m`; with `clock` if it may also be a time of day: `17h`, `17h30`. */
  | { kind: "span"; unit: "minute" | "hour"; count: number; clock?: number }
  | { kind: "past"; value: number }
  /** A weekday's number; only a plural (`mondays`) means every week, and a short form (`mo`) needs others beside it. */
  | { kind: "weekday"; value: number; form: "name" | "plural" | "short" }
  | { kind: "slash" }
  | { kind: "month"; value: number }
  | { kind: "bad"; reason: string; hint?: string }
);

type Span = Extract<Token, { kind: "span" }>;

type Meaning = Token extends infer Each
  ? Each extends Token
    ? Omit<Each, "column" | "text">
    : never
  : never;

type Values = readonly (readonly [word: string, value: number])[];

const numberWords: Values = [
  ..."one two three four five six seven eight nine ten eleven twelve"
    .split(" ")
    .map((word, index) => [word, index + 1] as const),
  ["fifteen", 15],
  ["twenty", 20],
  ["thirty", 30],
];

export const numberNames: readonly string[] = numberWords.map(([word]) => word);

const clock = /^(\d{1,2})(?::(\d{2}))?\s*([ap])(?:\.\s?m\b\.?|m\b)|^(\d{1,2}):(\d{2})(?![\d:])/i;
const hourNames = numberNames.slice(0, 12);
const spokenClock = new RegExp(`^(${hourNames.join("|")})\\s+([ap])(?:\\.\\s?m\\b\\.?|m\\b)`, "i");
const badClock = /^\d+[:.]\d+(?:[:.]\d+)*\s*(?:[ap]\.?m\b\.?)?|^\d+\s*[ap]\.?m\b\.?/i;
const rules: readonly [RegExp, (match: RegExpExecArray) => Meaning | undefined][] = [
  [clock, readClock],
  [spokenClock, readSpokenClock],
  [/^\d+\.\d+(?=\s*(?:hours?|hrs?|h)\b)/i, (match) => ({ kind: "number", value: Number(match[0]) })],
  [badClock, readBadClock],
  [/^\d{1,4}M(?!\w)/, (match) => refuseMonthOrMinute(match[0])],
  [/^(?:(\d{1,4})(?:h|hrs?))?(?:(\d{1,4})(?:m|mins?)?)?(?!\w)/i, readSpan],
  [/^:(\d{2})(?![\d:])/, (match) => readPast(Number(match[1]), match[0])],
  [/^(\d{1,3})(st|nd|rd|th)\b/i, (match) => readOrdinal(Number(match[1]), match[0])],
  [/^\d+(?![\p{L}\d_:.])/u, (match) => ({ kind: "number", value: Number(match[0]) })],
  [/^m-f\b(?!-)/i, () => ({ kind: "word" })],
  [/^[a-z]+-[a-z]+\b/i, (match) => readWord(match[0].toLowerCase())],
  [/^o['’]?clock\b/i, () => ({ kind: "word" })],
  [/^\p{L}+(?![\p{L}\p{M}\d_'’])/u, (match) => readWord(match[0].toLowerCase())],
  [/^\/(?=\p{L})/u, () => ({ kind: "slash" })],
  [/^(?:,\s*(?:and\b|&)|,|&)/i, () => ({ kind: "separator" })],
  [/^[-–—]/, () => ({ kind: "dash" })],
];

export const timeHint = "write times as 9am, 9:30pm, 09:30, noon or midnight";

/** Splits a text into tokens, the last of kind `end`. Text that fits no rule becomes one `bad` token. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.replace(/[\s.]+$/, "").length;
  let index = 0;
  while (index < end) {
    const rest = text.slice(index, end);
    const blank = /^\s+/.exec(rest);
    if (blank !== null) {
      index += blank[0].length;
      continue;
    }
    const token = readToken(rest, index + 1);
    tokens.push(token);
    index += token.text.length;
  }
  tokens.push({ kind: "end", column: end + 1, text: "" });
  return tokens;
}

function readToken(rest: string, column: number): Token {
  for (const [pattern, read] of rules) {
    const match = pattern.exec(rest);
    const meaning = match && read(match);
    const isCompound = meaning?.kind === "word" && match?.[0].includes("-") && !/^m-f$/i.test(match[0]);
    if (!match || !meaning || isCompound) continue;
    return { ...meaning, column, text: match[0] };
  }
  const piece = /^[^\s,]+/.exec(rest)?.[0] ?? rest;
  return { kind: "bad", column, text: piece, reason: `${quote(piece)} isn't part of a schedule` };
}

function readClock(match: RegExpExecArray): Meaning {
  const [text, hour12, minute12, half, hour24, minute24] = match;
  const isHalfDay = half !== undefined;
  const hour = Number(isHalfDay ? hour12 : hour24);
  const minute = Number(minute12 ?? minute24 ?? 0);
  if (minute > 59) {
    return { kind: "bad", reason: `${quote(text)} isn't a time: an hour has 60 minutes`, hint: timeHint };
  }
  if (!isHalfDay) {
    if (hour < 24) return { kind: "time", value: hour * 60 + minute };
    const hint = hour === 24 && minute === 0 ? "write midnight or 00:00" : timeHint;
    return { kind: "bad", reason: `${quote(text)} isn't a time: the last time of a day is 23:59`, hint };
  }
  if (hour < 1 || hour > 12) {
    return { kind: "bad", reason: `${quote(text)} isn't a time: am and pm go with 1 to 12`, hint: timeHint };
  }
  return { kind: "time", value: hourOfHalf(hour, half) * 60 + minute };
}

/** `nine am`. */
function readSpokenClock([, name = "", half = ""]: RegExpExecArray): Meaning {
  return { kind: "time", value: hourOfHalf(hourNames.indexOf(name.toLowerCase()) + 1, half) * 60 };
}

function hourOfHalf(hour: number, half: string): number {
  return (hour % 12) + (half.toLowerCase() === "p" ? 12 : 0);
}

/** Refuses `9.30`, a time with the wrong separator, and suggests the right one. */
function readBadClock([text]: RegExpExecArray): Meaning {
  const [, hour, minute, half] = /^(\d{1,2})\.([0-5]\d)\s*([ap]\.?m)?/i.exec(text) ?? [];
  const isTime = hour !== undefined && Number(hour) < 24;
  const written = half === undefined ? hintOnHour(Number(hour), minute) : `write ${hour}:${minute}${half}`;
  const hint = isTime ? written : timeHint;
  return { kind: "bad", reason: `${quote(text.trim())} isn't a time of day`, hint };
}

export function hintOnHour(hour: number, minute = "00"): string {
  const clock24 = `${String(hour).padStart(2, "0")}:${minute}`;
  if (hour < 1 || hour > 12) return `write ${clock24 === "00:00" ? "midnight or 00:00" : clock24}`;
  if (hour === 12 && minute === "00") return "write noon or midnight";
  const [morning, evening] = ["am", "pm"].map(
    (half) => `${hour}${minute === "00" ? "" : `:${minute}`}${half}`,
  );
  return `${morning} or ${evening}? write ${morning}, ${evening} or ${clock24}`;
}

function refuseMonthOrMinute(text: string): Meaning {
  const count = Number.parseInt(text, 10);
  const hint = `write ${count} minutes or ${count} months`;
  return { kind: "bad", reason: `${quote(text)} could be minutes or months`, hint };
}

/** `5m`, `2h`, `1h30m`, `17h30`; not a number alone. */
function readSpan([text, hourText, minuteText]: RegExpExecArray): Meaning | undefined {
  if (/^\d*$/.test(text)) return undefined;
  const hours = Number(hourText ?? 0);
  const minutes = Number(minuteText ?? 0);
  const isClock = /^\d{1,2}h(?:[0-5]\d)?$/i.test(text) && hours < 24;
  const length: Pick<Span, "unit" | "count"> =
    minuteText === undefined
      ? { unit: "hour", count: hours }
      : { unit: "minute", count: hours * 60 + minutes };
  return { kind: "span", ...length, clock: isClock ? hours * 60 + minutes : undefined };
}

function readPast(value: number, text: string): Meaning {
  if (value < 60) return { kind: "past", value };
  return { kind: "bad", reason: `${quote(text)} isn't a minute of an hour`, hint: "0 to 59" };
}

/** `1st`, `22nd`, `13th`. */
export function ordinal(value: number): string {
  const isTeen = value % 100 >= 11 && value % 100 <= 13;
  const suffix = isTeen ? "th" : (["th", "st", "nd", "rd"][value % 10] ?? "th");
  return `${value}${suffix}`;
}

function readOrdinal(value: number, text: string): Meaning {
  if (ordinal(value) !== text.toLowerCase()) {
    return { kind: "bad", reason: `${quote(text)} isn't a day`, hint: `write ${ordinal(value)}` };
  }
  return { kind: "ordinal", value };
}

const smallOrdinals = (
  "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth " +
  "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
).split(" ");

const ordinalWords: Values = [
  ...smallOrdinals.map((word, index) => [word, index + 1] as const),
  ...smallOrdinals.slice(0, 9).map((word, index) => [`twenty-${word}`, index + 21] as const),
  ["thirtieth", 30],
  ["thirty-first", 31],
];

const monthWords: Values = [...named(monthNames, 1), ["sept", 9]];

/** Short weekdays in German and French calendars that are English too. */
const shortWeekdays = ["su", "mo", "tu", "we", "th", "fr", "sa"];

const weekdayWords: Values = [...named(weekdayNames, 0), ["tues", 2], ["weds", 3], ["thur", 4], ["thurs", 4]];

const timeWords: Values = [
  ["noon", 720],
  ["midday", 720],
  ["midnight", 0],
];

function named(names: readonly string[], first: number): Values {
  return names.flatMap((name, index) =>
    [name, name.slice(0, 3)].map((word) => [word.toLowerCase(), index + first] as const),
  );
}

const meanings = new Map<string, Meaning>([
  ["and", { kind: "separator" }],
  ...timeWords.map(([word, value]) => [word, { kind: "time", value }] as const),
  ...ordinalWords.map(([word, value]) => [word, { kind: "ordinal", value }] as const),
  ...numberWords.map(([word, value]) => [word, { kind: "number", value }] as const),
  ...monthWords.map(([word, value]) => [word, { kind: "month", value }] as const),
  ...weekdayWords.map(([word, value]) => [`${word}s`, { kind: "weekday", value, form: "plural" }] as const),
  // Later entries override: "tues" is a short form rather than a plural.
  ...weekdayWords.map(([word, value]) => [word, { kind: "weekday", value, form: "name" }] as const),
  ...shortWeekdays.map((word, value) => [word, { kind: "weekday", value, form: "short" }] as const),
]);

function readWord(word: string): Meaning {
  return meanings.get(word) ?? { kind: "word" };
}

/** Names for "did you mean". */
export const scheduleNames: readonly string[] = [
  ...[...monthNames, ...weekdayNames].map((name) => name.toLowerCase()),
  ...weekdayNames.map((name) => `${name.toLowerCase()}s`),
  ...timeWords.map(([word]) => word),
  ...smallOrdinals,
  ...numberNames,
];
