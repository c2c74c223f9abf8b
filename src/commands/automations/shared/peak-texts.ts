import type { Span } from "../../../observe/fires.js";
import type { Peak } from "../../../observe/peaks.js";
import { counted } from "../../../output/count.js";
import { dayMs } from "../../../output/duration.js";
import { formatUtc } from "../../../output/time.js";

const mostTold = 10;

/** The first of `everyPeakText`, and how many more there are. */
export function peakTexts(peaks: readonly Peak[], window: Span): string[] {
  const texts = everyPeakText(peaks, window);
  const more = texts.length - mostTold;
  return more > 0 ? [...texts.slice(0, mostTold), `… and ${counted(more, "more peak")}`] : texts;
}

/**
 * `30 automations fire at Mon 09:00 UTC`, for each peak of a window, the fullest first; what comes every day is told once,
 * and so is what comes on the same weekday again. In a window longer than a week the others have their date. Plain text.
 */
export function everyPeakText(peaks: readonly Peak[], { sinceMs, untilMs }: Span): string[] {
  const days = Math.floor((untilMs - sinceMs) / dayMs);
  const byClock = groups(peaks, ({ name, fires }) => `${name.slice(4)} ${fires}`);
  const daily = byClock.filter((group) => days >= 2 && group.length >= days);
  const told = new Set(daily.flat());
  const others = groups(
    peaks.filter((peak) => !told.has(peak)),
    ({ name, fires }) => `${name} ${fires}`,
  );
  const all = [
    ...daily.map((group) => ({ group, when: `${group[0]?.name.slice(4)} every day` })),
    ...others.map((group) => ({ group, when: whenOf(group, days > 7) })),
  ];
  return all
    .map(({ group: [peak], when }) => ({ fires: peak?.fires ?? 0, minuteMs: peak?.minuteMs ?? 0, when }))
    .sort((one, other) => other.fires - one.fires || one.minuteMs - other.minuteMs)
    .map(({ fires, when }) => `${counted(fires, "automation")} fire at ${when}`);
}

/** `Mon 09:00 UTC`; one that comes once in more than a week `Mon 2 Mar 09:00 UTC`. */
function whenOf([first, ...others]: readonly Peak[], isLong: boolean): string {
  if (first === undefined) return "";
  if (!isLong || others.length > 0) return first.name;
  return formatUtc(new Date(first.minuteMs)).replace(/ \d{4} /, " ");
}

function groups(peaks: readonly Peak[], keyOf: (peak: Peak) => string): Peak[][] {
  const byKey = new Map<string, Peak[]>();
  for (const peak of peaks) byKey.set(keyOf(peak), [...(byKey.get(keyOf(peak)) ?? []), peak]);
  return [...byKey.values()];
}
