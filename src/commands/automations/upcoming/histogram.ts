import type { Automation } from "../../../api/types.js";
import type { Context } from "../../../context.js";
import { UsageError } from "../../../errors.js";
import { type Peaks, peaksOf } from "../../../observe/peaks.js";
import { counted } from "../../../output/count.js";
import { dayMs, formatDuration, hourMs, minuteMs } from "../../../output/duration.js";
import { printList } from "../../../output/list.js";
import type { Printer } from "../../../output/printer.js";
import { formatRfc3339 } from "../../../output/time.js";
import { peakTexts } from "../shared/peak-texts.js";

/** So far ahead is counted: the minutes of a month are many enough. */
const mostDays = 31;

/** Throws UsageError where the window is longer than what is counted. */
export function checkWindow(withinMs: number): void {
  if (withinMs <= mostDays * dayMs) return;
  throw new UsageError(`--histogram counts at most ${mostDays} days: --within ${mostDays}d`);
}

/** How many fire in an hour of UTC, or in a minute of one that has a peak. */
export interface Bar {
  startMs: number;
  unit: "hour" | "minute";
  count: number;
  /** Of a minute: it is one. */
  isPeak: boolean;
}

interface Histogram {
  printer: Printer;
  /** The selected ones, paused ones too. */
  automations: readonly Pick<Automation, "enabled" | "schedule" | "next_run_at">[];
  now: Date;
  until: Date;
  /** Why nothing fires. */
  empty(): Promise<string>;
}

/** Prints how many of the automations fire in each hour from `now` until `until`, and names the peaks. */
export async function printHistogram(
  { settings }: Pick<Context, "settings">,
  { printer, automations, now, until, empty }: Histogram,
): Promise<void> {
  const window = { sinceMs: now.getTime(), untilMs: until.getTime() + 1 };
  const firings = automations.flatMap(({ enabled, schedule, next_run_at: next }) =>
    enabled === false || !next ? [] : [{ schedule, nextMs: Date.parse(next) }],
  );
  const counts = peaksOf(firings, { window });
  const bars = barsOf(counts);
  const fires = [...counts.byHour.values()].reduce((sum, count) => sum + count, 0);
  const texts = peakTexts(counts.peaks, window);
  if (printer.isForPerson) {
    if (bars.length === 0) return printer.note(await empty());
    const { renderHistogram } = await import("./histogram-view.js");
    const { barSigns } = await import("../../../output/bars.js");
    const { style, columns } = printer;
    const look = { style, columns, signs: barSigns(settings), window };
    await printer.out(renderHistogram(bars, { ...look, peaks: texts }));
  } else {
    await printList<Bar>(printer, {
      items: bars,
      columns: [
        { key: "start", title: "START", cell: ({ startMs }) => formatRfc3339(startMs) },
        { key: "unit", title: "UNIT", cell: ({ unit }) => unit },
        { key: "count", title: "COUNT", cell: ({ count }) => String(count) },
        { key: "peak", title: "PEAK", cell: ({ isPeak }) => (isPeak ? "peak" : "") },
      ],
      json: ({ startMs, unit, count, isPeak }) => ({
        start: formatRfc3339(startMs),
        unit,
        count,
        peak: unit === "minute" ? isPeak : undefined,
      }),
      name: ({ startMs, unit }) => (unit === "hour" ? formatRfc3339(startMs) : undefined),
      empty,
    });
    if (!printer.format.isInWords) return;
    for (const text of texts) printer.note(text);
  }
  if (printer.isForPerson) printer.note(`${counted(fires, "fire")} within ${formatDuration(+until - +now)}`);
  if (counts.unreadable > 0) printer.note(unreadText(counts.unreadable));
}

/** Each hour that has any fires, and behind one with a peak its minutes. */
export function barsOf({ byHour, byMinute, peaks }: Pick<Peaks, "byHour" | "byMinute" | "peaks">): Bar[] {
  const peakMinutes = new Set(peaks.map(({ minuteMs: startMs }) => startMs));
  const peakHours = new Set([...peakMinutes].map(hourOf));
  const minutes = new Map<number, Bar[]>();
  for (const [startMs, count] of byMinute) {
    const hour = hourOf(startMs);
    if (!peakHours.has(hour)) continue;
    const bar: Bar = { startMs, unit: "minute", count, isPeak: peakMinutes.has(startMs) };
    minutes.set(hour, [...(minutes.get(hour) ?? []), bar]);
  }
  return [...byHour].flatMap(([startMs, count]): Bar[] => [
    { startMs, unit: "hour", count, isPeak: false },
    ...(minutes.get(startMs) ?? []),
  ]);
}

function hourOf(ms: number): number {
  return Math.floor(ms / hourMs) * hourMs;
}

/** The minute's end, which is the next one's beginning. */
export function endOf({ startMs, unit }: Pick<Bar, "startMs" | "unit">): number {
  return startMs + (unit === "hour" ? hourMs : minuteMs);
}

function unreadText(count: number): string {
  const what = count === 1 ? "1 schedule" : `${count} schedules`;
  return `${what} can't be read here: only the next time of ${count === 1 ? "it" : "each"} is counted`;
}
