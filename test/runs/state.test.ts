import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Automation } from "../../src/api/types.js";
import { type AutomationState, type StateFacts, stateOf } from "../../src/runs/state.js";

const due = { dueMs: 0 };

const worstFirst: readonly AutomationState[] = [
  "unexpected",
  "paused",
  "waiting",
  "failing",
  "overdue",
  "enabled",
];

describe("the state of an automation", () => {
  it.each<[Partial<Automation>, StateFacts, string | undefined]>([
    [{ enabled: false, last_run_status: "error" }, { isUnexpected: true }, "unexpected"],
    [{ enabled: false, last_run_status: "waiting_on_human" }, {}, "waiting"],
    [{ enabled: false, last_run_status: "error" }, {}, "paused"],
    [{ enabled: true, last_run_status: "waiting_on_human" }, due, "waiting"],
    [{ enabled: true, last_run_status: "error" }, due, "failing"],
    [{ enabled: true, last_run_status: "completed" }, due, "overdue"],
    [{ enabled: true, last_run_status: "running" }, {}, "enabled"],
    [{ enabled: null, last_run_status: "error" }, {}, "failing"],
    [{ enabled: null, last_run_status: null }, {}, undefined],
  ])("for %j with %j is %s", (automation, facts, expected) => {
    expect(stateOf({ ...automation }, facts)).toBe(expected);
  });

  it("only gets worse with additional facts", () => {
    const rank = (state: ReturnType<typeof stateOf>) => (state ? worstFirst.indexOf(state) : 9);
    const property = fc.property(
      fc.constantFrom(true, false, null),
      fc.constantFrom("running", "waiting_on_human", "completed", "error", null),
      fc.record({
        isUnexpected: fc.boolean(),
        dueMs: fc.option(fc.nat(), { nil: undefined }),
      }),
      (enabled, last_run_status, facts) => {
        const automation = { enabled, last_run_status };
        expect(rank(stateOf(automation, facts))).toBeLessThanOrEqual(rank(stateOf(automation)));
      },
    );
    fc.assert(property);
  });
});
