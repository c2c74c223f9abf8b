import { describe, expect, it } from "vitest";
import { type PlanOptions, plan } from "../../src/manifest/plan/plan.js";
import type { ActualAutomation } from "../../src/manifest/plan/plan-item.js";
import { actual, desired, item } from "./desired-items.js";

/** One made on this day of March, in a thread of its own. */
function made(day: number, options: Partial<ActualAutomation> = {}): ActualAutomation {
  return actual(String(day), "A", {
    created_at: `2026-03-0${day}T08:00:00Z`,
    thread_id: `thr_${day}`,
    ...options,
  });
}

function planned(there: ActualAutomation[], options: PlanOptions = {}, wanted = desired([item("A")])) {
  return plan(wanted, there, { removeTwins: true, ...options }).map(
    ({ action, automation_id, reason, error }) =>
      [action, automation_id, reason, error].filter((part) => part !== undefined).join(" "),
  );
}

const twoNamedSo = (ids: string) => [`skipped ${ids.split(", ").length} automations have this name: ${ids}`];

describe("--remove-twins", () => {
  it("lets the oldest stay, whatever order and words they come in", () => {
    expect(planned([made(3), made(1), made(2, { schedule: "every day at 9am" })])).toEqual([
      "unchanged auto_1",
      "delete auto_3 twin of auto_1, enabled",
      "delete auto_2 twin of auto_1, enabled",
    ]);
  });

  it("changes the one that stays where it differs from the file", () => {
    const wanted = desired([item("A", { instructions: "do more" })]);
    expect(planned([made(1), made(2)], {}, wanted)).toEqual([
      "update auto_1",
      "delete auto_2 twin of auto_1, enabled",
    ]);
  });

  it.each<[string, Partial<ActualAutomation>]>([
    ["schedule", { schedule: "0 10 * * *" }],
    ["instructions", { instructions: "do it " }],
    ["enabled", { enabled: false }],
    ["one thread for both", { thread_id: "thr_1" }],
    ["no known thread", { thread_id: null }],
    ["unread instructions", { instructions: undefined }],
  ])("takes for no duplicate what differs: %s", (_what, options) => {
    expect(planned([made(1), made(2, options)])).toEqual(twoNamedSo("auto_1, auto_2"));
  });

  it("takes for no duplicate what shares its thread with a third", () => {
    const third = actual("9", "B", { thread_id: "thr_2" });
    expect(planned([made(1), made(2), third])).toEqual(twoNamedSo("auto_1, auto_2"));
  });

  it.each<[string, Partial<ActualAutomation>]>([
    ["one has no time", { created_at: null }],
    ["both are of one moment", { created_at: "2026-03-01T09:00:00+01:00" }],
    ["a time can't be read", { created_at: "yesterday" }],
  ])("refuses where the oldest can't be told: %s", (_what, options) => {
    expect(planned([made(1), made(2, options)])).toEqual([
      "skipped it isn't known which of auto_1, auto_2 is the oldest",
    ]);
  });

  it("removes nothing in a deployment where a name still fits two", () => {
    expect(planned([made(1), made(2), made(3, { schedule: "0 10 * * *" })])).toEqual(
      twoNamedSo("auto_1, auto_3"),
    );
  });

  it("leaves alone what the files don't name, what they name by id or twice, and what is left out", () => {
    const own = [made(1, { name: "Own" }), made(2, { name: "Own" })];
    expect(planned([actual("9", "A"), ...own])).toEqual(["unchanged auto_9"]);
    const twice = desired([item("A", { id: "a" }), item("A", { id: "b" })]);
    expect(planned([made(1), made(2)], {}, twice)).toEqual(["unchanged auto_1", "unchanged auto_2"]);
    const includes = ({ name }: { name: string }) => name !== "A";
    expect(planned([made(1), made(2)], { includes })).toEqual([]);
  });

  it("happens only when asked for", () => {
    expect(planned([made(1), made(2)], { removeTwins: false })).toEqual(twoNamedSo("auto_1, auto_2"));
  });
});
