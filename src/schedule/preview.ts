import { readCron } from "./cron.js";
import { nextTimes } from "./cron-times.js";
import { type DescribeCron, loadDescribeCron } from "./describe.js";
import { describeTimes } from "./phrases.js";
import { type ParsedSchedule, readSchedule } from "./read.js";
import { createRefusal, type ScheduleRefusal } from "./refusal.js";
import { localTime, readTimeZone, systemTimeZone, type TimeZone } from "./time-zone.js";
import { formatClock } from "./words/time-window.js";
import { clockOf, convertToUtc, type LocalTime, markLocalTimes, type UtcSchedule } from "./zone.js";

export interface PreviewRequest {
  text: string;
  /** The zone of the schedule; default: UTC. */
  timeZone?: string;
  /** The zone of the displayed times; default: the schedule's own, otherwise the machine's. */
  displayZone?: string;
  now: Date;
  count?: number;
}

export interface SchedulePreview {
  ok: true;
  input: string;
  kind: "cron" | "words";
  /** Five fields in UTC, as sent to the API. */
  cron: string;
  description: string;
  /** What the words leave open, such as `until 16:45`, in `timeZone`. */
  note?: string;
  /** `UTC`, or the full name of the given zone. */
  timeZone: string;
  /** The sentence in `timeZone`, unless that is UTC. */
  localDescription?: string;
  displayZone: string;
  next: LocalTime[];
  offsetChangesAt?: Date;
  nextAfterChange?: Date;
  /** `09:00 UTC is 11:00 in Europe/Berlin`, if no zone was given. */
  utcRemark?: string;
}

export type Preview = SchedulePreview | ScheduleRefusal;

export type PreviewSchedule = (options: PreviewRequest) => Preview;

/** Loads a function that makes previews synchronously, for every key press, and never throws. */
export async function loadPreviewSchedule(): Promise<PreviewSchedule> {
  const describe = await loadDescribeCron();
  return (options) => preview(options, describe);
}

export async function previewSchedule(options: PreviewRequest): Promise<Preview> {
  return (await loadPreviewSchedule())(options);
}

function preview(options: PreviewRequest, describe: DescribeCron): Preview {
  const read = readInZone(options);
  if ("reason" in read) return read;
  const { reading, cron, conversion } = read;
  const zone = options.displayZone ?? options.timeZone;
  const shown = zone === undefined ? ({ ok: true, timeZone: systemTimeZone() } as const) : readTimeZone(zone);
  if (!shown.ok) return shown;
  const display = shown.timeZone;
  const times = nextTimes(cron, options.now, options.count ?? 3);
  const offsetMinutes = conversion?.timeZone === display.name ? conversion.offsetMinutes : undefined;
  const usual = offsetMinutes ?? display.offsetMinutesAt(options.now);
  const utcRemark = conversion || reading.zone ? undefined : remarkOnUtc(cron, { display, now: options.now });
  return {
    ok: true,
    input: options.text,
    kind: reading.kind,
    cron,
    description: describe(cron),
    note: reading.note,
    timeZone: conversion?.timeZone ?? "UTC",
    localDescription:
      conversion && conversion.timeZone !== "UTC" ? describe(reading.cron).replace(" UTC", "") : undefined,
    displayZone: display.name,
    next: markLocalTimes({ cron, times, timeZone: display, offsetMinutes: usual }),
    offsetChangesAt: conversion?.offsetChangesAt,
    nextAfterChange: conversion?.nextAfterChange,
    ...(utcRemark && { utcRemark }),
  };
}

/** For create, update and apply: reads a schedule and, if a zone is given, converts it to UTC. */
function readInZone({
  text,
  timeZone,
  now,
}: PreviewRequest): { reading: ParsedSchedule; cron: string; conversion?: UtcSchedule } | ScheduleRefusal {
  const reading = readSchedule(text);
  if (!reading.ok) return reading;
  if (timeZone === undefined) return { reading, cron: reading.cron };
  const conversion = convertToUtc({ cron: reading.cron, timeZone, now });
  if (!conversion.ok) return conversion;
  if (reading.zone !== undefined && conversion.timeZone !== reading.zone) {
    return createRefusal(`the schedule says UTC, but the zone is ${conversion.timeZone}`, "choose one");
  }
  return { reading, cron: conversion.cron, conversion };
}

function remarkOnUtc(cron: string, { display, now }: { display: TimeZone; now: Date }): string | undefined {
  const reading = readCron(cron);
  if (!reading.ok || describeTimes(reading.fields)?.kind !== "clock") return undefined;
  const { hours, minutes } = reading.fields;
  const time = (hours.at(0) ?? 0) * 60 + (minutes.at(0) ?? 0);
  if (display.offsetMinutesAt(now) === 0) return undefined;
  const today = new Date(now);
  today.setUTCHours(0, time, 0, 0);
  return `${formatClock(time)} UTC is ${clockOf(localTime(display, today))} in ${display.name}`;
}
