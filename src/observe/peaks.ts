import { firingSchedule, type Span } from "./fires.js";

/** How many automations fire in one minute of UTC. */
export interface Peak {
  /** The minute's beginning; ms since 1970. */
  minuteMs: number;
  /** `Mon 09:00 UTC`. */
  name: string;
  fires: number;
}

/** So many in one minute and more are a peak: over 20. */
const fewestInPeak = 21;

/** What fires: a schedule, and the server's own next time where that is known. */
export interface Firing {
  schedule: string | null | undefined;
  /** The first time, ms; the schedule counts only after it. Absent: it counts from the window's beginning on. */
  nextMs?: number | undefined;
}

export interface Peaks {
  /** Every minute in which `atLeast` fire or more: the fullest first, equal ones by time. */
  peaks: readonly Peak[];
  /** Fires in each minute that has any, by its beginning in ms, in their order. */
  byMinute: ReadonlyMap<number, number>;
  /** The same for each hour of UTC. */
  byHour: ReadonlyMap<number, number>;
  /** Schedules that can't be read: only the server's next time of these is counted. */
  unreadable: number;
  /** Where one fires more often than can be looked at, its fires before this time aren't counted. */
  fromMs: number;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Of each schedule, the last of the window: every minute of 30 days, and a little more. */
const mostCounted = 45_000;
const weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/** When a selection fires together. Schedules that are the same text, with the same next time, are looked at once. */
export function peaksOf(
  firings: Iterable<Firing>,
  { window, atLeast = fewestInPeak }: { window: Span; atLeast?: number },
): Peaks {
  // By minutes since 1970: small whole numbers, which a Map finds soonest.
  const counts = new Map<number, number>();
  let unreadable = 0;
  let fromMs = window.sinceMs;
  for (const { schedule, nextMs, automations } of alike(firings)) {
    if (nextMs !== undefined && nextMs < window.untilMs) add(counts, minuteOf(nextMs), automations);
    const sinceMs = nextMs === undefined ? window.sinceMs : Math.max(window.sinceMs, nextMs + 1);
    const expected = firingSchedule(schedule)?.within({ ...window, sinceMs }, mostCounted);
    if (expected === undefined) {
      unreadable += automations;
      continue;
    }
    if (expected.count > mostCounted) fromMs = Math.max(fromMs, expected.firesMs[0] ?? fromMs);
    for (const fireMs of expected.firesMs) add(counts, minuteOf(fireMs), automations);
  }
  return new CountedFires(counts, { atLeast, unreadable, fromMs });
}

class CountedFires implements Peaks {
  readonly peaks: readonly Peak[];
  readonly unreadable: number;
  readonly fromMs: number;
  #byMinute?: Map<number, number>;

  /** `counts`: by minutes since 1970. */
  constructor(
    private readonly counts: ReadonlyMap<number, number>,
    { atLeast, unreadable, fromMs }: Pick<Peaks, "unreadable" | "fromMs"> & { atLeast: number },
  ) {
    this.unreadable = unreadable;
    this.fromMs = fromMs;
    this.peaks = this.#known()
      .filter(([, fires]) => fires >= atLeast)
      .sort(([one, fires], [other, otherFires]) => otherFires - fires || one - other)
      .map(([minute, fires]) => ({
        minuteMs: minute * minuteMs,
        name: minuteName(minute * minuteMs),
        fires,
      }));
  }

  get byMinute(): ReadonlyMap<number, number> {
    this.#byMinute ??= new Map(
      this.#known()
        .sort(([one], [other]) => one - other)
        .map(([minute, fires]) => [minute * minuteMs, fires]),
    );
    return this.#byMinute;
  }

  get byHour(): ReadonlyMap<number, number> {
    const byHour = new Map<number, number>();
    for (const [startMs, fires] of this.byMinute) add(byHour, Math.floor(startMs / hourMs) * hourMs, fires);
    return byHour;
  }

  #known(): [minute: number, fires: number][] {
    return [...this.counts].filter(([minute]) => minute >= minuteOf(this.fromMs));
  }
}

/** The first of what has a place that fires in each of these minutes: by the minute's beginning in ms. */
export function placesInPeaks<Place>(
  firings: Iterable<Firing & { place?: Place }>,
  { minutes, window }: { minutes: ReadonlySet<number>; window: Span },
): Map<number, Place> {
  const found = new Map<number, Place>();
  const looked = new Set<string | null | undefined>();
  for (const { schedule, place } of firings) {
    if (place === undefined || looked.has(schedule)) continue;
    looked.add(schedule);
    for (const fireMs of firingSchedule(schedule)?.within(window, mostCounted).firesMs ?? []) {
      const startMs = minuteOf(fireMs) * minuteMs;
      if (minutes.has(startMs) && !found.has(startMs)) found.set(startMs, place);
    }
  }
  return found;
}

function alike(firings: Iterable<Firing>): Iterable<Firing & { automations: number }> {
  const groups = new Map<string, Firing & { automations: number }>();
  for (const { schedule, nextMs } of firings) {
    const key = `${nextMs} ${schedule}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { schedule, nextMs, automations: 1 });
    else group.automations += 1;
  }
  return groups.values();
}

/** Since 1970. */
function minuteOf(ms: number): number {
  return Math.floor(ms / minuteMs);
}

function add(counts: Map<number, number>, key: number, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count);
}

function minuteName(ms: number): string {
  const at = new Date(ms);
  return `${weekdays[at.getUTCDay()]} ${at.toISOString().slice(11, 16)} UTC`;
}
