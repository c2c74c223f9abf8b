import type { AutomationDetail } from "../../src/api/types.js";
import { auditOf } from "../../src/runs/audit-results.js";
import { cronTimes } from "../../src/schedule/cron-times.js";
import { createdMs, type Truth } from "./history.js";

const graceMs = 300_000;
const everything = { sinceMs: createdMs - 5 * 3_600_000, untilMs: Number.MAX_SAFE_INTEGER };

/** The claims in its audit that the server knows to be false; counts all claims in `found`. */
export function lies(truth: Truth, detail: AutomationDetail, found: Record<string, number>): string[] {
  const { promised, runs, nowMs, lastChangeMs } = truth;
  const { scheduledRuns, seenFromMs = Number.POSITIVE_INFINITY } = auditOf(detail, {
    window: everything,
    nowMs,
    graceMs,
  });
  const scheduled = runs.filter(({ isScheduled }) => isScheduled);
  const times = cronTimes(detail.schedule ?? "");
  return scheduledRuns.flatMap((fire) => {
    const { expectedMs, result, reason, startedMs = 0 } = fire;
    found[result] = (found[result] ?? 0) + 1;
    const nextMs = times?.after(expectedMs) ?? Number.POSITIVE_INFINITY;
    const own = scheduled.filter((run) => run.startedMs >= expectedMs && run.startedMs < nextMs);
    // A start time may be cut to the second.
    const isPrompt = scheduled.some(
      (run) => run.startedMs >= expectedMs - 1000 && run.startedMs <= expectedMs + graceMs,
    );
    const isPromised = promised.has(expectedMs);
    const mine = scheduled.find((run) => run.startedMs === startedMs);
    const isMet = runs.some((run) => run !== mine && run.startedMs <= startedMs && run.endedMs > startedMs);
    const isSeen = expectedMs > lastChangeMs && expectedMs >= seenFromMs && detail.enabled === true;
    // Nobody can tell which of the two came first.
    const isAtChange = expectedMs === lastChangeMs;
    const isSure = isSeen && detail.updated_at !== undefined;
    const isRight = {
      missed: isPromised && own.length === 0 && expectedMs + graceMs <= nowMs,
      late: isPromised && !isPrompt && mine !== undefined,
      on_time: isPrompt,
      overlapping: mine !== undefined && (isMet || mine.endedMs > nextMs),
      unexpected: detail.enabled === false && mine !== undefined && startedMs > lastChangeMs + 1000,
      unknown:
        (!isSure || reason === "may_be_made_up") && !(reason === "paused" && isPromised && !isAtChange),
    };
    return isRight[result] ? [] : [JSON.stringify(fire)];
  });
}
