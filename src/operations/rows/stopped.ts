import { msOf } from "../../api/schema.js";
import type { Automation } from "../../api/types.js";
import { groupBy } from "../../manifest/group-by.js";
import { dayMs } from "../../output/duration.js";
import { formatLocalBriefly } from "../../output/time.js";

/** An open incident that holds automations: who started it, and when; ms since 1970. */
export interface Holder {
  incident: string;
  user: string;
  sinceMs?: number | undefined;
}

/** Paused automations that an incident holds; without one, all automations. */
export interface Stop extends Partial<Holder> {
  automations: number;
}

/**
 * Finds what each open incident holds, the most first. If none holds any and `isWhole`, the whole account was read: all
 * automations, if none is enabled and one ran in the last 7 days.
 */
export function stopsOf<Row extends { automation: Automation }>(
  rows: readonly Row[],
  { holderOf, isWhole, now }: { holderOf(row: Row): Holder | undefined; isWhole: boolean; now: Date },
): Stop[] {
  const paused = rows.filter(({ automation }) => automation.enabled === false);
  const groups = groupBy(paused, (row) => holderOf(row)?.incident ?? "");
  const ranLately = ({ automation: { last_run_at: last } }: Row) =>
    Math.abs(now.getTime() - (msOf(last) ?? 0)) < 7 * dayMs;
  const isStopped = isWhole && groups.size === 1 && paused.length === rows.length && paused.some(ranLately);
  if (!isStopped) groups.delete("");
  return [...groups.values()]
    .map(([first, ...others]) => ({ ...(first && holderOf(first)), automations: 1 + others.length }))
    .sort((one, other) => other.automations - one.automations);
}

/** `59 paused by root`, `62 paused, by no incident known here`. Plain text. */
export function stopText({ automations, incident, user }: Stop): string {
  return `${automations} paused${incident === undefined ? ", by no incident known here" : ` by ${user}`}`;
}

const mostLines = 4;

/** Lines such as `! stopped  INC-7  59 paused by root, since 22:50`; the last may be for all that are left. Plain text. */
export function stopLines(
  stops: readonly Stop[],
  { now, isInWords = false }: { now: Date; isInWords?: boolean },
): string[] {
  const texts = stops.map(({ sinceMs, ...stop }) => {
    const since = sinceMs === undefined ? "" : `, since ${formatLocalBriefly(new Date(sinceMs), now)}`;
    return [...(stop.incident === undefined ? [] : [stop.incident]), stopText(stop) + since].join("  ");
  });
  const left = texts.length > mostLines ? [`${texts.splice(mostLines - 1).length} more incidents`] : [];
  return [...texts, ...left].map((text) => `${isInWords ? "" : "! "}stopped  ${text}`);
}
