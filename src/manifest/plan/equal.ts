import { schedulesEqual } from "../../schedule/equal.js";
import type { ItemSchedule } from "../item-schedule.js";

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
export function isSameText(wanted: string, actual: string | undefined): boolean {
  return actual !== undefined && withoutLastLineEnds(wanted) === withoutLastLineEnds(actual);
}

/** Texts that are equal so are one. */
export function withoutLastLineEnds(text: string): string {
  let end = text.length;
  while (text[end - 1] === "\n") end -= 1;
  return text.slice(0, end);
}
