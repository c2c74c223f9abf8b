import { nextDue } from "../../incident/due.js";
import type { LedgerState } from "../../incident/ledger-state.js";
import { formatLocalBriefly, formatLocalShortly, relative } from "../../output/time.js";

/** What stands behind `paused`: ` until 06:00`, with the date where that isn't today; once it is over `, due 06:00`: nothing resumes it by itself. */
export function untilWords(until: string, now: Date): string {
  const at = new Date(until);
  return `${at > now ? " until" : ", due"} ${formatLocalShortly(at, now)}`;
}

/** In a column of that title: `2 Dec 06:00`, `due 06:00`. */
export function untilCell(until: string, now: Date): string {
  return untilWords(until, now).replace(/^ until |^, /, "");
}

/** `until 2 Dec 06:00 +01`, of today `until 06:00`; once it is over `due since …`. */
export function untilInFull(until: string, now: Date): string {
  const at = new Date(until);
  return `${at > now ? "until" : "due since"} ${formatLocalBriefly(at, now)}`;
}

/** What an incident with a time says of it. */
export function standsUntil(until: string, now: Date): string {
  return `${untilInFull(until, now)}; nothing resumes it by itself`;
}

/** That nothing is due, and when the next one is. */
export function nothingDue(states: readonly LedgerState[], now: Date): string {
  const next = nextDue(states);
  if (next === undefined) return "nothing is due: no open incident has a time";
  const { at, state } = next;
  return `nothing is due; ${state.head.incident} is next: ${formatLocalBriefly(at, now)} (${relative(at, now)})`;
}
