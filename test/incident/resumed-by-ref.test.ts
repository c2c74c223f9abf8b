import { describe, expect, it } from "vitest";
import { LedgerState, noteResumedByRef } from "../../src/incident/ledger-state.js";
import { headOf, ids, itemLine, outcomeLine, sendingLine } from "./lines.js";

const pausedAt = "2026-01-05T03:00:00.000Z";
const after = (ms: number) => new Date(Date.parse(pausedAt) + ms);

/** True if an automation that INC-1 paused counts as resumed by ref after these changes. */
function isResumed(
  changes: readonly [change: "pause" | "resume", ms: number, incident?: string, undoes?: string][],
  isAnswered = true,
) {
  const state = new LedgerState(headOf("INC-1"));
  state.add(itemLine(1, "pause"));
  state.add(isAnswered ? outcomeLine(1, { at: pausedAt }) : sendingLine(1));
  noteResumedByRef(
    state,
    changes.map(([change, ms, incident, undoes]) => {
      const at = after(ms);
      return { ...ids, change, incident, at, atMs: at.getTime(), id: `c_${ms}`, undoes };
    }),
  );
  return state.items.get("dep_1/auto_1")?.isResumedByRef === true;
}

describe("a resume by reference of an incident's automation", () => {
  it.each([
    [-1, false],
    [0, true],
    [1, true],
  ])("counts %i ms after the pause: %s", (ms, counts) => {
    expect(isResumed([["resume", ms]])).toBe(counts);
    expect(isResumed([["resume", ms, "INC-2"]])).toBe(counts);
  });

  it.each([
    ["c_1", false],
    ["c_0", true],
  ])("counts until it is undone: after an undo of %s, %s", (undoes, counts) => {
    expect(
      isResumed([
        ["resume", 1],
        ["pause", 2, undefined, undoes],
      ]),
    ).toBe(counts);
  });

  it("doesn't count for an unanswered pause, the incident's own pause, or a later one", () => {
    expect(isResumed([["resume", 1]], false)).toBe(false);
    expect(isResumed([["resume", 1, "inc-1"]])).toBe(false);
    expect(
      isResumed([
        ["resume", 1],
        ["pause", 2, "inc-1"],
      ]),
    ).toBe(false);
    expect(
      isResumed([
        ["resume", 1],
        ["pause", 2, "INC-2"],
      ]),
    ).toBe(true);
  });
});
