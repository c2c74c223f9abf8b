import { schedulesEqual } from "../../schedule/equal.js";
import { readTimeZone } from "../../schedule/time-zone.js";
import type { ItemSchedule } from "../item-schedule.js";
import type { DesiredItem } from "../state/desired.js";
import type { ActualAutomation, ManifestChanges } from "./plan-item.js";

/** Whether the server's schedule is what the manifest wants: the same times, or the same text, whatever it means. */
export function isSameSchedule(
  { schedule }: { schedule: ItemSchedule },
  automation: { schedule: string },
): boolean {
  if (!schedule.ok) return schedule.text === automation.schedule;
  const isAsWritten = schedule.zone === undefined && schedule.spreadMinutes === undefined;
  return (
    (isAsWritten && schedule.text === automation.schedule) ||
    schedulesEqual(schedule.cron, automation.schedule)
  );
}

/** A line end more or less at the end says nothing to an agent, and a server may drop it: it is no difference. */
export function isSameText(desired: string, actual: string | undefined): boolean {
  return actual !== undefined && withoutLastLineEnds(desired) === withoutLastLineEnds(actual);
}

/** Texts that are equal so are one. */
export function withoutLastLineEnds(text: string): string {
  let end = text.length;
  while (text[end - 1] === "\n") end -= 1;
  return text.slice(0, end);
}

/** Whether daylight saving alone made the difference: not of what was set since the clocks went as they do now. */
export function isMovedByDst(
  { schedule }: DesiredItem,
  { automation, changes }: { automation: ActualAutomation; changes: ManifestChanges },
): boolean {
  if (!schedule.ok || changes.schedule === undefined || Object.keys(changes).length > 1) return false;
  const { otherCron, zone, offsetMinutes } = schedule;
  if (otherCron === undefined || !schedulesEqual(otherCron, automation.schedule)) return false;
  const setAt = new Date(automation.updated_at ?? "");
  const reading = zone === undefined ? undefined : readTimeZone(zone);
  if (Number.isNaN(setAt.getTime()) || reading?.ok !== true) return true;
  return reading.timeZone.offsetMinutesAt(setAt) !== offsetMinutes;
}
