import { firingSchedule, type Span } from "./fires.js";

/** How many automations fire in one minute of UTC. */
export interface Peak {
  /** The minute's beginning; ms since 1970. */
  minuteMs: number;
  /** `Mon 09:00 UTC`. */
  name: string;
  fires: number;
}

export interface Peaks {
  /** Every minute in which `atLeast` fire or more: the fullest first, equal ones by time. */
  peaks: readonly Peak[];
  /** Fires in each hour of UTC that has any, by its beginning in ms, in their order. */
  byHour: ReadonlyMap<number, number>;
  /** Schedules that can't be read, and so aren't counted. */
  unreadable: number;
  /** Where one fires more often than can be looked at, its fires before this time aren't counted. */
  fromMs: number;
}

const hourMs = 3_600_000;

/** Of each schedule, the last of the window: every minute of 30 days, and a little more. */
const mostCounted = 45_000;
const weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/** When a selection fires together. Schedules that are the same text are looked at once. */
export function peaksOf(
  schedules: Iterable<string | null | undefined>,
  { window, atLeast }: { window: Span; atLeast: number },
): Peaks {
  const automations = new Map<string, number>();
  for (const schedule of schedules)
    automations.set(schedule ?? "", (automations.get(schedule ?? "") ?? 0) + 1);
  const byMinute = new Map<number, number>();
  const byHour = new Map<number, number>();
  let unreadable = 0;
  let fromMs = window.sinceMs;
  for (const [schedule, count] of automations) {
    const expected = firingSchedule(schedule)?.within(window, mostCounted);
    if (expected === undefined) {
      unreadable += count;
      continue;
    }
    if (expected.count > mostCounted) fromMs = Math.max(fromMs, expected.firesMs[0] ?? fromMs);
    for (const fireMs of expected.firesMs) add(byMinute, fireMs, count);
  }
  for (const [fireMs, count] of byMinute) {
    if (fireMs < fromMs) byMinute.delete(fireMs);
    else add(byHour, Math.floor(fireMs / hourMs) * hourMs, count);
  }
  const peaks = [...byMinute]
    .filter(([, fires]) => fires >= atLeast)
    .sort(([one, fires], [other, otherFires]) => otherFires - fires || one - other)
    .map(([minute, fires]) => ({ minuteMs: minute, name: minuteName(minute), fires }));
  return { peaks, byHour: new Map([...byHour].sort(([one], [other]) => one - other)), unreadable, fromMs };
}

function add(counts: Map<number, number>, key: number, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count);
}

function minuteName(ms: number): string {
  const at = new Date(ms);
  return `${weekdays[at.getUTCDay()]} ${at.toISOString().slice(11, 16)} UTC`;
}
