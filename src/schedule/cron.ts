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
import { memoize } from "./memoize.js";
import { enumerated, quote, refuse, type ScheduleRefusal } from "./refusal.js";

export type CronReading = { ok: true; fields: CronFields } | ScheduleRefusal;

interface FieldKind {
  label: string;
  min: number;
  max: number;
  names: readonly string[];
  firstName: number;
}

const shortNames = (names: readonly string[]) => names.map((name) => name.slice(0, 3).toLowerCase());

const fieldKinds: readonly FieldKind[] = [
  { label: "minute", min: 0, max: 59, names: [], firstName: 0 },
  { label: "hour", min: 0, max: 23, names: [], firstName: 0 },
  { label: "day of month", min: 1, max: 31, names: [], firstName: 0 },
  { label: "month", min: 1, max: 12, names: shortNames(monthNames), firstName: 1 },
  { label: "day of week", min: 0, max: 7, names: shortNames(weekdayNames), firstName: 0 },
];

const macros = new Map([
  ["@hourly", "0 * * * *"],
  ["@daily", "0 0 * * *"],
  ["@midnight", "0 0 * * *"],
  ["@weekly", "0 0 * * 0"],
  ["@monthly", "0 0 1 * *"],
  ["@yearly", "0 0 1 1 *"],
  ["@annually", "0 0 1 1 *"],
]);

/** True where a text is meant as a cron: decides which reasons a person reads, not what is accepted. */
export function looksLikeCron(text: string): boolean {
  const [first = "", second = ""] = text.trim().split(/\s+/, 2);
  if (first.startsWith("@") || text.includes("*")) return true;
  const cronOnly = /^[\d?/,\-#lw]+$/i;
  return cronOnly.test(first) && (second === "" || cronOnly.test(second));
}

/** Reads five cron fields or a macro (`@hourly` … `@yearly`). Never throws; a reason names the field and the column. */
export const readCron: (text: string) => CronReading = memoize(readAnew);

function readAnew(text: string): CronReading {
  const pieces = [...text.matchAll(/\S+/g)].map((match) => ({ text: match[0], column: match.index + 1 }));
  const [macro] = pieces;
  if (macro?.text.startsWith("@")) {
    const known = macros.get(macro.text.toLowerCase());
    if (known !== undefined && pieces.length === 1) return readCron(known);
    const what =
      known === undefined ? `${quote(macro.text)} isn't known` : `${macro.text} takes nothing else`;
    return refuse(what, `one of ${enumerated([...macros.keys()], "or")}`);
  }
  if (pieces.length !== 5) return refuseCount(pieces.map((piece) => piece.text));
  const read: ReadField[] = [];
  for (const [index, kind] of fieldKinds.entries()) {
    const piece = pieces[index];
    if (piece === undefined) return refuseCount([]);
    const field = readField(piece, { kind, position: index + 1 });
    if (!field.ok) return field;
    read.push(field);
  }
  return combine(read);
}

const zonePiece = /^(?:cron_)?tz=|^(?:utc|gmt)$|^[a-z]+\/[a-z_/]+$/i;

function refuseCount(pieces: string[]): ScheduleRefusal {
  const zone = pieces.find((piece) => zonePiece.test(piece));
  if (zone !== undefined)
    return refuse(`${quote(zone)} isn't part of a cron`, "the five fields, and --tz for a zone");
  const found = pieces.length === 1 ? "1 field" : `${pieces.length} fields`;
  const reason = `a cron has 5 fields (minute, hour, day of month, month, day of week), this has ${found}`;
  if (pieces.length !== 6) return refuse(reason, "for example 0 9 * * 1");
  const shorter = readCron(pieces.slice(1).join(" "));
  if (!shorter.ok || !/^[\d*]/.test(String(pieces[0])))
    return refuse(reason, "seconds and years don't work here");
  return refuse(reason, `without the seconds: ${formatCron(shorter.fields)}`);
}

interface Piece {
  text: string;
  column: number;
}

interface ReadField {
  ok: true;
  values: number[];
  piece: Piece;
  field: FieldPosition;
}

interface FieldPosition {
  kind: FieldKind;
  position: number;
}

function at({ kind, position }: FieldPosition, column: number): string {
  return `${kind.label} (field ${position}, column ${column})`;
}

function readField(piece: Piece, field: FieldPosition): ReadField | ScheduleRefusal {
  const values: number[] = [];
  let column = piece.column;
  for (const item of piece.text.split(",")) {
    const read = readItem({ text: item, column }, field);
    if (!read.ok) return read;
    values.push(...read.values);
    column += item.length + 1;
  }
  const isWeekday = field.kind.max === 7;
  return {
    ok: true,
    values: sorted(isWeekday ? values.map((value) => value % 7) : values),
    piece,
    field,
  };
}

type ReadItem = { ok: true; values: number[] } | ScheduleRefusal;

function readItem(item: Piece, field: FieldPosition): ReadItem {
  const { kind } = field;
  const where = at(field, item.column);
  if (item.text === "") return refuse(`${where}: a value is missing next to a comma`);
  const foreign = foreignForms.find(([pattern]) => pattern.test(item.text));
  if (foreign !== undefined)
    return refuse(`${where}: ${foreign[1]} isn't part of a five-field cron`, foreign[2]);
  const match = /^(?:(\*)|([a-z0-9]+)(?:-([a-z0-9]+))?)(?:\/(\d+))?$/i.exec(item.text);
  if (match === null) return refuse(`${where}: ${quote(item.text)} isn't a value, a range, a list or a step`);
  const [, star, firstText, lastText, stepText] = match;
  const step = stepText === undefined ? 1 : Number(stepText);
  if (step < 1) return refuse(`${where}: a step of 0 never moves on`);
  if (step > kind.max) return refuse(`${where}: a step of ${quote(String(stepText))} is above ${kind.max}`);
  if (star !== undefined) return { ok: true, values: range(kind.min, fullEnd(kind), step) };
  const first = readValue(String(firstText), kind);
  if (typeof first !== "number") return refuse(`${where}: ${first.problem}`);
  if (lastText === undefined) {
    if (stepText === undefined) return { ok: true, values: [first] };
    const written = `${firstText}-${fullEnd(kind)}/${stepText}`;
    return refuse(
      `${where}: ${quote(item.text)} means different things to different crons`,
      `write ${written}`,
    );
  }
  const last = readValue(lastText, kind);
  if (typeof last !== "number") return refuse(`${where}: ${last.problem}`);
  // A name can't say 7: a range that ends with Sunday ends the week.
  const end = kind.max === 7 && /^sun$/i.test(lastText) && first > 0 ? 7 : last;
  if (first > end) return refuseWrapping(item.text, { where, kind, first, end });
  return { ok: true, values: range(first, end, step) };
}

/** The last value of a whole field: in a week Saturday, 7 being Sunday again. */
function fullEnd(kind: FieldKind): number {
  return kind.max === 7 ? 6 : kind.max;
}

function readValue(text: string, kind: FieldKind): number | { problem: string } {
  const named = kind.names.indexOf(text.toLowerCase());
  if (named >= 0) return named + kind.firstName;
  const names = kind.names.length > 0 ? ` or ${kind.names.at(0)}–${kind.names.at(-1)}` : "";
  const allowed = `${kind.min}–${kind.max}${names}`;
  const isLongName = kind.names.includes(text.slice(0, 3).toLowerCase()) && /^[a-z]+$/i.test(text);
  if (isLongName) return { problem: `${quote(text)} isn't ${allowed}: names have three letters` };
  if (!/^\d+$/.test(text)) return { problem: `${quote(text)} isn't ${allowed}` };
  const value = Number(text);
  if (value >= kind.min && value <= kind.max) return value;
  return { problem: `${quote(text)} is out of range, ${allowed}` };
}

const foreignForms: readonly [RegExp, string, string][] = [
  [/\?/, '"?"', "write *"],
  [/#/, '"#" (the nth weekday of a month)', "every week of the month, for example 0 9 * * 1"],
  [/^l|\dl$|(?<![a-z])l-\d|lw/i, '"L" (the last day)', "a day that every month has, for example 28"],
  [/^\d*w$|\dw/i, '"W" (the nearest weekday)', "a weekday range, for example 0 9 * * 1-5"],
  [/^h(?:\(|\/|$)/i, '"H" (a hashed time)', "a time of your own choice"],
];

function refuseWrapping(
  item: string,
  { where, kind, first, end }: { where: string; kind: FieldKind; first: number; end: number },
): ScheduleRefusal {
  const span = (from: number, to: number) => (from === to ? `${from}` : `${from}-${to}`);
  const hint = item.includes("/")
    ? "write the values out"
    : `write ${first === 7 ? "" : `${span(first, fullEnd(kind))},`}${span(kind.min, end)}`;
  return refuse(`${where}: the range ${quote(item)} runs backwards`, hint);
}

function combine(read: ReadField[]): CronReading {
  const [minute, hour, day, month, weekday] = read;
  if (!minute || !hour || !day || !month || !weekday) return refuseCount([]);
  const ambiguous = refuseStarBesideDay(day, weekday) ?? refuseStarBesideDay(weekday, day);
  if (ambiguous !== undefined) return ambiguous;
  const given: CronFields = {
    minutes: minute.values,
    hours: hour.values,
    days: day.values,
    months: month.values,
    weekdays: weekday.values,
  };
  // Written out in full beside a restricted one, a day field still counts: 1-31 or Monday is every day.
  const isWhole = day.values.length === 31 || weekday.values.length === 7;
  if (day.piece.text !== "*" && weekday.piece.text !== "*" && isWhole) {
    return { ok: true, fields: normalize({ ...given, days: range(1, 31), weekdays: range(0, 6) }) };
  }
  const fields = normalize(given);
  if (fields.days.length > 0) return { ok: true, fields };
  const shortest = given.months.filter((value) => daysInMonth(value) < Math.max(...given.days));
  const reason = `${at(day.field, day.piece.column)}: ${enumerated(shortest.map((value) => String(monthNames[value - 1])))} never has a day ${enumerated(given.days.map(String), "or")}`;
  if (!restrictsWeekdays(given)) return { ...refuse(reason), isNever: true };
  return refuse(reason, `the weekdays alone: ${formatCron({ ...given, days: range(1, 31) })}`);
}

/** Vixie cron reads a star with a step beside a restricted day field as "and", the libraries as "or". */
function refuseStarBesideDay(field: ReadField, other: ReadField): ScheduleRefusal | undefined {
  if (other.piece.text === "*" || field.piece.text === "*") return undefined;
  const star = field.piece.text.split(",").find((item) => item.startsWith("*"));
  if (star === undefined) return undefined;
  const { kind } = field.field;
  const written = star === "*" ? "*" : `${kind.min}-${fullEnd(kind)}${star.slice(1)}`;
  return refuse(
    `${at(field.field, field.piece.column)}: ${quote(star)} beside a ${other.field.kind.label} is "and" to some crons and "or" to others`,
    star === "*" ? "write * alone, or only the other days" : `for "or" write ${written}`,
  );
}
