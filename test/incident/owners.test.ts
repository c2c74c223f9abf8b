import { describe, expect, it } from "vitest";
import type { Automation } from "../../src/api/types.js";
import type { ChangeRecord } from "../../src/history/change.js";
import { type LedgerLine, parseLines } from "../../src/history/parse.js";
import { type LedgerItem, LedgerState } from "../../src/incident/ledger-state.js";
import {
  type IncidentOwner,
  isInDoubtByList,
  objectionTo,
  ownerAmong,
  ownersOf,
} from "../../src/incident/owners.js";
import { held, ids, paused, pausedAt, touch } from "./indexed.js";
import { headOf, itemLine, outcomeLine } from "./lines.js";

function stateOf(incident: string, lines: readonly LedgerLine[]): LedgerState {
  const state = new LedgerState(headOf(incident));
  for (const line of [itemLine(1, "pause"), itemLine(2, "resume"), ...lines]) state.add(line);
  return state;
}

const pausedLine = outcomeLine(1);

describe("the owner of an automation in two incidents", () => {
  const early = "2026-01-05T02:00:00.000Z";
  const late = "2026-01-05T04:00:00.000Z";
  const at = (time: string, updated_at?: string): Partial<LedgerItem> => ({
    pausedAt: time,
    pausedServedAt: time,
    updated_at,
  });

  it.each<[string, Partial<LedgerItem>, Partial<LedgerItem>, Partial<Automation>, string | undefined]>([
    [
      "the incident with the current updated_at, whatever the times",
      at(early, "x"),
      at(late, "y"),
      { updated_at: "x" },
      "INC-1",
    ],
    [
      "the incident with the current updated_at, however it is written",
      at(early, early),
      at(late, late),
      { updated_at: "2026-01-05T03:00:00+01:00" },
      "INC-1",
    ],
    [
      "the incident with the current updated_at, rather than an unknown one",
      at(early, "x"),
      at(late),
      { updated_at: "x" },
      "INC-1",
    ],
    [
      "the incident with an unknown updated_at, rather than a different one",
      at(early),
      at(late, "y"),
      { updated_at: "x" },
      "INC-1",
    ],
    [
      "the incident with the later pause if the server sends no updated_at",
      at(early),
      at(late),
      { updated_at: null },
      "INC-2",
    ],
    [
      "the incident with the later pause if both have the current updated_at",
      at(late, "x"),
      at(early, "x"),
      { updated_at: "x" },
      "INC-1",
    ],
    [
      "the incident with the later pause by this machine within a server's second",
      { ...at(late), pausedServedAt: early },
      { ...at(early), pausedServedAt: early },
      { updated_at: null },
      "INC-1",
    ],
    [
      "always the same one of two equal incidents",
      at(early, "x"),
      at(early, "x"),
      { updated_at: "x" },
      "INC-2",
    ],
    [
      "the incident that knows the automation's name",
      { line: { ...held.line, name: "Other" }, ...at(late) },
      at(early),
      { updated_at: null },
      "INC-2",
    ],
    [
      "neither incident if the automation is enabled",
      at(early, "x"),
      at(late, "x"),
      { updated_at: "x", enabled: true },
      undefined,
    ],
  ])("is %s", (_, one, other, current, expected) => {
    const owners: IncidentOwner[] = [
      { incident: "INC-1", item: { ...held, ...one }, changes: [] },
      { incident: "INC-2", item: { ...held, ...other }, changes: [] },
    ];
    for (const each of [owners, owners.toReversed()])
      expect(ownerAmong(each, { ...paused, ...current })?.incident).toBe(expected);
  });
});

describe("the automations owned by an incident", () => {
  const touchedLine: LedgerLine = {
    changed: "pause",
    at: pausedAt,
    ...ids,
    within: "inc-2",
  };

  it("keep their owner after another incident's pause, but not after other changes", () => {
    const states = [stateOf("INC-1", [pausedLine, touchedLine]), stateOf("INC-2", [pausedLine])];
    const pause: ChangeRecord = { ...touch, change: "pause", incident: "INC-2" };
    const strange: ChangeRecord = { ...pause, incident: "INC-3" };
    const own: ChangeRecord = { ...pause, incident: "INC-1" };
    const [first, second] = ownersOf(states, [own, pause, strange, touch]).get("dep_1/auto_1") ?? [];
    expect(first).toMatchObject({ incident: "INC-1", changes: [strange, touch] });
    expect(second).toMatchObject({ incident: "INC-2", changes: [strange, touch] });
  });

  it("count as changed even if the change has no readable time", () => {
    const [line] = parseLines(
      JSON.stringify({ ...touchedLine, changed: "update", within: undefined, at: "soon" }),
    );
    if (line === undefined) throw new Error("it is no line");
    const [owner] = ownersOf([stateOf("INC-1", [pausedLine, line])]).get("dep_1/auto_1") ?? [];
    if (owner === undefined) throw new Error("nothing is claimed");
    expect(objectionTo(owner, paused)).toBe("edited");
  });

  it("exclude any that the incident never paused, or that changed after its resume", () => {
    expect(ownersOf([stateOf("INC-1", [])]).size).toBe(0);
    const resume = itemLine(2, "resume");
    const [owners = []] = ownersOf([
      stateOf("INC-2", [outcomeLine(1, { updated_at: pausedAt }), resume, outcomeLine(2)]),
    ]).values();
    expect(ownerAmong(owners, { ...paused, updated_at: "later" })).toBeUndefined();
    expect(ownerAmong(owners, paused)?.incident).toBe("INC-2");
  });
});

describe("the need for a GET", () => {
  const later = "2026-01-05T03:00:02Z";
  const ownerOf = (item: LedgerItem): IncidentOwner => ({ incident: "INC-1", item, changes: [] });

  it.each<[Partial<Automation>, boolean]>([
    [{ last_run_at: pausedAt, updated_at: null }, false],
    [{ last_run_at: later, updated_at: null }, true],
    [{ last_run_at: null, updated_at: null }, false],
    [{ last_run_at: later, updated_at: later }, true],
    // Nobody has enabled it, but the platform ran it all the same.
    [{ last_run_at: later }, false],
  ])("exists, for an automation with %j: %s", (now, expected) => {
    expect(isInDoubtByList(ownerOf(held), { ...paused, ...now })).toBe(expected);
  });

  it("exists if the instructions are known but updated_at is invalid", () => {
    const strange = { ...paused, updated_at: later };
    expect(isInDoubtByList(ownerOf(held), strange)).toBe(false);
    expect(isInDoubtByList(ownerOf({ ...held, instructionsHash: "x" }), strange)).toBe(true);
    expect(isInDoubtByList(ownerOf({ ...held, instructionsHash: "x" }), paused)).toBe(false);
  });

  it("doesn't exist if the pause has no time", () => {
    const { pausedAt: _at, pausedServedAt: _date, ...item } = held;
    expect(isInDoubtByList(ownerOf(item), { ...paused, updated_at: null, last_run_at: later })).toBe(false);
  });
});

describe("the changes of an owner's automations", () => {
  const state = stateOf("INC-1", [pausedLine]);
  const early = new Date("2026-01-05T02:00:00Z");
  const own: ChangeRecord = { ...touch, change: "pause", incident: "inc-1" };

  it.each<[string, ChangeRecord[], number]>([
    ["a change after its own pause", [own, touch], 1],
    ["a change after its own pause, despite the clock", [own, { ...touch, at: early }], 1],
    ["a change before its own pause", [touch, own], 0],
    ["its own resume", [own, { ...own, change: "resume" }], 0],
    ["another incident's pause", [own, { ...own, incident: "INC-2" }], 1],
    ["a later change if the pause was sent elsewhere", [touch], 1],
    ["an earlier change if the pause was sent elsewhere", [{ ...touch, at: early }], 0],
    ["another automation's", [own, { ...touch, automation_id: "auto_2" }], 0],
  ])("include %s", (_, changes, count) => {
    const owners = [...ownersOf([state], changes).values()].flat();
    expect(owners.flatMap((owner) => owner.changes)).toHaveLength(count);
  });
});
