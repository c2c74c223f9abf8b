import { describe, expect, it } from "vitest";
import type { Automation, Run } from "../../src/api/types.js";
import type { ChangeRecord } from "../../src/history/change.js";
import { type LedgerItem, mayHavePaused } from "../../src/incident/ledger-state.js";
import type { IncidentOwner } from "../../src/incident/owners.js";
import { judgeResume } from "../../src/incident/resume-plan.js";
import { held, paused, touch } from "./indexed.js";

const run = (trigger: string, started_at: string): Run => ({
  run_id: "run_1",
  status: "completed",
  trigger,
  started_at,
});

const late = "2026-01-05T04:10:00Z";

describe("judgeResume", () => {
  it.each<
    [
      string,
      Partial<LedgerItem>,
      Partial<Automation> | undefined,
      { touch?: ChangeRecord; rival?: LedgerItem },
      string,
    ]
  >([
    ["as it was left", {}, {}, {}, "resume"],
    ["whose unconfirmed pause took effect", { pause: "unknown" }, {}, {}, "resume"],
    ["whose pause was sent by a process that died", { pause: "sent" }, {}, {}, "resume"],
    ["whose unconfirmed resume had no effect", { resume: "unknown" }, {}, {}, "resume"],
    ["that was skipped before", { resume: "paused" }, {}, {}, "resume"],
    ["without updated_at in the ledger", { updated_at: undefined }, { updated_at: "x" }, {}, "resume"],
    ["without updated_at on the server", {}, { updated_at: null }, {}, "resume"],
    ["already resumed", { resume: "done" }, { enabled: true }, {}, "back"],
    ["enabled by another user", {}, { enabled: true }, {}, "enabled: already enabled again"],
    [
      "enabled elsewhere, as its time shows",
      {},
      { enabled: true, updated_at: late },
      {},
      "enabled: already enabled again, changed elsewhere, 2026-01-05T04:10:00Z",
    ],
    [
      "enabled by another user of this ledger",
      {},
      { enabled: true, updated_at: late },
      { touch: { ...touch, change: "resume" } },
      "enabled: already enabled again at 2026-01-05T03:10:00.000Z by ada@night",
    ],
    ["deleted", {}, undefined, {}, "gone: deleted"],
    [
      "resumed and paused again",
      { resume: "done" },
      { updated_at: "later" },
      {},
      "paused: paused again since it was resumed",
    ],
    ["resumed, but still as the pause left it", { resume: "done" }, {}, {}, "resume"],
    [
      "enabled once since its pause",
      { resume: "enabled" },
      { updated_at: "later" },
      {},
      "paused: paused again since it was enabled",
    ],
    ["seen enabled once, but still as the pause left it", { resume: "enabled" }, {}, {}, "resume"],
    ["whose pause failed", { pause: "failed" }, {}, {}, "paused: paused, but not by this incident"],
    ["whose pause never started", { pause: "none" }, {}, {}, "paused: paused, but not by this incident"],
    ["renamed", {}, { name: "Other" }, {}, 'paused: renamed to "Other"'],
    ["rescheduled", {}, { schedule: "@daily" }, {}, 'paused: its schedule is "@daily" now'],
    ["touched", {}, {}, { touch }, "paused: edited at 2026-01-05T03:10:00.000Z by ada@night"],
    [
      "changed by another incident",
      {},
      {},
      { touch: { ...touch, change: "pause", incident: "INC-2" } },
      "paused: changed since: pause at 2026-01-05T03:10:00.000Z by ada@night in incident INC-2",
    ],
    ["changed elsewhere", {}, { updated_at: late }, {}, "paused: changed elsewhere, 2026-01-05T04:10:00Z"],
    [
      "paused by an incident with the current updated_at",
      {},
      { updated_at: late },
      { rival: { ...held, updated_at: late } },
      "paused: paused by incident INC-2 at 2026-01-05T03:00:00.000Z by bo@desk",
    ],
    [
      "paused by an incident with an earlier updated_at",
      {},
      {},
      { rival: { ...held, updated_at: "before" } },
      "resume",
    ],
    [
      "changed since, and paused by an incident that found it unchanged",
      {},
      {},
      { touch, rival: { ...held, updated_at: undefined, pausedServedAt: "2026-01-05T02:00:00Z" } },
      "paused: paused by incident INC-2 at 2026-01-05T03:00:00.000Z by bo@desk",
    ],
    [
      "run by its schedule although unchanged since",
      {},
      { recent_runs: [run("schedule", "2026-01-05T04:00:00Z")] },
      {},
      "resume",
    ],
    [
      "run by its schedule since, without updated_at",
      {},
      { updated_at: null, recent_runs: [run("schedule", "2026-01-05T03:00:01.001Z")] },
      {},
      "paused: a scheduled run started after the pause (run_1)",
    ],
    [
      "run by its schedule in the second of the pause",
      {},
      { updated_at: null, recent_runs: [run("schedule", "2026-01-05T03:00:01Z")] },
      {},
      "resume",
    ],
    [
      "triggered since",
      {},
      { updated_at: null, recent_runs: [run("manual", "2026-01-05T04:00:00Z")] },
      {},
      "resume",
    ],
  ])("handles an automation %s", (_, changes, current, { touch: since, rival }, expected) => {
    const now = current === undefined ? undefined : { ...paused, ...current };
    const item = { ...held, ...changes };
    const owners: IncidentOwner[] = [
      ...(mayHavePaused(item)
        ? [{ incident: "INC-1", item, changes: since === undefined ? [] : [since] }]
        : []),
      ...(rival === undefined ? [] : [{ incident: "INC-2", item: rival, changes: [] }]),
    ];
    const verdict = judgeResume(item, now, { owners });
    expect("reason" in verdict ? `${verdict.verdict}: ${verdict.reason}` : verdict.verdict).toBe(expected);
  });

  it.each<[string, Partial<Automation>, { touches?: ChangeRecord[]; rival?: Partial<LedgerItem> }, string]>([
    [
      "edited by another user",
      { updated_at: "2026-01-05T05:00:00Z", name: "Other" },
      { touches: [touch] },
      "resume",
    ],
    ["run since, without updated_at", { updated_at: null }, {}, "resume"],
    ["run since its last change", { updated_at: "2026-01-05T03:30:00Z" }, {}, "resume"],
    [
      "run before its last change",
      { updated_at: "2026-01-05T05:00:00Z", name: "Other" },
      { touches: [touch] },
      "a scheduled run started after the pause (run_1)",
    ],
    [
      "paused again by this history, and edited after that",
      { updated_at: "2026-01-05T03:30:00Z" },
      { touches: [{ ...touch, change: "pause" }, touch] },
      "changed since: pause at 2026-01-05T03:10:00.000Z by ada@night",
    ],
    [
      "paused by a later incident, and edited after that",
      { updated_at: "2026-01-05T03:30:00Z" },
      { rival: { pausedServedAt: "2026-01-05T03:20:00Z" } },
      "paused by incident INC-2 at 2026-01-05T03:00:00.000Z by bo@desk",
    ],
  ])("includes edited automations except those paused again: %s", (what, now, given, expected) => {
    const runs = what.includes("run") ? [run("schedule", "2026-01-05T04:00:00Z")] : [];
    const owners: IncidentOwner[] = [
      { incident: "INC-1", item: held, changes: given.touches ?? [] },
      ...(given.rival ? [{ incident: "INC-2", item: { ...held, ...given.rival }, changes: [] }] : []),
    ];
    const current = { ...paused, ...now, recent_runs: runs };
    expect(judgeResume(held, current, { owners }).verdict).toBe("paused");
    const verdict = judgeResume(held, current, { owners, includesChanged: true });
    expect("reason" in verdict ? verdict.reason : verdict.verdict).toBe(expected);
  });
});
