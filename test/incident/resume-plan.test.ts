import { describe, expect, it } from "vitest";
import type { Automation, Run } from "../../src/api/types.js";
import type { Touch } from "../../src/fleet/touches.js";
import type { LedgerItem } from "../../src/incident/ledger-state.js";
import { LedgerState } from "../../src/incident/ledger-state.js";
import { judgeItem, mayHaveFired, touchesSince } from "../../src/incident/resume-plan.js";

const pausedAt = "2026-01-05T03:00:00.000Z";
const ids = { deployment_id: "dep_1", automation_id: "auto_1" };
const held: LedgerItem = {
  line: {
    type: "item",
    at: pausedAt,
    ...ids,
    customer_id: "cus_1",
    name: "Weekly",
    schedule: "0 9 * * 1",
    was_enabled: true,
  },
  pause: "done",
  pausedAt,
  pauseDate: pausedAt,
  updatedAt: pausedAt,
  resume: "none",
};
const paused: Automation = {
  automation_id: "auto_1",
  name: "Weekly",
  schedule: "0 9 * * 1",
  enabled: false,
  updated_at: pausedAt,
};
const nothing = { touch: undefined, holder: undefined };
const run = (trigger: string, startedAt: string): Run => ({
  run_id: "run_1",
  status: "completed",
  trigger,
  started_at: startedAt,
});
const touch: Touch = {
  deploymentId: "dep_1",
  automationId: "auto_1",
  change: "update",
  at: new Date("2026-01-05T03:10:00Z"),
};

describe("judgeItem", () => {
  it.each<[string, Partial<LedgerItem>, Partial<Automation> | undefined, object, string]>([
    ["as it was left", {}, {}, {}, "resume"],
    ["whose pause was in doubt and is found paused", { pause: "unknown" }, {}, {}, "resume"],
    ["whose pause was sent by a process that died", { pause: "sent" }, {}, {}, "resume"],
    ["whose resume was in doubt and is found paused", { resume: "unknown" }, {}, {}, "resume"],
    ["that was left before", { resume: "left" }, {}, {}, "resume"],
    ["without updated_at in the ledger", { updatedAt: undefined }, { updated_at: "x" }, {}, "resume"],
    ["without updated_at on the server", {}, { updated_at: null }, {}, "resume"],
    ["brought back", { resume: "done" }, { enabled: true }, {}, "back"],
    ["enabled by somebody", {}, { enabled: true }, {}, "enabled: enabled by now"],
    ["deleted", {}, undefined, {}, "gone: deleted"],
    [
      "brought back and paused again",
      { resume: "done" },
      {},
      {},
      "left: paused again since it was brought back",
    ],
    ["enabled once since", { resume: "enabled" }, {}, {}, "left: paused again since it was enabled"],
    ["whose pause failed", { pause: "failed" }, {}, {}, "left: paused, but not by this incident"],
    ["whose pause never began", { pause: "none" }, {}, {}, "left: paused, but not by this incident"],
    ["renamed", {}, { name: "Other" }, {}, 'left: renamed to "Other"'],
    ["rescheduled", {}, { schedule: "@daily" }, {}, 'left: its schedule is "@daily" now'],
    ["touched", {}, {}, { touch }, "left: touched since: update at 2026-01-05T03:10:00.000Z"],
    [
      "touched by another incident",
      {},
      {},
      { touch: { ...touch, change: "pause", incident: "INC-2" } },
      "left: touched since: pause at 2026-01-05T03:10:00.000Z in incident INC-2",
    ],
    ["changed elsewhere", {}, { updated_at: "later" }, {}, "left: changed since (updated later)"],
    ["paused by a newer incident", {}, {}, { holder: "INC-2" }, "left: paused by incident INC-2 since"],
    [
      "fired by schedule since",
      {},
      { recent_runs: [run("schedule", "2026-01-05T03:00:01.001Z")] },
      {},
      "left: a scheduled run started after the pause (run_1)",
    ],
    [
      "fired in the second of the pause",
      {},
      { recent_runs: [run("schedule", "2026-01-05T03:00:01Z")] },
      {},
      "resume",
    ],
    ["triggered since", {}, { recent_runs: [run("manual", "2026-01-05T04:00:00Z")] }, {}, "resume"],
  ])("of one %s", (_, item, current, surroundings, expected) => {
    const now = current === undefined ? undefined : { ...paused, ...current };
    const verdict = judgeItem({ ...held, ...item }, now, { ...nothing, ...surroundings });
    expect("reason" in verdict ? `${verdict.verdict}: ${verdict.reason}` : verdict.verdict).toBe(expected);
  });
});

describe("mayHaveFired", () => {
  it.each([
    [pausedAt, false],
    ["2026-01-05T03:00:02Z", true],
    [null, false],
  ])("with a last run at %s: %s", (last_run_at, expected) => {
    expect(mayHaveFired(held, { ...paused, last_run_at })).toBe(expected);
  });

  it("isn't known where the pause has no time", () => {
    const { pausedAt: _at, pauseDate: _date, ...item } = held;
    expect(mayHaveFired(item, { ...paused, last_run_at: "2030-01-01T00:00:00Z" })).toBe(false);
  });
});

describe("touchesSince", () => {
  const state = new LedgerState({
    type: "incident",
    version: 1,
    incident: "INC-1",
    reason: null,
    created_at: pausedAt,
    target: { origin: "https://x.test", profile: "default", key_last4: null },
    by: { user: "ada", host: "night" },
  });
  state.add(held.line);
  state.add({ type: "outcome", at: pausedAt, change: "pause", ...ids, result: "done" });
  const early = new Date("2026-01-05T02:00:00Z");
  const own: Touch = { ...touch, change: "pause", incident: "inc-1" };

  it.each<[string, Touch[], number]>([
    ["a touch after its own pause", [own, touch], 1],
    ["a touch after its own pause, whatever the clock said", [own, { ...touch, at: early }], 1],
    ["a touch before its own pause", [touch, own], 0],
    ["its own resume", [own, { ...own, change: "resume" }], 0],
    ["another incident's pause", [own, { ...own, incident: "INC-2" }], 1],
    ["a later touch where the pause was sent elsewhere", [touch], 1],
    ["an earlier touch where the pause was sent elsewhere", [{ ...touch, at: early }], 0],
    ["another automation's", [own, { ...touch, automationId: "auto_2" }], 0],
  ])("finds %s", (_, touches, count) => {
    expect(touchesSince(state, touches).size).toBe(count);
  });
});
