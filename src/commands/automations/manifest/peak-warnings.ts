import { groupBy } from "../../../manifest/group-by.js";
import { type FilePosition, positionText } from "../../../manifest/mistake.js";
import type { DesiredState } from "../../../manifest/state/desired-state.js";
import type { Warning } from "../../../manifest/warnings.js";
import { type Peak, peaksOf } from "../../../observe/peaks.js";
import { counted } from "../../../output/count.js";
import { dayMs } from "../../../output/duration.js";
import { formatUtc } from "../../../output/time.js";

/** A month: it has every day that a schedule can name. */
const daysAhead = 31;

type PositionedPeak = Peak<FilePosition>;

/**
 * `30 automations run at Mon 09:00 UTC`: each minute of the coming month that is a peak, at the first line with a part
 * in it. Peaks that begin at one line are one warning.
 */
export function peakWarnings(states: readonly DesiredState[], now: Date): Warning[] {
  const automations = states.flatMap(({ desired }) =>
    desired.items.flatMap(({ schedule, position, enabled }) =>
      schedule.ok && position !== undefined && enabled !== false
        ? [{ schedule: schedule.cron, position }]
        : [],
    ),
  );
  const window = { sinceMs: now.getTime(), untilMs: now.getTime() + daysAhead * dayMs };
  const groups = groupBy(peaksOf(automations, { window }), ({ position }) => positionText(position));
  return [...groups.values()].flatMap((group): Warning[] => {
    const [first] = group;
    return first === undefined ? [] : [{ kind: "peak", text: textOf(group), position: first.position }];
  });
}

/** Shows the fullest minute, and counts the others; a daily or weekly one counts once. */
function textOf(peaks: readonly PositionedPeak[]): string {
  const clockOf = ({ name, runs }: PositionedPeak) => `${name.slice(4)} ${runs}`;
  const byClock = groupBy(peaks, clockOf);
  const isDaily = (peak: PositionedPeak) => (byClock.get(clockOf(peak))?.length ?? 0) >= daysAhead;
  const groups = groupBy(peaks, (peak) => (isDaily(peak) ? clockOf(peak) : `${peak.name} ${peak.runs}`));
  const [first = [], ...others] = groups.values();
  const start = others.length === 1 ? "starts" : "start";
  const more = `; ${counted(others.length, "other minute")} ${start} more than 20 runs`;
  return `${peakText(first)}${others.length === 0 ? "" : more}`;
}

function peakText([peak, ...again]: readonly PositionedPeak[]): string {
  if (peak === undefined) return "";
  const { name, runs, minuteMs } = peak;
  const once = () => formatUtc(new Date(minuteMs)).replace(/ \d{4} /, " ");
  const isDaily = again.length + 1 >= daysAhead;
  const when = isDaily ? `${name.slice(4)} every day` : again.length === 0 ? once() : name;
  return `${counted(runs, "automation")} run at ${when}`;
}
