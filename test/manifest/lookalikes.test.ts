import { describe, expect, it } from "vitest";
import { mayLookAlike } from "../../src/manifest/lookalikes.js";
import { type PlanOptions, plan } from "../../src/manifest/plan.js";
import { actual, desired, item } from "./wanted.js";

type Parts = Parameters<typeof plan>;

function planned(wanted: Parts[0], there: Parts[1], options: PlanOptions = {}): string[] {
  return plan(wanted, there, { refusesRenamed: true, ...options }).map(
    ({ action, name, automationId, reason, error }) =>
      [action, name, automationId, reason, error].filter((part) => part !== undefined).join(" "),
  );
}

const looksRenamed = 'looks renamed from "B" (auto_1); formerly: or id: in the file decides';

describe("an item that isn't there", () => {
  it("isn't created where one that the files don't name is the same", () => {
    expect(planned(desired([item("A")]), [actual("1", "B")])).toEqual([`create A ${looksRenamed}`]);
    const words = desired([item("A", { schedule: "every day at 9:00", instructions: "do it\n" })]);
    expect(planned(words, [actual("1", "B")])).toEqual([`create A ${looksRenamed}`]);
  });

  it("isn't created where one is the same but for the minute that spread gives by the name", () => {
    const spread = item("A", { spread: 60 });
    const { schedule } = item("B", { spread: 60 });
    const there = [actual("1", "B", { schedule: schedule.ok ? schedule.cron : "" })];
    expect(spread.schedule).not.toMatchObject({ cron: there[0]?.schedule });
    expect(mayLookAlike(desired([spread]), there)).toEqual(there);
    expect(planned(desired([spread]), there)).toEqual([`create A ${looksRenamed}`]);
  });

  it("doesn't stop the others", () => {
    const wanted = desired([item("A"), item("C", { instructions: "else" })]);
    expect(planned(wanted, [actual("1", "B")])).toEqual([`create A ${looksRenamed}`, "create C"]);
  });

  it.each([
    ["formerly says that it is that one", desired([item("A", { formerly: "B" })]), ["rename A auto_1"]],
    ["an id says that it isn't", desired([item("A", { id: "a" })]), ["create A"]],
    ["the files name that one too", desired([item("A"), item("B")]), ["create A", "unchanged B auto_1"]],
    [
      "the files want that one gone",
      desired([item("A")], ["B"]),
      ["create A", "delete B auto_1 removed, enabled"],
    ],
  ])("is no riddle where %s", (_why, wanted, expected) => {
    expect(planned(wanted, [actual("1", "B")])).toEqual(expected);
  });

  it.each([
    ["schedule", { schedule: "0 10 * * *" }],
    ["instructions", { instructions: "do more" }],
  ])("is created beside one of another %s", (_field, options) => {
    expect(planned(desired([item("A")]), [actual("1", "B", options)])).toEqual(["create A"]);
  });

  it("is created where there is a record, which tells what it is", () => {
    expect(planned(desired([item("A")], [], {}), [actual("1", "B")])).toEqual(["create A"]);
  });

  it("isn't made beside what an incident holds, whatever the files say of it", () => {
    const held = actual("1", "B", { enabled: false });
    const options: PlanOptions = {
      whyPaused: ({ automation_id }) => (automation_id === "auto_1" ? "held by INC-42" : undefined),
    };
    const refused = 'create A "B" (auto_1), held by INC-42, is the same: nothing is created beside it';
    expect(planned(desired([item("A")]), [held], options)).toEqual([refused]);
    expect(planned(desired([item("A", { id: "a" })]), [held], options)).toEqual([refused]);
    expect(planned(desired([item("A")], ["B"]), [held], options)[0]).toBe(refused);
    expect(planned(desired([item("A"), item("B")]), [held], options)[0]).toBe(refused);
  });
});

describe("what has to be read whole before a create", () => {
  const there = [
    actual("1", "B"),
    actual("2", "C", { schedule: "every day at 9am" }),
    actual("3", "D", { schedule: "0 10 * * *" }),
    actual("4", "E", { enabled: false }),
    actual("5", "F"),
  ];

  it("is what fires at the same times and isn't named, or is paused", () => {
    const wanted = desired([item("A"), item("E"), item("F")]);
    expect(mayLookAlike(wanted, there).map(({ name }) => name)).toEqual(["B", "C", "E"]);
  });

  it("is nothing where nothing is to be created", () => {
    expect(mayLookAlike(desired([item("B"), item("F")]), there)).toEqual([]);
  });
});
