import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Run } from "../../src/api/types.js";
import { failuresInARow, mayBeFailing } from "../../src/runs/failures.js";

const statuses = { e: "error", c: "completed", r: "running", w: "waiting_on_human", "?": null } as const;

/** Runs an hour apart, the newest first: `ece` failed, completed, failed. */
function runs(text: string): Run[] {
  return Array.from(text, (letter, at) => ({
    run_id: `run_${at}`,
    status: statuses[letter as keyof typeof statuses],
    started_at: new Date((text.length - at) * 3_600_000).toISOString(),
  }));
}

const nowMs = 100 * 3_600_000;
const newestFirst = { nowMs };

/** The start of the first of this many failures in a row; if there are more, of the oldest that is listed. */
function sinceMsOf(text: string, inARow: number): number | undefined {
  if (inARow === 0) return undefined;
  const isAll = !text.includes("c") && inARow === 20;
  const at = isAll
    ? text.length - 1
    : text.split("").flatMap((each, at) => (each === "e" ? [at] : []))[inARow - 1];
  return (text.length - (at ?? Number.NaN)) * 3_600_000;
}

describe("failures in a row", () => {
  it.each<[string, number, string]>([
    ["", 0, "all"],
    ["c", 0, ""],
    ["e", 1, "all"],
    ["eec", 2, ""],
    ["ceee", 0, ""],
    ["reew?ec", 3, ""],
    ["rw", 0, "all"],
    ["e".repeat(19), 19, "all"],
    ["e".repeat(20), 20, "all more"],
    [`r${"e".repeat(19)}`, 19, "all more"],
    ["e".repeat(31), 20, "all more"],
    [`${"e".repeat(30)}c`, 30, ""],
    ["r".repeat(20), 0, "all"],
  ])("are counted, for %s, as %i %s", (text, inARow, said) => {
    expect(failuresInARow(runs(text), newestFirst)).toEqual({
      inARow,
      areAll: said.includes("all"),
      areMore: said.includes("more"),
      sinceMs: sinceMsOf(text, inARow),
    });
  });

  it.each<[string, number, number, boolean]>([
    ["eeec", 4, 0, true],
    ["eeec", 2, 2, true],
    ["eeec", 0, 3, false],
    ["ecee", 3, 1, true],
    ["ecee", 2, 1, false],
    ["e".repeat(20), 1, 19, true],
  ])("are counted, for %s after hour %i, as %i", (text, hour, inARow, areAll) => {
    const counted = failuresInARow(runs(text), { nowMs, afterMs: hour * 3_600_000 });
    expect(counted).toEqual({ inARow, areAll, areMore: false, sinceMs: sinceMsOf(text, inARow) });
  });

  it.each<[string, Partial<Run>]>([
    ["without a start", { started_at: null }],
    ["with a start in the future", { started_at: new Date(nowMs + 3_600_000).toISOString() }],
    ["with an unknown status", { status: "exploded" as never }],
  ])("neither include nor end with a run %s", (_, odd) => {
    const [completed, failed] = runs("ce");
    const strange = [
      { ...completed, run_id: "odd_1", ...odd },
      { ...failed, run_id: "odd_2", ...odd },
    ] as Run[];
    expect(failuresInARow([...strange, ...runs("eec")], newestFirst)).toMatchObject({ inARow: 2 });
    expect(failuresInARow(strange, newestFirst)).toMatchObject({ inARow: 0 });
  });

  it("count each run once, by its start, in any order", () => {
    const history = fc.string({ unit: fc.constantFrom("e", "c", "r"), maxLength: 18 });
    const property = fc.property(history, fc.infiniteStream(fc.nat()), (text, keys) => {
      const doubled = [...runs(text), ...runs(text)].map((run) => ({ run, key: keys.next().value }));
      const shuffled = doubled.toSorted((one, other) => one.key - other.key).map(({ run }) => run);
      expect(failuresInARow(shuffled, newestFirst)).toEqual(failuresInARow(runs(text), newestFirst));
    });
    fc.assert(property);
  });

  it("count a run listed twice by its end", () => {
    const [ended, going] = [runs("ee"), runs("re").slice(0, 1)];
    expect(failuresInARow([...going, ...ended], newestFirst)).toMatchObject({ inARow: 2 });
  });

  it("ignore unfinished runs, grow by a failure, and end with a success", () => {
    const histories = fc
      .array(fc.constantFrom("e", "c", "r", "w", "?"), { maxLength: 40 })
      .map((each) => each.join(""));
    fc.assert(
      fc.property(histories, (text) => {
        const { inARow } = failuresInARow(runs(text), newestFirst);
        const ended = text.replaceAll(/[rw?]/g, "");
        expect(inARow <= ended.length && !ended.slice(0, inARow).includes("c")).toBe(true);
        expect(failuresInARow(runs(`c${text}`), newestFirst).inARow).toBe(0);
        if (text.length < 18) {
          expect(failuresInARow(runs(ended), newestFirst).inARow).toBe(inARow);
          expect(failuresInARow(runs(`e${text}`), newestFirst).inARow).toBe(inARow + 1);
        }
      }),
    );
  });
});

it.each([
  [{ last_run_at: null, last_run_status: null }, false],
  [{ last_run_at: "2026-01-05T08:00:00Z", last_run_status: "completed" }, false],
  [{ last_run_at: "2026-01-05T08:00:00Z", last_run_status: "error" }, true],
  [{ last_run_at: "2026-01-05T08:00:00Z", last_run_status: "waiting_on_human" }, true],
  [{}, true],
  // A run that doesn't count shows nothing about the runs before it.
  [{ last_run_at: null, last_run_status: "error" }, true],
  [{ last_run_at: null, last_run_status: "completed" }, true],
  [{ last_run_at: "2026-01-05T09:02:00Z", last_run_status: "completed" }, true],
  [{ last_run_status: "completed" }, false],
] as const)("an automation with %j may be failing: %s", (item, is) => {
  expect(mayBeFailing({ automation_id: "auto_1", ...item }, Date.parse("2026-01-05T09:00:00Z"))).toBe(is);
});
