import { describe, expect, it } from "vitest";
import type { Run } from "../../src/api/types.js";
import type { KnownChange } from "../../src/runs/proven-times.js";
import { hasRunSince, lastPausedMs, runsSincePause } from "../../src/runs/unexpected.js";
import { at, run } from "./hourly.js";

const pausedMs = at("10:00:00");
const before = run("09:00:00");
const timeOf = (clock: string) => new Date(at(clock)).toISOString();
const byHand = (clock: string) => run(clock, { trigger: "manual" });

interface Said {
  unexpected: number;
  runs: number;
  doubt?: string;
  mayHaveBeenEnabled?: boolean;
}

describe("the unexpected runs of a paused automation", () => {
  it.each<[string, Run[], { updated_at?: string; last_run_at?: string }, Said]>([
    ["no run since", [before], {}, { unexpected: 0, runs: 0 }],
    ["no run at all", [], {}, { unexpected: 0, runs: 0 }],
    [
      "a run within the second of the pause's response",
      [run("10:00:01"), before],
      {},
      { unexpected: 0, runs: 0 },
    ],
    ["a run by its schedule", [run("10:00:02"), before], {}, { unexpected: 1, runs: 1 }],
    ["a run by hand", [byHand("10:30:00"), before], {}, { unexpected: 0, runs: 1 }],
    ["both", [byHand("11:30:00"), run("11:00:00"), before], {}, { unexpected: 1, runs: 2 }],
    [
      "a run without a trigger",
      [run("11:00:00", { trigger: null }), before],
      {},
      { unexpected: 0, runs: 1, doubt: "run_without_trigger" },
    ],
    [
      "a run without a start time",
      [run("11:00:00", { started_at: null }), before],
      {},
      { unexpected: 0, runs: 0, doubt: "run_without_start" },
    ],
    [
      "an older run without a start time",
      [before, run("08:00:00", { started_at: null })],
      {},
      { unexpected: 0, runs: 0 },
    ],
    [
      "runs that don't reach back to the pause",
      [byHand("12:00:00"), byHand("11:00:00")],
      {},
      { unexpected: 0, runs: 2, doubt: "before_oldest_run" },
    ],
    [
      "a last run that isn't listed",
      [before],
      { last_run_at: timeOf("11:00:00") },
      { unexpected: 0, runs: 0, doubt: "run_not_listed" },
    ],
    [
      "an earlier run that has since ended",
      [run("09:00:00", { completed_at: timeOf("11:00:00") })],
      { last_run_at: timeOf("11:00:00") },
      { unexpected: 0, runs: 0 },
    ],
    [
      "a run before the last change",
      [run("11:00:00"), before],
      { updated_at: timeOf("11:30:00") },
      { unexpected: 1, runs: 1, mayHaveBeenEnabled: true },
    ],
    [
      "a run after the last change",
      [run("11:00:00"), before],
      { updated_at: timeOf("10:30:00") },
      { unexpected: 1, runs: 1 },
    ],
  ])("are counted correctly: %s", (_, runs, facts, { doubt, mayHaveBeenEnabled = false, ...counts }) => {
    const since = runsSincePause({ recent_runs: runs, ...facts }, pausedMs);
    expect({ unexpected: since.unexpected.length, runs: since.runs.length }).toEqual(counts);
    expect([since.doubt, since.mayHaveBeenEnabled]).toEqual([doubt, mayHaveBeenEnabled]);
  });

  it("are read only for paused automations that ran since", () => {
    const listed = { automation_id: "auto_1", enabled: false, last_run_at: timeOf("11:00:00") };
    expect(hasRunSince(listed, pausedMs)).toBe(true);
    expect(hasRunSince({ ...listed, last_run_at: timeOf("10:00:01") }, pausedMs)).toBe(false);
    expect(hasRunSince({ ...listed, last_run_at: null }, pausedMs)).toBe(false);
    expect(hasRunSince({ ...listed, enabled: true }, pausedMs)).toBe(false);
    expect(hasRunSince(listed, undefined)).toBe(false);
  });
});

describe("the time of the last pause", () => {
  const change = (word: KnownChange["change"], clock: string) => ({ change: word, atMs: at(clock) });

  it.each<[string, KnownChange[], string]>([
    ["from the known changes", [change("pause", "09:00:00")], "09:00:00"],
    [
      "from the last of several pauses",
      [change("pause", "09:30:00"), change("pause", "09:00:00")],
      "09:30:00",
    ],
    ["despite a later edit", [change("pause", "09:00:00"), change("update", "09:30:00")], "09:00:00"],
    [
      "after a resume here and a pause elsewhere",
      [change("pause", "09:00:00"), change("resume", "09:30:00")],
      "12:00:00",
    ],
    ["without a known change", [], "12:00:00"],
  ])("is found %s", (_, changes, clock) => {
    expect(lastPausedMs({ updated_at: timeOf("12:00:00") }, changes)).toBe(at(clock));
  });

  it("is unknown without a change and updated_at", () => {
    expect(lastPausedMs({}, [])).toBeUndefined();
  });
});
