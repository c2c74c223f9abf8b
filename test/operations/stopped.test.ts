import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Automation } from "../../src/api/types.js";
import { type Holder, stopLines, stopsOf } from "../../src/commands/status/facts.js";

const now = new Date("2026-01-05T12:00:00Z");
const nowMs = now.getTime();
const daysAgo = (days: number) => new Date(nowMs - days * 86_400_000).toISOString();

interface Row {
  automation: Automation;
  holder?: Holder | undefined;
}

const row = (enabled: boolean | null, last_run_at: string | null, incident?: string): Row => ({
  automation: { automation_id: "auto_1", enabled, last_run_at },
  holder: incident === undefined ? undefined : { incident, user: "root", sinceMs: nowMs - 3_600_000 },
});
const paused = (incident?: string, last = daysAgo(1)) => row(false, last, incident);
const enabled = row(true, daysAgo(1));

const stopsIn = (rows: readonly Row[], isWhole = true) =>
  stopsOf(rows, { holderOf: ({ holder }) => holder, isWhole, now }).map(
    ({ incident = "none", automations }) => `${incident} ${automations}`,
  );

describe("the list of stopped automations", () => {
  it.each<[string, Row[], string[]]>([
    ["an empty fleet", [], []],
    ["a held automation beside an enabled one", [paused("INC-1"), enabled], ["INC-1 1"]],
    [
      "two incidents' automations",
      [paused("INC-1"), paused("INC-2"), paused("INC-2")],
      ["INC-2 2", "INC-1 1"],
    ],
    ["a paused automation beside an enabled one", [paused(), enabled], []],
    ["a fleet with no enabled automation", [paused(), paused()], ["none 2"]],
    ["an automation of unknown state", [paused(), row(null, daysAgo(1))], []],
    ["a fleet that last ran 6.9 days ago", [paused(undefined, daysAgo(6.9))], ["none 1"]],
    ["a fleet that last ran 7 days ago", [paused(undefined, daysAgo(7))], []],
    ["a fleet that never ran", [row(false, null)], []],
    ["a run in the far future", [paused(undefined, daysAgo(-8))], []],
    ["an unreadable time", [paused(undefined, "soon")], []],
    ["an incident's automations beside others that ran", [paused("INC-1"), paused()], ["INC-1 1"]],
    [
      "an incident's automations beside others that stopped long ago",
      [paused("INC-1"), row(false, daysAgo(90))],
      ["INC-1 1"],
    ],
  ])("counts %s", (_, rows, expected) => {
    expect(stopsIn(rows)).toEqual(expected);
  });

  it("judges a partly read fleet only by its held automations", () => {
    expect(stopsIn([paused(), paused("INC-1")], false)).toEqual(["INC-1 1"]);
  });

  it("counts each paused automation at most once, and never an enabled one", () => {
    const any = fc.record({
      enabled: fc.constantFrom(true, false, null),
      incident: fc.constantFrom("INC-1", "INC-2", undefined),
      last: fc.constantFrom(daysAgo(1), daysAgo(9), null, "soon"),
    });
    fc.assert(
      fc.property(fc.array(any), fc.boolean(), (each, isWhole) => {
        const rows = each.map(({ enabled, last, incident }) => row(enabled, last, incident));
        const stops = stopsOf(rows, { holderOf: ({ holder }) => holder, isWhole, now });
        for (const { incident, automations } of stops)
          expect(automations).toBe(
            each.filter((one) => one.enabled === false && one.incident === incident).length,
          );
        expect(new Set(stops.map(({ incident }) => incident)).size).toBe(stops.length);
        if (stops.some(({ incident }) => incident === undefined))
          expect([isWhole, stops.length, each.every(({ enabled }) => enabled === false)]).toEqual([
            true,
            1,
            true,
          ]);
      }),
    );
  });

  it("has a line for each incident, and a last line for the rest", () => {
    const linesOf = (count: number, isInWords = false) =>
      stopLines(
        Array.from({ length: count }, (_, at) => ({
          automations: 9 - at,
          incident: `INC-${at}`,
          user: "root",
          sinceMs: at === 1 ? undefined : nowMs - 90_000,
        })),
        { now, isInWords },
      );
    const since = new Date(nowMs - 90_000).toTimeString().slice(0, 5);
    expect(linesOf(2)).toEqual([
      `! stopped  INC-0  9 paused by root, since ${since}`,
      "! stopped  INC-1  8 paused by root",
    ]);
    expect(linesOf(5).at(-1)).toBe("! stopped  2 more incidents");
    expect(linesOf(4)).toHaveLength(4);
    expect(linesOf(1, true)[0]).toMatch(/^stopped {2}INC-0/);
    expect(stopLines([{ automations: 62 }], { now })).toEqual([
      "! stopped  62 paused, not by any incident known here",
    ]);
  });
});
