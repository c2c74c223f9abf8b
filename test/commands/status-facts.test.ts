import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Automation } from "../../src/api/types.js";
import { type Finding, fleetFacts, type Problem, problemRows } from "../../src/commands/status/facts.js";
import { type FleetItem, fleetItems } from "../../src/incident/pause-plan.js";

const nowMs = Date.parse("2026-01-05T12:00:00Z");
const at = (minutes: number) => new Date(nowMs + minutes * 60_000).toISOString();

function itemsOf(...automations: Partial<Automation>[]): FleetItem[] {
  return fleetItems([
    {
      deployment: { deployment_id: "dep_1", name: "Acme" },
      automations: automations.map((each, number) => ({
        automation_id: `auto_${number}`,
        enabled: true,
        ...each,
      })),
    },
  ]);
}

function factsOf(items: readonly FleetItem[], overdue: readonly string[] = []) {
  return fleetFacts(items, {
    since: new Map(),
    stops: [],
    runsOf: () => undefined,
    pauserOf: ({ name }) => (name?.startsWith("by ") ? name.slice(3) : undefined),
    dueMsOf: ({ name }) => (overdue.includes(name ?? "") ? nowMs - 60_000 : undefined),
    overdueBeforeMs: nowMs - 15 * 60_000,
  });
}

const itemsWith = ({ findings }: { findings: readonly Finding[] }, problem: Problem) =>
  findings.filter((each) => each.problem === problem).map(({ item }) => item);
const namesOf = (items: readonly FleetItem[]) => items.map(({ name }) => name);

describe("the facts about a fleet in its lists", () => {
  it.each<[string, Partial<Automation>, object]>([
    ["enabled", { enabled: true }, { enabled: 1, paused: 0 }],
    ["paused", { enabled: false }, { enabled: 0, paused: 1, pausedBy: [] }],
    ["of unknown state", { enabled: null }, { automations: 1, enabled: 0, paused: 0 }],
    ["paused here", { enabled: false, name: "by root" }, { pausedBy: [{ user: "root", automations: 1 }] }],
    ["paused once, then enabled again", { enabled: true, name: "by root" }, { enabled: 1, pausedBy: [] }],
    ["running", { last_run_status: "running" }, { running: 1 }],
    ["of an unknown status", { last_run_status: "queued" as "running" }, { running: 1 }],
    ["completed", { last_run_status: "completed" }, { running: 0, findings: [] }],
    ["never run", { last_run_status: null }, { running: 0 }],
  ])("count an automation that is %s", (_, automation, expected) => {
    expect(factsOf(itemsOf(automation))).toMatchObject(expected);
  });

  it("count each problem automation once, under its worst problem", () => {
    const items = itemsOf(
      { name: "asks", last_run_status: "waiting_on_human" },
      { name: "fails", last_run_status: "error" },
      { name: "fails, paused", last_run_status: "error", enabled: false },
      { name: "asks, paused", last_run_status: "waiting_on_human", enabled: false },
      { name: "overdue" },
    );
    const facts = factsOf(items, ["asks", "fails", "overdue"]);
    expect(namesOf(itemsWith(facts, "waiting"))).toEqual(["asks", "asks, paused"]);
    expect(facts.pausedFailing).toBe(1);
    expect(namesOf(itemsWith(facts, "failing"))).toEqual(["fails"]);
    expect(namesOf(itemsWith(facts, "overdue"))).toEqual(["overdue"]);
    expect(facts.running).toBe(0);
  });

  it("sort overdue automations by the server's due time, then by earlier runs", () => {
    const items = itemsOf(
      { name: "new" },
      { name: "ran", last_run_at: at(-600) },
      { name: "overdue", next_run_at: at(-60) },
    );
    const facts = factsOf(items, ["new", "ran", "overdue"]);
    expect(namesOf(itemsWith(facts, "overdue"))).toEqual(["overdue", "ran", "new"]);
  });

  it("omit the next run for paused or overdue automations", () => {
    const items = itemsOf(
      { name: "later", next_run_at: at(50) },
      { name: "paused", next_run_at: at(1), enabled: false },
      { name: "overdue", next_run_at: at(-16) },
      { name: "now", next_run_at: at(-14) },
      { name: "whenever" },
    );
    expect(namesOf(factsOf(items).dueNext)).toEqual(["now", "later", "whenever"]);
  });

  it("add up even for random fleets", () => {
    const automation = fc.record({
      enabled: fc.constantFrom(true, false, null),
      name: fc.constantFrom("a", "b", "by root", "by anna", null),
      last_run_status: fc.constantFrom("running", "waiting_on_human", "completed", "error", null),
      last_run_at: fc.constantFrom(at(-5), at(-50), null, "soon"),
      next_run_at: fc.constantFrom(at(5), at(50), null, "soon"),
    });
    fc.assert(
      fc.property(fc.array(automation), fc.subarray(["a", "b"]), (automations, overdue) => {
        const items = itemsOf(...(automations as Partial<Automation>[]));
        const facts = factsOf(items, overdue);
        const { findings } = facts;
        expect(facts.enabled + facts.paused).toBeLessThanOrEqual(facts.automations);
        expect(facts.pausedBy.reduce((sum, held) => sum + held.automations, 0)).toBeLessThanOrEqual(
          facts.paused,
        );
        expect(new Set(findings.map(({ item }) => item)).size).toBe(findings.length);
        expect(
          facts.running + itemsWith(facts, "waiting").length + itemsWith(facts, "failing").length,
        ).toBeLessThanOrEqual(items.length);
        const rows = problemRows(findings, ({ name }) => name ?? "");
        for (const problem of ["waiting", "failing", "overdue"] as const) {
          const own = rows.filter((row) => row.problem === problem).flatMap((row) => row.items);
          expect(new Set(own)).toEqual(new Set(itemsWith(facts, problem)));
        }
        expect(rows.every(({ first, items: own }) => own.includes(first))).toBe(true);
      }),
    );
  });
});

describe("the rows of a problem", () => {
  const rowsOf = (...each: [name: string, minutesAgo: number | undefined][]) => {
    const items = itemsOf(...each.map(([name]) => ({ name })));
    const findings = items.map((item, number): Finding => {
      const minutes = each[number]?.[1];
      return {
        problem: "failing",
        item,
        sinceMs: minutes === undefined ? undefined : nowMs - minutes * 60_000,
      };
    });
    return problemRows(findings, ({ name }) => name ?? "").map(
      ({ first, items: own }) => `${first.name}/${first.automation_id} ×${own.length}`,
    );
  };

  it.each([
    [
      "the most frequent first",
      [
        ["a", 9],
        ["b", 1],
        ["b", 2],
      ],
      ["b/auto_1 ×2", "a/auto_0 ×1"],
    ],
    [
      "the longest-lasting next",
      [
        ["a", 1],
        ["b", 9],
      ],
      ["b/auto_1 ×1", "a/auto_0 ×1"],
    ],
    [
      "the newest automation of each row",
      [
        ["a", 9],
        ["a", 1],
        ["a", 5],
      ],
      ["a/auto_1 ×3"],
    ],
    [
      "rows without a time last",
      [
        ["a", undefined],
        ["b", 1],
      ],
      ["b/auto_1 ×1", "a/auto_0 ×1"],
    ],
  ] satisfies [string, [string, number | undefined][], string[]][])("show %s", (_, each, expected) => {
    expect(rowsOf(...each)).toEqual(expected);
  });
});
