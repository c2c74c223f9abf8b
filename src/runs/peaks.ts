import { dueTimesOf, type Span } from "./match.js";

/** A minute in UTC in which many automations run. */
export interface Peak<Position> {
  minuteMs: number;
  name: string;
  runs: number;
  position: Position;
}

/** The number of runs from which a minute is a peak. */
const fewestInPeak = 21;
const msAMinute = 60_000;

/** The limit for one schedule: every minute in 31 days, and a few more. */
const mostCounted = 45_000;
const weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/** The peaks in a window, busiest first, then by time. Skips unreadable schedules. */
export function peaksOf<Position>(
  automations: Iterable<{ schedule: string; position: Position }>,
  { window, atLeast = fewestInPeak }: { window: Span; atLeast?: number },
): Peak<Position>[] {
  const minutes = new Map<number, { runs: number; position: Position }>();
  for (const { schedule, position, count } of alike(automations)) {
    for (const runMs of dueTimesOf(schedule)?.within(window, mostCounted).timesMs ?? []) {
      const minute = Math.floor(runMs / msAMinute);
      const known = minutes.get(minute);
      if (known === undefined) minutes.set(minute, { runs: count, position });
      else known.runs += count;
    }
  }
  return [...minutes]
    .filter(([, { runs }]) => runs >= atLeast)
    .sort(([one, { runs }], [other, { runs: otherRuns }]) => otherRuns - runs || one - other)
    .map(([minute, found]) => ({ minuteMs: minute * msAMinute, name: nameOf(minute * msAMinute), ...found }));
}

function alike<Position>(
  automations: Iterable<{ schedule: string; position: Position }>,
): Iterable<{ schedule: string; position: Position; count: number }> {
  const groups = new Map<string, { schedule: string; position: Position; count: number }>();
  for (const { schedule, position } of automations) {
    const group = groups.get(schedule);
    if (group === undefined) groups.set(schedule, { schedule, position, count: 1 });
    else group.count += 1;
  }
  return groups.values();
}

function nameOf(ms: number): string {
  const at = new Date(ms);
  return `${weekdays[at.getUTCDay()]} ${at.toISOString().slice(11, 16)} UTC`;
}
