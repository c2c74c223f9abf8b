import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AutomationDetail, Run, RunStatus } from "../../src/api/types.js";
import { auditOf, countMissed, totalMissed } from "../../src/runs/audit-results.js";
import { catchUpOf, missedWhile, whyNotStarted } from "../../src/runs/catch-up-plan.js";
import { drawsAsUsual } from "../support/seed.js";
import { anyHistory, play } from "./history.js";
import { at, hourly, run } from "./hourly.js";

const options = {
  window: { sinceMs: at("00:00"), untilMs: at("12:30") },
  nowMs: at("12:30"),
  graceMs: 300_000,
};

const upTo = (...skipped: number[]) =>
  Array.from({ length: 13 }, (_, hour) => hour)
    .filter((hour) => !skipped.includes(hour))
    .map((hour) => run(`${String(hour).padStart(2, "0")}:00`));

/** Its newest run was at this hour, and it missed the run at `skipped`. */
const until = (newest: number, ...skipped: number[]) => upTo(...skipped, ...hoursAfter(newest));
const hoursAfter = (newest: number) => Array.from({ length: 12 - newest }, (_, at) => newest + 1 + at);

const counts = (withoutRun: number, madeUp = 0, mayStillStart = 0) => ({ withoutRun, madeUp, mayStillStart });
const going: Partial<Run> = { status: "running", completed_at: null };
const waiting: Partial<Run> = { status: "waiting_on_human", completed_at: null };

describe("catchUpOf", () => {
  it.each<[string, AutomationDetail, ReturnType<typeof catchUpOf>]>([
    ["no missed run", hourly(upTo()), { verdict: "nothing" }],
    [
      "two missed runs, and a scheduled run since",
      hourly(upTo(9, 10)),
      { verdict: "skipped", missed: counts(0, 2), why: { reason: "made_up", run_id: "run_11:00" } },
    ],
    [
      "two missed runs with no later run, and one that may still start",
      hourly(until(9)),
      { verdict: "start", missed: counts(2, 0, 1), missedRuns: { runs: 2, lastMs: at("11:00") } },
    ],
    [
      "a missed run that was made up for, then one that wasn't",
      hourly(until(9, 7)),
      { verdict: "start", missed: counts(2, 1, 1), missedRuns: { runs: 2, lastMs: at("11:00") } },
    ],
    [
      "only one missed run, half an hour ago",
      hourly(upTo(12)),
      { verdict: "skipped", missed: counts(0, 0, 1), why: { reason: "may_still_start" } },
    ],
    [
      "a missed run that was made up for, and one missed just now",
      hourly(upTo(9, 12)),
      { verdict: "skipped", missed: counts(0, 1, 1), why: { reason: "may_still_start" } },
    ],
    [
      "an older run that is still going",
      hourly([...until(9), run("09:50", going)]),
      { verdict: "skipped", missed: counts(2, 0, 1), why: { reason: "running", run_id: "run_09:50" } },
    ],
    [
      "an older run that is waiting",
      hourly([...until(9), run("09:50", waiting)]),
      { verdict: "skipped", missed: counts(2, 0, 1), why: { reason: "waiting", run_id: "run_09:50" } },
    ],
    [
      "a later run that is still going",
      hourly([...until(9), run("12:10", { ...going, trigger: "manual" })]),
      { verdict: "skipped", missed: counts(0, 3), why: { reason: "made_up", run_id: "run_12:10" } },
    ],
    [
      "a later run by hand",
      hourly([...until(8, 7), run("11:20", { trigger: "manual" })]),
      { verdict: "skipped", missed: counts(0, 4, 1), why: { reason: "may_still_start" } },
    ],
    [
      "an earlier run by hand",
      hourly([...until(9), run("09:20", { trigger: "manual" })]),
      { verdict: "start", missed: counts(2, 0, 1), missedRuns: { runs: 2, lastMs: at("11:00") } },
    ],
    [
      "a change that can't be ruled out",
      hourly(upTo(9), { updated_at: undefined }),
      { verdict: "unknown", reason: "no_updated_at" },
    ],
    [
      "an unreadable schedule",
      hourly(upTo(9), { schedule: "whenever" }),
      { verdict: "unknown", reason: "schedule_unreadable" },
    ],
    [
      "an automation that was paused the whole time",
      hourly(upTo(9, 10, 11, 12), { enabled: false, updated_at: new Date(at("08:30")).toISOString() }),
      { verdict: "nothing" },
    ],
  ])("decides about %s", (_, automation, expected) => {
    expect(catchUpOf(automation, options)).toEqual(expected);
  });
});

it("catch-up counts like audit, and starts automations without a later run, in random histories", () => {
  const seen = { start: 0, skipped: 0, unknown: 0, nothing: 0 };
  const property = fc.property(anyHistory, (history) => {
    const { detail, runs, nowMs } = play(history);
    const everything = { window: { sinceMs: 0, untilMs: nowMs + 1 }, nowMs, graceMs: 300_000 };
    const { scheduledRuns, counts: all } = auditOf(detail, everything);
    const verdict = catchUpOf(detail, everything);
    seen[verdict.verdict] += 1;
    const missed = "missed" in verdict ? verdict.missed : counts(0);
    expect(totalMissed(missed)).toBe(all.missed);
    expect(missed).toEqual(countMissed(scheduledRuns));
    const isOwed = scheduledRuns.some(({ result, expectedMs }) => {
      const hasRun = runs.some(({ startedMs }) => startedMs >= expectedMs);
      return result === "missed" && nowMs - expectedMs > 3_600_000 && !hasRun;
    });
    const isFree = detail.enabled === true && !detail.recent_runs.some(({ status }) => status === "running");
    expect(verdict.verdict === "start").toBe(isOwed && isFree);
  });
  fc.assert(property, { numRuns: 400, endOnFailure: true });
  if (!drawsAsUsual()) return;
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(5);
});

describe("whyNotStarted for listed automations", () => {
  const listed = { automation_id: "auto_1", last_run_at: "2026-01-05T09:30:00Z" };
  it.each<[RunStatus, string, object | undefined]>([
    ["running", "09:00", { reason: "made_up" }],
    ["completed", "09:00", { reason: "made_up" }],
    ["running", "10:00", { reason: "running" }],
    ["waiting_on_human", "10:00", { reason: "waiting" }],
    ["completed", "10:00", undefined],
  ])("decides by the last run, %s, due at %s", (last_run_status, due, expected) => {
    const why = whyNotStarted({ ...listed, last_run_status }, { lastMs: at(due) });
    expect(why).toEqual(expected && { run_id: undefined, ...expected });
  });
});

describe("missedWhile", () => {
  const paused = { sinceMs: at("08:30"), untilMs: at("11:00") + 1 };
  it.each([
    ["0 * * * *", { runs: 3, lastMs: at("11:00") }],
    ["0 7 * * *", undefined],
    ["whenever", undefined],
    [null, undefined],
  ])("counts runs of %s", (schedule, expected) => {
    expect(missedWhile(schedule, paused)).toEqual(expected);
  });
});
