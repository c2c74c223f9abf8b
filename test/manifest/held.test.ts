import { describe, expect, it } from "vitest";
import { plan } from "../../src/manifest/plan/plan.js";
import { actual, desired, item } from "./desired-items.js";

type Parts = Parameters<typeof plan>;

const whyPaused = ({ automation_id }: { automation_id: string }) =>
  automation_id === "auto_1" ? "held by INC-42" : undefined;

function planned(wanted: Parts[0], there: Parts[1]): string[] {
  return plan(wanted, there, { whyPaused }).map(({ action, name, automation_id, reason, error }) =>
    [action, name, automation_id, reason, error].filter((part) => part !== undefined).join(" "),
  );
}

const refused = 'create A "B" (auto_1), held by INC-42, is the same, so no duplicate is created';

describe("an item without an automation", () => {
  const held = actual("1", "B", { enabled: false });

  it("isn't created if an incident holds a matching automation", () => {
    expect(planned(desired([item("A")]), [held])).toEqual([refused]);
    expect(planned(desired([item("A", { id: "a" })]), [held])).toEqual([refused]);
    expect(planned(desired([item("A")], ["B"]), [held])[0]).toBe(refused);
    expect(planned(desired([item("A"), item("B")]), [held])[0]).toBe(refused);
    const words = desired([item("A", { schedule: "every day at 9:00", instructions: "do it\n" })]);
    expect(planned(words, [held])).toEqual([refused]);
  });

  it("isn't created if only the minute from `spread` differs", () => {
    const spread = item("A", { spread: 60 });
    const { schedule } = item("B", { spread: 60 });
    const there = { ...held, schedule: schedule.ok ? schedule.cron : "" };
    expect(spread.schedule).not.toMatchObject({ cron: there.schedule });
    expect(planned(desired([spread]), [there])).toEqual([refused]);
  });

  it("doesn't stop other items when an incident holds a matching automation", () => {
    const wanted = desired([item("A"), item("C", { instructions: "else" })]);
    expect(planned(wanted, [held])).toEqual([refused, "create C"]);
  });

  it.each([
    ["schedule", { schedule: "0 10 * * *" }],
    ["instructions", { instructions: "do more" }],
  ])("is created if the held automation has different %s", (_field, options) => {
    expect(planned(desired([item("A")]), [{ ...held, ...options }])).toEqual(["create A"]);
  });

  it("is created if no incident holds the matching automation", () => {
    expect(planned(desired([item("A")]), [actual("2", "B", { enabled: false })])).toEqual(["create A"]);
  });
});
