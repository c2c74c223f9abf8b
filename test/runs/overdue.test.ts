import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Automation } from "../../src/api/types.js";
import { auditOf } from "../../src/runs/audit-results.js";
import { type KnownChange, overdueSinceMs } from "../../src/runs/proven-times.js";
import { drawsAsUsual } from "../support/seed.js";
import { anyHistory, createdMs, play } from "./history.js";
import { at } from "./hourly.js";

const day = (clock: string) => new Date(at(clock)).toISOString();

/** Runs each hour, was last changed at 08:30, and last ran at 09:00. */
const hourly: Automation = {
  automation_id: "auto_1",
  schedule: "0 * * * *",
  enabled: true,
  updated_at: day("08:30"),
  last_run_at: day("09:00"),
};

const pause = (before: string, answered: string, more: Partial<KnownChange> = {}): KnownChange => ({
  change: "pause",
  atMs: at(answered),
  before: { readMs: at(answered), enabled: true, updated_at: day(before) },
  updated_at: day(answered),
  ...more,
});
const resume = (before: string, answered: string): KnownChange => ({
  change: "resume",
  atMs: at(answered),
  before: { readMs: at(answered), enabled: false, updated_at: day(before) },
  updated_at: day(answered),
});
/** An update that sent another schedule, or restored one. */
const rescheduled = (earlier: string, answered: string, was: string): KnownChange => ({
  change: "update",
  atMs: at(answered),
  before: { readMs: at(answered), schedule: was, updated_at: day(earlier) },
  updated_at: day(answered),
});
const resumed = { ...hourly, updated_at: day("11:30") };
const ofIncident: Partial<KnownChange> = {
  before: { readMs: at("10:30"), enabled: true, schedule: "0 * * * *", updated_at: day("08:30") },
  updated_at: undefined,
};

const bare: Automation = { ...hourly, updated_at: null };
/** An automation from an API that doesn't send `updated_at`. */
const bareSwitch = (
  change: "pause" | "resume",
  answered: string,
  read: { schedule?: string } = { schedule: "0 * * * *" },
): KnownChange => ({
  change,
  atMs: at(answered),
  before: { readMs: at(answered), enabled: change === "pause", ...read },
});

describe("the start of overdue", () => {
  it.each<[string, Automation, string, string | undefined, KnownChange[]?]>([
    ["within the grace", hourly, "10:14:59", undefined],
    ["with no run after the first due time", hourly, "12:15", "10:00"],
    ["paused", { ...hourly, enabled: false }, "12:15", undefined],
    ["with an unknown enabled", { ...hourly, enabled: null }, "12:15", undefined],
    ["with an unreadable schedule", { ...hourly, schedule: "whenever" }, "12:15", undefined],
    ["for an automation that never ran", { ...hourly, last_run_at: null }, "12:15", "09:00"],
    ["with an unknown last run", { ...hourly, last_run_at: undefined }, "12:15", undefined],
    [
      "with a last run without a time",
      { ...hourly, last_run_at: null, last_run_status: "error" },
      "12:15",
      undefined,
    ],
    [
      "with a newer run in the automation's details",
      { ...hourly, recent_runs: [{ started_at: day("12:00") }] },
      "12:15",
      undefined,
    ],
    ["with a run without a start", { ...hourly, recent_runs: [{ trigger: "schedule" }] }, "12:15", undefined],
    ["read a moment too soon", { ...hourly, last_run_at: day("09:59:59") }, "10:20", undefined],
    ["without updated_at", { ...hourly, updated_at: null }, "12:15", undefined],
    ["changed since", resumed, "12:20", "12:00"],
    ["changed since, before its next due time", resumed, "11:50", undefined],
    [
      "paused and resumed here",
      resumed,
      "11:50",
      "10:00",
      [pause("08:30", "10:30"), resume("10:30", "11:30")],
    ],
    [
      "paused before the end of its grace period",
      resumed,
      "11:50",
      undefined,
      [pause("08:30", "10:10"), resume("10:10", "11:30")],
    ],
    [
      "paused and resumed twice here",
      resumed,
      "11:50",
      "10:00",
      [pause("08:30", "10:30"), resume("10:30", "10:40"), pause("10:40", "10:50"), resume("10:50", "11:30")],
    ],
    [
      "updated and undone here",
      resumed,
      "11:50",
      "10:00",
      [rescheduled("08:30", "10:30", "0 * * * *"), rescheduled("10:30", "11:30", "0 0 * * *")],
    ],
    [
      "updated before the end of its grace period, and undone here",
      resumed,
      "11:50",
      undefined,
      [rescheduled("08:30", "10:10", "0 * * * *"), rescheduled("10:10", "11:30", "0 0 * * *")],
    ],
    [
      "updated here to this schedule",
      resumed,
      "11:50",
      undefined,
      [rescheduled("08:30", "11:30", "0 0 * * *")],
    ],
    [
      "paused, updated, resumed and undone here",
      resumed,
      "11:50",
      "10:00",
      [
        pause("08:30", "10:30"),
        rescheduled("10:30", "10:40", "0 * * * *"),
        resume("10:40", "10:50"),
        rescheduled("10:50", "11:30", "0 0 * * *"),
      ],
    ],
    [
      "with a resume that was sent twice and took effect twice",
      { ...resumed, updated_at: day("11:30:08") },
      "11:50",
      "10:00",
      [
        pause("08:30", "10:30"),
        { ...resume("10:30", "11:30"), after: { enabled: true }, lateMs: at("11:30") },
      ],
    ],
    [
      "with a schedule read right before an incident's pause, and changed by others since",
      resumed,
      "11:50",
      "10:00",
      [
        pause("08:30", "10:30", {
          before: { readMs: at("10:30"), enabled: true, schedule: "0 * * * *", updated_at: day("08:30") },
        }),
      ],
    ],
    [
      "with stamps that a list writes differently",
      { ...resumed, updated_at: day("11:30").replace(".000Z", "+00:00") },
      "11:50",
      "10:00",
      [pause("08:30", "10:30"), resume("10:30", "11:30")],
    ],
    [
      "changed by others in between",
      resumed,
      "11:50",
      undefined,
      [pause("08:30", "10:30"), resume("10:31", "11:30")],
    ],
    [
      "changed by others afterwards",
      resumed,
      "11:50",
      undefined,
      [pause("08:30", "10:30"), resume("10:30", "11:29")],
    ],
    [
      "without updated_at, paused and resumed here",
      bare,
      "12:20",
      "12:00",
      [bareSwitch("pause", "09:30"), bareSwitch("resume", "11:30")],
    ],
    [
      "for an earlier resume and pause here, and overdue since then",
      bare,
      "12:20",
      "10:00",
      [bareSwitch("resume", "09:30"), bareSwitch("pause", "10:30"), bareSwitch("resume", "11:30")],
    ],
    [
      "with another schedule then",
      bare,
      "12:20",
      undefined,
      [bareSwitch("resume", "11:30", { schedule: "30 * * * *" })],
    ],
    ["with a schedule that was never read", bare, "12:20", undefined, [bareSwitch("resume", "11:30", {})]],
    [
      "changed here since",
      bare,
      "12:20",
      undefined,
      [bareSwitch("resume", "11:30"), { change: "update", atMs: at("11:40") }],
    ],
    ["paused now", { ...bare, enabled: false }, "12:20", undefined, [bareSwitch("resume", "11:30")]],
    [
      "with updated_at missing only in the list",
      bare,
      "12:20",
      undefined,
      [pause("08:30", "10:30"), resume("10:30", "11:30")],
    ],
    [
      "after a reset of the server",
      hourly,
      "10:14",
      undefined,
      [pause("07:00", "10:30"), resume("10:30", "11:30")],
    ],
    [
      "paused by an incident, and resumed elsewhere",
      resumed,
      "11:50",
      "10:00",
      [pause("08:30", "10:30", ofIncident)],
    ],
    [
      "with another schedule since an incident",
      { ...resumed, schedule: "0 */2 * * *" },
      "11:50",
      undefined,
      [pause("08:30", "10:30", ofIncident)],
    ],
    [
      "run since its pause",
      { ...resumed, last_run_at: day("11:00") },
      "11:50",
      undefined,
      [pause("08:30", "10:30", ofIncident)],
    ],
  ])("is correct: %s", (_, automation, now, expected, changes = []) => {
    const since = overdueSinceMs(automation, { nowMs: at(now), graceMs: 15 * 60_000, changes });
    expect(since).toBe(expected && at(expected));
  });
});

it("overdue equals audit's missed runs without a later run, in random histories", () => {
  const seen = { overdue: 0, not: 0 };
  const property = fc.property(anyHistory, (history) => {
    const { detail, promised, runs, nowMs } = play({ ...history, mostRuns: 100_000 });
    const times = { nowMs, graceMs: 300_000 };
    const dueMs = overdueSinceMs(detail, times);
    seen[dueMs === undefined ? "not" : "overdue"] += 1;
    const audit = auditOf(detail, { ...times, window: { sinceMs: createdMs, untilMs: nowMs + 1 } });
    const owed = audit.scheduledRuns.find(
      ({ result, reason }) => result === "missed" && reason !== "made_up",
    );
    if (audit.passedOver === 0 && detail.enabled === true) expect(owed?.expectedMs).toBe(dueMs);
    const { recent_runs: _runs, ...listed } = detail;
    expect(overdueSinceMs(listed, times)).toBe(dueMs);
    if (dueMs === undefined) return;
    expect(promised.has(dueMs)).toBe(true);
    expect(runs.every(({ startedMs }) => startedMs < dueMs)).toBe(true);
  });
  fc.assert(property, { numRuns: 400, endOnFailure: true });
  if (!drawsAsUsual()) return;
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(5);
});
