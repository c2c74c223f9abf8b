import { describe, expect, it } from "vitest";
import type { Automation, DeploymentSummary } from "../../src/api/types.js";
import type { ChangeOutcomeLine } from "../../src/history/change-lines.js";
import type { LedgerLine } from "../../src/history/parse.js";
import {
  checkIncident,
  countEnabled,
  isContained,
  isIncidentOver,
  recallIncident,
  scopeItems,
} from "../../src/incident/check.js";
import { LedgerState } from "../../src/incident/ledger-state.js";
import { headOf, ids, itemLine, outcomeLine, sendingLine } from "./lines.js";

const at = "2026-01-05T03:00:00.000Z";
const deployment: DeploymentSummary = {
  deployment_id: "dep_1",
  customer_id: "cus_1",
  name: "One",
  status: "ready",
  created_at: at,
};
const automation: Automation = {
  automation_id: "auto_1",
  name: "Weekly",
  schedule: "@daily",
  enabled: false,
};
const numbers = { pause: 1, resume: 2 };
const outcome = (act: keyof typeof numbers, result: ChangeOutcomeLine["result"]): LedgerLine =>
  outcomeLine(numbers[act], { result });
const looked = (what: "paused" | "enabled" | "gone"): LedgerLine => ({ looked: what, at, ...ids });

function stateOf(wasEnabled: boolean, lines: readonly LedgerLine[]): LedgerState {
  const state = new LedgerState(headOf("INC-1"));
  const paused = { customer_id: "cus_1", name: "Weekly", schedule: "@daily", was_enabled: false };
  state.add({ scope: true, at, deployments: ["dep_1"], except: ["Left out*"] });
  state.add(wasEnabled ? itemLine(numbers.pause, "pause") : { found: true, at, ...ids, ...paused });
  state.add(itemLine(numbers.resume, "resume"));
  for (const line of lines) state.add(line);
  return state;
}

const paused = outcome("pause", "done");
const sent = sendingLine(numbers.pause);
const enabledNow: Automation[] = [{ ...automation, enabled: true }];
const pausedNow: Automation[] = [automation];

describe("the state of an automation in an incident", () => {
  it.each<[string, boolean, LedgerLine[], Automation[], [string, string], boolean]>([
    ["paused by the incident", true, [paused], pausedNow, ["paused", "paused"], false],
    ["paused before the incident", false, [], pausedNow, ["paused before", "paused before"], true],
    [
      "paused before the incident and enabled since",
      false,
      [],
      enabledNow,
      ["enabled", "paused before"],
      true,
    ],
    ["enabled by another user", true, [paused], enabledNow, ["enabled", "paused"], true],
    ["missing", true, [paused], [], ["gone", "paused"], true],
    ["resumed", true, [paused, outcome("resume", "done")], enabledNow, ["resumed", "resumed"], true],
    [
      "resumed and paused again",
      true,
      [paused, outcome("resume", "done")],
      pausedNow,
      ["skipped", "resumed"],
      true,
    ],
    [
      "resumed, but still as the pause left it",
      true,
      [outcomeLine(numbers.pause, { updated_at: at }), outcome("resume", "done")],
      [{ ...automation, updated_at: at }],
      ["paused", "resumed"],
      false,
    ],
    ["skipped and still paused", true, [paused, looked("paused")], pausedNow, ["skipped", "skipped"], false],
    [
      "seen enabled, then paused again",
      true,
      [paused, looked("enabled")],
      pausedNow,
      ["skipped", "enabled"],
      true,
    ],
    ["not seen by an older herm", true, [paused, looked("gone")], pausedNow, ["paused", "paused"], false],
    [
      "gone at its pause, according to an older herm",
      true,
      [outcome("pause", "gone")],
      pausedNow,
      ["paused", "unknown"],
      false,
    ],
    ["failed", true, [outcome("pause", "failed")], enabledNow, ["failed", "failed"], true],
    [
      "failed, then paused by another user",
      true,
      [outcome("pause", "failed")],
      pausedNow,
      ["skipped", "failed"],
      true,
    ],
    ["never started", true, [outcome("pause", "skipped")], enabledNow, ["enabled", "enabled"], true],
    [
      "in doubt but found paused",
      true,
      [outcome("pause", "unknown")],
      pausedNow,
      ["paused", "unknown"],
      false,
    ],
    [
      "in doubt but found enabled",
      true,
      [outcome("pause", "unknown")],
      enabledNow,
      ["enabled", "unknown"],
      true,
    ],
    ["sent by a process that died", true, [sent], pausedNow, ["paused", "unknown"], false],
    [
      "with an unconfirmed resume",
      true,
      [paused, outcome("resume", "unknown")],
      enabledNow,
      ["resumed", "unknown"],
      true,
    ],
    [
      "paused again after its resume",
      true,
      [paused, outcome("resume", "done"), sent],
      pausedNow,
      ["skipped", "resumed"],
      true,
    ],
  ])("is known if the automation is %s", (_, wasEnabled, lines, automations, [now, inLedger], over) => {
    const state = stateOf(wasEnabled, lines);
    const notThere = new Set(automations.length === 0 ? [automation.automation_id] : []);
    const readings = [{ deployment, automations, notThere }];
    const check = checkIncident(state, { readings, at: new Date(at) });
    expect(check.items.map((item) => item.state)).toEqual([now]);
    expect(recallIncident(state).items.map((item) => item.state)).toEqual([inLedger]);
    expect(isContained(check)).toBe(now !== "enabled" && now !== "failed");
    expect(isIncidentOver(state, check)).toBe(over);
  });

  it("is unknown in an unreadable deployment: neither proved nor over", () => {
    const state = stateOf(true, [paused]);
    const readings = [{ deployment, automations: [], error: new Error("503") }];
    const check = checkIncident(state, { readings, at: new Date(at) });
    expect(check.items.map((item) => item.state)).toEqual(["unknown"]);
    expect([isContained(check), isIncidentOver(state, check)]).toEqual([false, false]);
  });

  it("is unknown if a list lacks the automation and no GET responded", () => {
    const check = checkIncident(stateOf(true, [paused]), {
      readings: [{ deployment, automations: [] }],
      at: new Date(at),
    });
    expect(check.items.map((item) => item.state)).toEqual(["unknown"]);
    expect([isContained(check), isIncidentOver(stateOf(true, [paused]), check)]).toEqual([false, false]);
  });

  it.each<[string, LedgerState]>([
    ["the incident resumed", stateOf(true, [paused, outcome("resume", "done")])],
    ["was paused before the incident", stateOf(false, [])],
  ])("isn't over for an unknown automation that %s", (_, state) => {
    const check = checkIncident(state, { readings: [{ deployment, automations: [] }], at: new Date(at) });
    expect(check.items.map((item) => item.state)).toEqual(["unknown"]);
    expect(isIncidentOver(state, check)).toBe(false);
  });

  it("isn't proved if the automation's runs are unreadable", () => {
    const readings = [{ deployment, automations: pausedNow }];
    const runs = { running: 0, runsUnread: 1 };
    const check = checkIncident(stateOf(true, [paused]), { readings, runs, at: new Date(at) });
    expect([check.items.map(({ state }) => state), isContained(check)]).toEqual([["paused"], false]);
  });

  it("includes new automations only within the scope", () => {
    const state = stateOf(true, [paused]);
    const automations = [
      automation,
      {
        ...automation,
        automation_id: "auto_2",
        name: "New",
        enabled: true,
      },
      { ...automation, automation_id: "auto_3", name: "Left out", enabled: true },
    ];
    const readings = [
      { deployment, automations },
      {
        deployment: { ...deployment, deployment_id: "dep_2" },
        automations: [{ ...automation, enabled: true }],
      },
    ];
    expect(scopeItems(state, readings).map(({ name }) => name)).toEqual(["Weekly", "New"]);
    const runs = { running: 1, runsUnread: 0 };
    const check = checkIncident(state, { readings, runs, at: new Date(at) });
    expect([check.newSince, check.running, countEnabled(check), isContained(check)]).toEqual([
      1,
      1,
      1,
      false,
    ]);
    expect(check.items.map(({ name, was_enabled }) => [name, was_enabled])).toEqual([
      ["Weekly", true],
      ["New", null],
    ]);
  });
});
