import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AutomationDetail } from "../../src/api/types.js";
import { type AuditedRun, auditOf, listSuffices } from "../../src/runs/audit-results.js";
import type { KnownChange } from "../../src/runs/proven-times.js";
import { drawsAsUsual } from "../support/seed.js";
import { anyHistory, type History, play } from "./history.js";
import { at, hourly, run } from "./hourly.js";
import { lies } from "./lies.js";

const hourMs = 3_600_000;
const graceMs = 300_000;
const window = { sinceMs: at("00:00:00"), untilMs: at("23:59:00") };

function told({ expectedMs, result, reason, incident }: AuditedRun): string {
  const clock = new Date(expectedMs).toISOString().slice(11, 16);
  return [clock, result, reason, incident].filter((part) => part !== undefined).join(" ");
}

function audit(automation: AutomationDetail, until = "12:30:00", changes: readonly KnownChange[] = []) {
  const audited = auditOf(automation, { window, nowMs: at(until), graceMs, changes });
  return audited.scheduledRuns.map(told);
}

describe("an audit", () => {
  const upTo9 = [run("08:00:00"), run("09:00:00")];

  it.each<[string, AutomationDetail, string[]]>([
    [
      "runs that start at their times",
      hourly([...upTo9, run("10:00:01")]),
      ["08:00 on_time", "09:00 on_time", "10:00 on_time", "11:00 missed", "12:00 missed may_still_start"],
    ],
    [
      "a run for several due times, as after a downtime, as the last one's",
      hourly([...upTo9, run("12:20:00")]),
      [...["08:00 on_time", "09:00 on_time", "10:00 missed made_up", "11:00 missed made_up"], "12:00 late"],
    ],
    [
      "runs that may have made up for earlier ones",
      hourly([...upTo9, run("12:20:00"), run("12:20:01")]),
      [
        ...["08:00 on_time", "09:00 on_time", "10:00 unknown may_be_made_up"],
        ...["11:00 unknown may_be_made_up", "12:00 late"],
      ],
    ],
    [
      "manual runs, which make up for no scheduled run",
      hourly([...upTo9, run("10:00:01", { trigger: "manual" }), run("11:00:00"), run("12:00:00")]),
      [...["08:00 on_time", "09:00 on_time", "10:00 missed made_up", "11:00 on_time"], "12:00 on_time"],
    ],
    [
      "a run without a trigger in the response",
      hourly([...upTo9, run("10:00:01", { trigger: null }), run("11:00:00"), run("12:00:00")]),
      [
        ...["08:00 on_time", "09:00 on_time", "10:00 unknown run_without_trigger"],
        ...["11:00 on_time", "12:00 on_time"],
      ],
    ],
    [
      "a run without a start time",
      hourly([...upTo9, run("11:00:00", { started_at: null, completed_at: null })], {
        last_run_at: run("09:00:00").started_at,
      }),
      [
        ...["08:00 on_time", "09:00 on_time", "10:00 unknown run_without_start"],
        ...["11:00 unknown run_without_start", "12:00 unknown run_without_start"],
      ],
    ],
    [
      "a last run that isn't among the recent ones",
      hourly([...upTo9], { last_run_at: "2026-01-05T11:00:00Z" }),
      [
        ...["08:00 on_time", "09:00 on_time", "10:00 unknown run_not_listed"],
        ...["11:00 unknown run_not_listed", "12:00 missed may_still_start"],
      ],
    ],
    [
      "a run still going when the next is due, and the next run",
      hourly([
        run("10:00:00", { completed_at: "2026-01-05T11:15:00Z" }),
        run("11:00:00"),
        run("12:00:00", { status: "waiting_on_human", completed_at: null }),
      ]),
      ["10:00 overlapping longer_than_interval", "11:00 overlapping run_before_still_going", "12:00 on_time"],
    ],
    [
      "a finished run with no known end",
      hourly([run("10:00:00", { completed_at: null }), run("11:00:00"), run("12:00:00")]),
      ["10:00 on_time", "11:00 on_time", "12:00 on_time"],
    ],
    [
      "a changed automation",
      hourly([...upTo9, run("10:20:00"), run("12:00:00")], { updated_at: "2026-01-05T10:30:00Z" }),
      [
        ...["08:00 on_time", "09:00 on_time", "10:00 unknown before_last_change"],
        ...["11:00 missed made_up", "12:00 on_time"],
      ],
    ],
    [
      "an automation with unknown changes",
      hourly([...upTo9, run("11:20:00")], { updated_at: null }),
      [
        ...["08:00 on_time", "09:00 on_time", "10:00 unknown no_updated_at"],
        ...["11:00 unknown no_updated_at", "12:00 unknown no_updated_at"],
      ],
    ],
    [
      "a paused automation",
      hourly(upTo9, { enabled: false, updated_at: "2026-01-05T09:30:00Z" }),
      [
        "08:00 on_time",
        "09:00 on_time",
        "10:00 unknown paused",
        "11:00 unknown paused",
        "12:00 unknown paused",
      ],
    ],
    [
      "a paused automation that ran late by its schedule, and by hand",
      hourly([...upTo9, run("10:20:00"), run("10:40:00", { trigger: "manual" })], {
        enabled: false,
        updated_at: "2026-01-05T09:30:00Z",
      }),
      [
        ...["08:00 on_time", "09:00 on_time", "10:00 unknown paused", "10:20 unexpected paused"],
        ...["11:00 unknown paused", "12:00 unknown paused"],
      ],
    ],
    [
      "an automation that may be paused",
      hourly(upTo9, { enabled: null }),
      [
        ...["08:00 on_time", "09:00 on_time", "10:00 unknown enabled_unknown"],
        ...["11:00 unknown enabled_unknown", "12:00 unknown enabled_unknown"],
      ],
    ],
    [
      "an automation that was created today and never ran",
      hourly([], { created_at: "2026-01-05T10:00:00Z", updated_at: "2026-01-05T10:00:00Z" }),
      ["11:00 missed", "12:00 missed may_still_start"],
    ],
    [
      "an automation that may never have run",
      hourly([], { created_at: "2026-01-05T10:00:00Z", last_run_at: undefined }),
      ["11:00 unknown before_oldest_run", "12:00 unknown before_oldest_run"],
    ],
    [
      "an automation whose runs are gone",
      hourly([], { created_at: "2026-01-05T09:30:00Z", last_run_at: "2026-01-05T11:00:00Z" }),
      ["10:00 unknown before_oldest_run", "11:00 unknown before_oldest_run", "12:00 missed may_still_start"],
    ],
    [
      "a late first known run, before which none is known",
      hourly([run("10:20:00"), run("11:00:00"), run("12:00:00")]),
      ["10:00 unknown before_oldest_run", "11:00 on_time", "12:00 on_time"],
    ],
  ])("handles %s", (_, automation, expected) => {
    const seen = audit(automation).filter((line) => !/^0[0-7]:|^0[89]:.*before_oldest_run/.test(line));
    expect(seen).toEqual(expected);
  });

  it("excludes due times within the grace period", () => {
    expect(audit(hourly([run("08:00:00")]), "09:04:59").at(-1)).toBe("08:00 on_time");
    expect(audit(hourly([run("08:00:00")]), "09:05:00").at(-1)).toBe("09:00 missed may_still_start");
  });

  it("reports nothing about an unreadable schedule", () => {
    const audited = auditOf(hourly([], { schedule: "whenever" }), { window, nowMs: at("12:00:00"), graceMs });
    expect(audited).toMatchObject({ scheduledRuns: [], problem: "schedule_unreadable" });
  });

  it("reads the last thousand runs and counts the others as unknown", () => {
    const every = hourly([], { schedule: "* * * * *", last_run_at: undefined });
    const long = { sinceMs: window.sinceMs - 30 * 24 * hourMs, untilMs: window.sinceMs };
    const made = { ...every, created_at: "2025-01-01T00:00:00Z" };
    const { scheduledRuns, counts, passedOver } = auditOf(made, {
      window: long,
      nowMs: at("12:00:00"),
      graceMs,
    });
    expect([scheduledRuns.length, passedOver]).toEqual([1000, 42_200]);
    expect(counts).toEqual({
      on_time: 0,
      late: 0,
      missed: 0,
      overlapping: 0,
      unknown: 43_200,
      unexpected: 0,
    });
  });
});

describe("a listed automation", () => {
  const { recent_runs: _, created_at: __, ...listed } = hourly([], { last_run_at: "2026-01-05T11:00:00Z" });

  const none = { recent_runs: [], created_at: "2026-01-01T00:00:00Z" };

  it.each<[string, object, boolean]>([
    ["hides its runs", {}, false],
    ["has nothing due in the window", { schedule: "0 0 1 1 *" }, true],
    ["has an unreadable schedule", { schedule: "whenever" }, true],
    ["was paused the whole time", { enabled: false, last_run_at: "2025-12-31T11:00:00Z" }, true],
    ["was paused the whole time, but ran", { enabled: false }, false],
    [
      "is paused, and ran, but has nothing due in the window",
      { enabled: false, schedule: "0 0 1 1 *" },
      false,
    ],
    ["was paused within the window", { enabled: false, updated_at: "2026-01-05T09:00:00Z" }, false],
    ["is paused, and it is unknown since when", { enabled: false, updated_at: null }, false],
    ["never ran and wasn't changed", { last_run_at: null }, true],
    ["never ran, and may have been changed", { last_run_at: null, updated_at: null }, false],
    ["has runs that go back far enough", { recent_runs: [run("00:00:00")] }, true],
    ["has runs that don't go back far enough", { recent_runs: [run("01:00:00")] }, false],
    ["has no runs and never ran", { ...none, last_run_at: null }, true],
    [
      "has no runs and never ran, and it is unknown since when",
      { recent_runs: [], last_run_at: null },
      false,
    ],
    ["has no runs, but ran", none, false],
  ])("%s: with %s, its row suffices: %s", (_, more, expected) => {
    expect(listSuffices({ ...listed, ...more }, { window, nowMs: at("12:30:00") })).toBe(expected);
  });
});

describe("the audit's use of local changes", () => {
  const pausedAt = at("09:30:00");
  const resumedAt = at("11:30:00");
  const before = {
    readMs: pausedAt - 1000,
    updated_at: "2026-01-01T00:00:00Z",
    schedule: "every hour",
    enabled: true,
  };
  const pause: KnownChange = { change: "pause", atMs: pausedAt, incident: "INC-1", before };
  const resume: KnownChange = { change: "resume", atMs: resumedAt, incident: "INC-1" };
  const brought = hourly([run("07:00:00"), run("09:00:00"), run("12:00:00")], {
    updated_at: "2026-01-05T11:30:00Z",
  });
  const last = (lines: readonly string[]) => lines.slice(7);

  it("names the incident behind a pause", () => {
    const { before: _, ...only } = pause;
    expect(last(audit(brought, "12:30:00", [only, resume]))).toEqual([
      "07:00 on_time",
      "08:00 unknown before_last_change",
      "09:00 on_time",
      "10:00 unknown paused INC-1",
      "11:00 unknown paused INC-1",
      "12:00 on_time",
    ]);
  });

  it("proves the time before a pause if its first read is known", () => {
    expect(last(audit(brought, "12:30:00", [resume, pause]))).toEqual([
      "07:00 on_time",
      "08:00 missed made_up",
      "09:00 on_time",
      "10:00 unknown paused INC-1",
      "11:00 unknown paused INC-1",
      "12:00 on_time",
    ]);
  });

  it.each<[string, Partial<typeof before> | { updated_at: null }]>([
    ["another schedule", { schedule: "30 * * * *" }],
    ["a change after it", { updated_at: "2026-01-05T08:00:00Z" }],
    ["a reading within the grace period", { readMs: at("08:04:59") }],
    ["an automation that was paused then", { enabled: false }],
    ["a server without updated_at", { updated_at: null }],
  ])("proves nothing with %s", (_, other) => {
    expect(audit(brought, "12:30:00", [{ ...pause, before: { ...before, ...other } }, resume])[8]).toBe(
      "08:00 unknown before_last_change",
    );
  });

  it("reports an ongoing pause if no local change ended it", () => {
    const still = hourly([run("07:00:00"), run("08:00:00"), run("09:00:00")], {
      enabled: false,
      updated_at: null,
    });
    expect(audit(still, "10:30:00", [pause]).slice(-2)).toEqual([
      "09:00 on_time",
      "10:00 unknown paused INC-1",
    ]);
    const enabled = { ...still, enabled: true };
    expect(audit(enabled, "10:30:00", [pause]).at(-1)).toBe("10:00 unknown no_updated_at");
  });
});

/** Paused at the very moment of a due time, whose run started late. */
const pausedAtFire: History = {
  cron: "* * * * *",
  lastsMin: 36,
  happenings: [{ kind: "pause", atMin: 29.5 }],
  runsSec: [...Array<History["runsSec"][number]>(29).fill({ takes: 1, delay: 0 }), { takes: 40, delay: 88 }],
  mostRuns: 20,
  makesUp: true,
};

describe("an audit of random histories", () => {
  it("judges missed, late and on-time runs correctly, with certainty since the last change", () => {
    const found: Record<string, number> = {};
    const property = fc.property(anyHistory, (history) => {
      const truth = play(history);
      expect(lies(truth, truth.detail, found)).toEqual([]);
    });
    fc.assert(property, { numRuns: 400, endOnFailure: true, examples: [[pausedAtFire]] });
    if (!drawsAsUsual()) return;
    // And not because it never reports anything.
    for (const result of ["missed", "late", "on_time", "overlapping", "unknown"])
      expect([result, found[result]]).toEqual([result, expect.toSatisfy((count) => count > 20)]);
  });

  it("never calls a run missed or late without updated_at, but may call it on time", () => {
    const found: Record<string, number> = {};
    const property = fc.property(anyHistory, fc.boolean(), (history, hasCreated) => {
      const truth = play(history);
      const { updated_at: _, created_at, ...rest } = truth.detail;
      const detail = hasCreated ? { ...rest, created_at } : rest;
      expect(lies(truth, detail, found)).toEqual([]);
    });
    fc.assert(property, { numRuns: 200, endOnFailure: true });
    expect(["on_time", "overlapping", "unknown"]).toEqual(expect.arrayContaining(Object.keys(found)));
    if (drawsAsUsual()) expect(Object.keys(found)).toHaveLength(3);
  });
});
