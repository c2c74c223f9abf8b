import type { Automation } from "../api/types.js";
import { formatLocal, relative } from "./time.js";
import { unknown } from "./value-text.js";

/** `30 Nov 09:00 +01 · in 5 d`: the server's time, shown in local time; the year where it isn't this one; a dash when paused. */
export function nextRun(automation: Automation, now: Date): string {
  if (!automation.next_run_at) return unknown;
  const at = new Date(automation.next_run_at);
  const [, day, month, year, clock, offset] = formatLocal(at).split(" ");
  const date = at.getFullYear() === now.getFullYear() ? `${day} ${month}` : `${day} ${month} ${year}`;
  return `${date} ${clock} ${offset?.replace(":00", "")} · ${relative(at, now)}`;
}
