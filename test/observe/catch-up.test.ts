import { describe, expect, it } from "vitest";
import type { AutomationDetail, Run, RunStatus } from "../../src/api/types.js";
import { catchUpOf, keptFrom, whyNotStarted } from "../../src/observe/catch-up.js";
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

describe("catchUpOf", () => {
  it.each<[string, AutomationDetail, ReturnType<typeof catchUpOf>]>([
    ["nothing missed", hourly(upTo()), { verdict: "nothing" }],
    [
      "two missed, and one run since by schedule",
      hourly(upTo(9, 10)),
      { verdict: "start", owed: { runs: 2, lastMs: at("10:00") } },
    ],
    [
      "one missed half an hour ago alone",
      hourly(upTo(12)),
      { verdict: "left", owed: { runs: 1, lastMs: at("12:00") }, why: { reason: "settling" } },
    ],
    [
      "one missed long ago, and one just now",
      hourly(upTo(9, 12)),
      { verdict: "start", owed: { runs: 1, lastMs: at("09:00") } },
    ],
    [
      "a run that is going",
      hourly([...upTo(9, 12), run("11:50", { status: "running", completed_at: null })]),
      {
        verdict: "left",
        owed: { runs: 1, lastMs: at("09:00") },
        why: { reason: "running", runId: "run_11:50" },
      },
    ],
    [
      "a run that waits",
      hourly([...upTo(9), run("12:10", { status: "waiting_on_human", completed_at: null })]),
      {
        verdict: "left",
        owed: { runs: 1, lastMs: at("09:00") },
        why: { reason: "waiting", runId: "run_12:10" },
      },
    ],
    [
      "a run by hand since",
      hourly([...upTo(9), run("09:20", { trigger: "manual" })].sort(byStart)),
      {
        verdict: "left",
        owed: { runs: 1, lastMs: at("09:00") },
        why: { reason: "made_up", runId: "run_09:20" },
      },
    ],
    [
      "a run by hand before it",
      hourly([...upTo(9), run("08:20", { trigger: "manual" })].sort(byStart)),
      { verdict: "start", owed: { runs: 1, lastMs: at("09:00") } },
    ],
    [
      "a change that nobody can exclude",
      hourly(upTo(9), { updated_at: undefined }),
      { verdict: "unknown", reason: "no_updated_at" },
    ],
    [
      "a schedule that can't be read",
      hourly(upTo(9), { schedule: "whenever" }),
      { verdict: "unknown", reason: "schedule_unreadable" },
    ],
    [
      "paused all the time",
      hourly(upTo(9, 10, 11, 12), { enabled: false, updated_at: new Date(at("08:30")).toISOString() }),
      { verdict: "nothing" },
    ],
  ])("%s", (_, automation, expected) => {
    expect(catchUpOf(automation, options)).toEqual(expected);
  });
});

function byStart(one: Run, other: Run): number {
  return Date.parse(one.started_at ?? "") - Date.parse(other.started_at ?? "");
}

describe("whyNotStarted of what was listed", () => {
  const listed = { automation_id: "auto_1", last_run_at: "2026-01-05T09:30:00Z" };
  it.each<[RunStatus, object]>([
    ["running", { reason: "running" }],
    ["waiting_on_human", { reason: "waiting" }],
    ["completed", { reason: "made_up" }],
  ])("tells by its last run, %s", (last_run_status, expected) => {
    expect(whyNotStarted({ ...listed, last_run_status }, { lastMs: at("09:00") })).toMatchObject(expected);
  });

  it("finds none where that was before", () => {
    const automation = { ...listed, last_run_status: "completed" } as const;
    expect(whyNotStarted(automation, { lastMs: at("10:00") })).toBeUndefined();
  });
});

describe("keptFrom", () => {
  const paused = { sinceMs: at("08:30"), untilMs: at("11:00") + 1 };
  it.each([
    ["0 * * * *", { runs: 3, lastMs: at("11:00") }],
    ["0 7 * * *", undefined],
    ["whenever", undefined],
    [null, undefined],
  ])("of %s", (schedule, expected) => {
    expect(keptFrom(schedule, paused)).toEqual(expected);
  });
});
