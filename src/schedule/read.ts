import { looksLikeCron, memoize, readCron } from "./cron.js";
import { type CronFields, formatCron, noteOnShortMonths } from "./fields.js";
import { createRefusal, type ScheduleRefusal } from "./refusal.js";
import { readWords } from "./words/read-words.js";

export interface ParsedSchedule {
  ok: true;
  kind: "cron" | "words";
  /** Five fields in normal form, equal for schedules with the same times. In UTC, unless a zone is given. */
  cron: string;
  /** What the words leave open, such as `until 16:45`. */
  note?: string;
  /** Set if the text itself says UTC, so that no other zone is possible. */
  zone?: "UTC";
}

export type ScheduleReading = ParsedSchedule | ScheduleRefusal;

const longestText = 1024;

/**
 * Reads a schedule, in words or as a five-field cron expression (src/schedule/README.md). Never throws. Refuses
 * schedules that aren't fully understood, with the nearest valid forms.
 */
export const readSchedule: (text: string) => ScheduleReading = memoize(readAnew);

function readAnew(text: string): ScheduleReading {
  if (text.length > longestText) return createRefusal(`it is longer than ${longestText} characters`);
  if (text.trim() === "") return createRefusal("it is empty", "every day at 9am");
  if (looksLikeCron(text) && !everyLength.test(text)) {
    const reading = readCron(text);
    return reading.ok ? scheduleOf("cron", reading.fields) : reading;
  }
  const reading = readWords(text.replace(everyLength, "$1 every"));
  if (!reading.ok) return reading;
  const schedule = scheduleOf("words", reading.fields, reading.note);
  return reading.isUtc ? { ...schedule, zone: "UTC" } : schedule;
}

const everyLength = /^(\s*)@every(?=\s)/i;

function scheduleOf(kind: "cron" | "words", fields: CronFields, ownNote?: string): ParsedSchedule {
  const notes = [ownNote, noteOnShortMonths(fields)].filter((text) => text !== undefined);
  return { ok: true, kind, cron: formatCron(fields), note: notes.join(", ") || undefined };
}
