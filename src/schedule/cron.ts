import {
  type CronFields,
  daysInMonth,
  formatCron,
  monthNames,
  normalize,
  range,
  restrictsWeekdays,
  sorted,
  weekdayNames,
} from "./fields.js";
import { createRefusal, enumerated, orRefusal, quote, Refused, type ScheduleRefusal } from "./refusal.js";

type CronReading = { ok: true; fields: CronFields } | ScheduleRefusal;

interface FieldKind {
  label: string;
  position: number;
  min: number;
  max: number;
  names: readonly string[];
}

const shortNames = (names: readonly string[]) => names.map((name) => name.slice(0, 3).toLowerCase());

const kinds = {
  minute: { label: "minute", position: 1, min: 0, max: 59, names: [] },
  hour: { label: "hour", position: 2, min: 0, max: 23, names: [] },
  day: { label: "day of month", position: 3, min: 1, max: 31, names: [] },
  month: { label: "month", position: 4, min: 1, max: 12, names: shortNames(monthNames) },
  weekday: { label: "day of week", position: 5, min: 0, max: 7, names: shortNames(weekdayNames) },
} satisfies Record<string, FieldKind>;

const macros = new Map([
  ["@hourly", "0 * * * *"],
  ["@daily", "0 0 * * *"],
  ["@midnight", "0 0 * * *"],
  ["@weekly", "0 0 * * 0"],
  ["@monthly", "0 0 1 * *"],
  ["@yearly", "0 0 1 1 *"],
  ["@annually", "0 0 1 1 *"],
]);

/** True if a text is meant as a cron expression, which affects only the reasons shown, not what is accepted. */
export function looksLikeCron(text: string): boolean {
  const [first = "", second = ""] = text.trim().split(/\s+/, 2);
  if (first.startsWith("@") || text.includes("*")) return true;
  const cronOnly = /^[\d?/,\-#lw]+$/i;
  return cronOnly.test(first) && (second === "" || cronOnly.test(second));
}

/** Reads five cron fields or a macro (`@hourly` … `@yearly`). Never throws; a reason names the field and the column. */
export const readCron: (text: string) => CronReading = memoize(readAnew);

function readAnew(text: string): CronReading {
  const read = orRefusal(() => readText(text));
  return read instanceof Refused ? read.refusal : { ok: true, fields: read };
}

function readText(text: string): CronFields {
  const pieces = [...text.matchAll(/\S+/g)].map((match) => ({ text: match[0], column: match.index + 1 }));
  const [macro] = pieces;
  if (macro?.text.startsWith("@")) {
    const known = macros.get(macro.text.toLowerCase());
    if (known !== undefined && pieces.length === 1) return readText(known);
    const what = known === undefined ? `${quote(macro.text)} is unknown` : `${macro.text} can't be combined`;
    return stop(what, `one of ${enumerated([...macros.keys()], "or")}`);
  }
  const [minute, hour, day, month, weekday, more] = pieces;
  if (!minute || !hour || !day || !month || !weekday || more)
    return refuseCount(pieces.map((piece) => piece.text));
  const times = {
    minutes: readField(minute, kinds.minute).values,
    hours: readField(hour, kinds.hour).values,
  };
  const [days, months] = [readField(day, kinds.day), readField(month, kinds.month)];
  return combine({ ...times, months: months.values }, days, readField(weekday, kinds.weekday));
}

const zonePiece = /^(?:cron_)?tz=|^(?:utc|gmt)$|^[a-z]+\/[a-z_/]+$/i;

function refuseCount(pieces: string[]): never {
  const zone = pieces.find((piece) => zonePiece.test(piece));
  if (zone !== undefined)
    return stop(`${quote(zone)} isn't part of a cron`, "use the five fields, and --tz for a zone");
  const found = pieces.length === 1 ? "1 field" : `${pieces.length} fields`;
  const reason = `a cron has 5 fields (minute, hour, day of month, month, day of week), this has ${found}`;
  if (pieces.length !== 6) return stop(reason, "write all five fields");
  const shorter = readCron(pieces.slice(1).join(" "));
  if (!shorter.ok || !/^[\d*]/.test(String(pieces[0])))
    return stop(reason, "seconds and years don't work here");
  return stop(reason, `without the seconds: ${formatCron(shorter.fields)}`);
}

interface Piece {
  text: string;
  column: number;
}

interface ReadField extends Piece {
  kind: FieldKind;
  values: number[];
}

function at({ kind, column }: { kind: FieldKind; column: number }): string {
  return `${kind.label} (field ${kind.position}, column ${column})`;
}

function readField(piece: Piece, kind: FieldKind): ReadField {
  let { column } = piece;
  const values = piece.text.split(",").flatMap((text) => {
    const read = readItem({ text, column }, kind);
    column += text.length + 1;
    return read;
  });
  return { ...piece, kind, values: sorted(kind.max === 7 ? values.map((value) => value % 7) : values) };
}

function readItem({ text, column }: Piece, kind: FieldKind): number[] {
  const fail = (what: string, hint?: string) => stop(`${at({ kind, column })}: ${what}`, hint);
  if (text === "") return fail("a value is missing next to a comma");
  const foreign = foreignForms.find(([pattern]) => pattern.test(text));
  if (foreign !== undefined) return fail(`${foreign[1]} isn't part of a five-field cron`, foreign[2]);
  const match = /^(?:(\*)|([a-z0-9]+)(?:-([a-z0-9]+))?)(?:\/(\d+))?$/i.exec(text);
  if (match === null) return fail(`${quote(text)} isn't a value, a range, a list or a step`);
  const [, star, firstText = "", lastText, stepText] = match;
  const step = stepText === undefined ? 1 : Number(stepText);
  if (step < 1) return fail("a step of 0 never advances");
  if (step > kind.max) return fail(`a step of ${quote(String(stepText))} is above ${kind.max}`);
  if (star !== undefined) return range(kind.min, fullEnd(kind), step);
  const first = readValue(firstText, kind, fail);
  if (lastText === undefined) {
    if (stepText === undefined) return [first];
    const written = `${firstText}-${fullEnd(kind)}/${stepText}`;
    return fail(`${quote(text)} means different things in different cron programs`, `write ${written}`);
  }
  const last = readValue(lastText, kind, fail);
  // A name can't mean 7, so in a range that ends with Sunday, Sunday ends the week.
  const end = kind.max === 7 && /^sun$/i.test(lastText) && first > 0 ? 7 : last;
  if (first <= end) return range(first, end, step);
  const span = (from: number, to: number) => (from === to ? `${from}` : `${from}-${to}`);
  const before = first === 7 ? "" : `${span(first, fullEnd(kind))},`;
  const hint = text.includes("/") ? "write the values out" : `write ${before}${span(kind.min, end)}`;
  return fail(`the range ${quote(text)} runs backwards`, hint);
}

/** The last value of a full field; in a week that is Saturday, because 7 is Sunday again. */
function fullEnd(kind: FieldKind): number {
  return kind.max === 7 ? 6 : kind.max;
}

function readValue(text: string, { names, min, max }: FieldKind, fail: (what: string) => never): number {
  const named = names.indexOf(text.toLowerCase());
  if (named >= 0) return named + min;
  const allowed = `${min}–${max}${names.length > 0 ? ` or ${names.at(0)}–${names.at(-1)}` : ""}`;
  const isLongName = names.includes(text.slice(0, 3).toLowerCase()) && /^[a-z]+$/i.test(text);
  if (isLongName) return fail(`${quote(text)} isn't ${allowed}: names have three letters`);
  if (!/^\d+$/.test(text)) return fail(`${quote(text)} isn't ${allowed}`);
  const value = Number(text);
  return value >= min && value <= max ? value : fail(`${quote(text)} is out of range, ${allowed}`);
}

const foreignForms: readonly [RegExp, string, string][] = [
  [/\?/, '"?"', "write *"],
  [/#/, '"#" (the nth weekday of a month)', "every week of the month, for example 0 9 * * 1"],
  [/^l|\dl$|(?<![a-z])l-\d|lw/i, '"L" (the last day)', "a day that every month has, for example 28"],
  [/^\d*w$|\dw/i, '"W" (the nearest weekday)', "a weekday range, for example 0 9 * * 1-5"],
  [/^h(?:\(|\/|$)/i, '"H" (a hashed time)', "a fixed time"],
];

function combine(
  times: Pick<CronFields, "minutes" | "hours" | "months">,
  day: ReadField,
  weekday: ReadField,
) {
  refuseStarBesideDay(day, weekday);
  refuseStarBesideDay(weekday, day);
  const given: CronFields = { ...times, days: day.values, weekdays: weekday.values };
  // A full day field beside a restricted one still counts: 1-31 or Monday is every day.
  const isWhole = day.values.length === 31 || weekday.values.length === 7;
  if (day.text !== "*" && weekday.text !== "*" && isWhole)
    return normalize({ ...given, days: range(1, 31), weekdays: range(0, 6) });
  const fields = normalize(given);
  if (fields.days.length > 0) return fields;
  const shortest = given.months.filter((value) => daysInMonth(value) < Math.max(...given.days));
  const reason = `${at(day)}: ${enumerated(shortest.map((value) => String(monthNames[value - 1])))} never has a day ${enumerated(given.days.map(String), "or")}`;
  if (!restrictsWeekdays(given)) throw new Refused({ ...createRefusal(reason), isNever: true });
  return stop(reason, `for the weekdays only: ${formatCron({ ...given, days: range(1, 31) })}`);
}

/** Beside a restricted day field, Vixie cron reads a star with a step as "and", but the libraries read it as "or". */
function refuseStarBesideDay(field: ReadField, other: ReadField): void {
  if (other.text === "*" || field.text === "*") return;
  const star = field.text.split(",").find((item) => item.startsWith("*"));
  if (star === undefined) return;
  const { kind } = field;
  const written = star === "*" ? "*" : `${kind.min}-${fullEnd(kind)}${star.slice(1)}`;
  stop(
    `${at(field)}: ${quote(star)} beside a ${other.kind.label} means "and" in some cron programs and "or" in others`,
    star === "*" ? "write * alone, or only the other days" : `for "or" write ${written}`,
  );
}

function stop(reason: string, hint?: string): never {
  throw new Refused(createRefusal(reason, hint));
}

const mostKnown = 4_000;

/** Caches a pure function by text, because a fleet repeats the same few schedules. */
export function memoize<Value>(work: (text: string) => Value): (text: string) => Value {
  const known = new Map<string, { value: Value }>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before.value;
    const value = work(text);
    if (known.size >= mostKnown) known.clear();
    known.set(text, { value });
    return value;
  };
}
