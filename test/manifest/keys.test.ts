import { describe, expect, it } from "vitest";
import { type PlanOptions, plan } from "../../src/manifest/plan/plan.js";
import { actual, desired, item } from "./desired-items.js";

type Items = Parameters<typeof desired>[0];
type Lines = Record<string, string>;

/** The plan with a record. */
const planned = (
  { items, removed, lines }: { items: Items; removed?: string[]; lines: Lines },
  there: ReturnType<typeof actual>[],
  options: PlanOptions = {},
) =>
  plan(desired(items, removed, lines), there, options).map(({ action, name, automation_id, reason, error }) =>
    [action, name, automation_id, reason, error].filter(Boolean).join(" "),
  );

const held: PlanOptions["whyPaused"] = ({ enabled }) => (enabled ? undefined : "held by INC-9");
const paused = (id: string, name: string) => actual(id, name, { enabled: false });

describe("a plan with a record", () => {
  it("finds an item by its key, even under a different name", () => {
    const lines = { auto_1: "A", auto_2: "id:b" };
    const items = [item("A"), item("B", { id: "b" })];
    expect(planned({ items, lines }, [actual("1", "Mine"), actual("2", "Other"), actual("9", "C")])).toEqual([
      "rename A auto_1",
      "rename B auto_2",
    ]);
  });

  it("finds an item under an unused key: its former name, then its name", () => {
    const lines = { auto_1: "A" };
    expect(planned({ items: [item("A", { id: "a" })], lines }, [actual("1", "A")])).toEqual([
      "unchanged A auto_1",
    ]);
    const renamed = item("B", { id: "b", formerly: "A" });
    expect(planned({ items: [renamed], lines }, [actual("1", "A")])).toEqual(["rename B auto_1"]);
    expect(planned({ items: [item("A"), renamed], lines }, [actual("1", "A")])).toEqual([
      "unchanged A auto_1",
      "create B",
    ]);
  });

  it("skips deleted automations until they should be recreated", () => {
    const made = { items: [item("A")], lines: { auto_1: "A" } };
    expect(planned(made, [])).toEqual(["skipped A auto_1 deleted since"]);
    expect(planned(made, [], { recreate: true })).toEqual(["create A"]);
    expect(planned({ ...made, items: [item("B", { formerly: "A" })] }, [])).toEqual([
      "skipped B auto_1 deleted since",
    ]);
  });

  it("treats a recreated automation with a new id as unrecorded", () => {
    const made = { items: [item("A")], lines: { auto_1: "A" } };
    const again = [actual("9", "A")];
    expect(planned(made, again)).toEqual(["skipped A auto_9 not in the record"]);
    expect(planned(made, again, { recreate: true })).toEqual(["skipped A auto_9 not in the record"]);
    const keyed = { items: [item("A", { id: "a" })], lines: { auto_1: "id:a" } };
    expect(planned(keyed, again)).toEqual(["skipped A auto_9 not in the record"]);
    const rekeyed = { ...keyed, lines: made.lines };
    expect(planned(rekeyed, again, { prune: true })).toEqual(["skipped A auto_9 not in the record"]);
    expect(planned({ ...made, items: [] }, again)).toEqual([]);
    expect(planned({ ...made, items: [] }, again, { prune: true })).toEqual([
      "skipped A auto_9 not in the record",
    ]);
  });

  it("neither changes nor replaces unknown automations", () => {
    const unknown = new Map([["auto_1", new Error("500")]]);
    const made = { items: [item("A")], lines: { auto_1: "A", auto_2: "B" } };
    const there = [actual("2", "B"), actual("9", "A")];
    const all = { unknown, prune: true, recreate: true };
    expect(planned(made, there, all)).toEqual(["unknown A auto_1", "delete B auto_2 prune, enabled"]);
    const renamed = { ...made, items: [item("C", { formerly: "A" }), item("B")] };
    expect(planned(renamed, there, all)).toEqual(["unknown C auto_1", "unchanged B auto_2"]);
    const unnamed = { ...made, items: [item("C"), item("B")] };
    const why = '"A" (auto_1), which no file names, may still exist: no duplicate is created';
    expect(planned(unnamed, there, { unknown })).toEqual([`create C ${why}`, "unchanged B auto_2"]);
    expect(planned(unnamed, there, all)).toEqual([
      `create C ${why}`,
      "unchanged B auto_2",
      "unknown A auto_1",
    ]);
    for (const ref of ["A", "auto_1"])
      expect(planned({ ...made, items: [item("B")], removed: [ref] }, there, { unknown })).toEqual([
        "unchanged B auto_2",
        "unknown A auto_1",
      ]);
  });

  it("prefers an existing automation, or a possible one, if two lines share a key", () => {
    const made = { items: [item("A")], lines: { auto_1: "A", auto_2: "A" } };
    for (const id of ["auto_1", "auto_2"])
      expect(planned(made, [], { unknown: new Map([[id, undefined]]) })).toEqual([`unknown A ${id}`]);
    const there = [actual("1", "A")];
    const unknown = new Map([["auto_2", undefined]]);
    expect(planned(made, there, { unknown })).toEqual(["unchanged A auto_1"]);
    expect(planned(made, there, { unknown, prune: true })).toEqual([
      "unchanged A auto_1",
      "unknown A auto_2",
    ]);
  });

  it("changes only recorded automations, even for a former name or a removal", () => {
    const items = [item("A", { instructions: "ours" }), item("B", { formerly: "C" })];
    const there = [actual("1", "A"), actual("2", "C"), actual("3", "Z")];
    expect(planned({ items, removed: ["Z"], lines: {} }, there, { prune: true })).toEqual([
      "skipped A auto_1 not in the record",
      "skipped B auto_2 not in the record",
      "skipped Z auto_3 not in the record",
    ]);
  });

  it("assigns no name that already exists", () => {
    expect(
      planned({ items: [item("A")], lines: { auto_1: "A" } }, [actual("1", "Mine"), actual("2", "A")]),
    ).toEqual(['rename A auto_1 it is named "Mine", and auto_2 already has the new name']);
  });

  it("stops if a merge left two lines for one item, and lists both automations", () => {
    const two = { items: [item("A")], lines: { auto_1: "A", auto_2: "A" } };
    expect(planned(two, [actual("1", "A"), actual("2", "A")])).toEqual([
      'skipped A the record has "A" for two automations (auto_1, auto_2): delete one of the two lines',
    ]);
    expect(planned(two, [actual("2", "A")])).toEqual(["unchanged A auto_2"]);
  });

  it("stops if two lines name the same automation", () => {
    const wanted = desired([item("B"), item("C")], [], { auto_1: "B" });
    const entries = [
      ...(wanted.recorded?.entries ?? []),
      { deployment_id: "dep_1", automation_id: "auto_1", key: '"C"' },
    ];
    const [first] = plan({ ...wanted, recorded: { entries } }, [actual("1", "B")]);
    expect(first).toMatchObject({
      action: "skipped",
      error: 'the record has auto_1 as "B" and as "C": delete one of the two lines',
    });
  });

  it("explains each prevented deletion, and keeps paused automations unless told otherwise", () => {
    const lines = { auto_1: "X", auto_2: "Y", auto_3: "Z" };
    const there = [actual("1", "X"), paused("2", "Y"), paused("3", "Z")];
    const whyPaused: PlanOptions["whyPaused"] = ({ name }) => (name === "Z" ? "held by INC-9" : undefined);
    expect(planned({ items: [], removed: ["X"], lines }, there, { prune: true, whyPaused })).toEqual([
      "delete X auto_1 removed, enabled",
      "skipped Y auto_2 not deleted: paused",
      "skipped Z auto_3 not deleted: paused, held by INC-9",
    ]);
    expect(planned({ items: [], removed: ["Z"], lines }, there, { whyPaused })).toEqual([
      "skipped Z auto_3 not deleted: paused, held by INC-9",
    ]);
    const all = { prune: true, deletePaused: true, whyPaused };
    expect(planned({ items: [], removed: ["X"], lines }, there, all)).toEqual([
      "delete X auto_1 removed, enabled",
      "delete Y auto_2 prune, paused",
      "delete Z auto_3 prune, paused",
    ]);
  });

  it("deletes automations that the files kept paused, and still creates new ones", () => {
    const wanted = desired([item("New", { instructions: "new" })], ["A"], { auto_1: "A", auto_2: "B" });
    const entries = wanted.recorded?.entries.map((entry) => ({ ...entry, mark: "paused" as const })) ?? [];
    const there = [paused("1", "A"), paused("2", "B")];
    expect(plan({ ...wanted, recorded: { entries } }, there, { prune: true })).toMatchObject([
      { action: "create", name: "New" },
      { action: "delete", name: "A", reason: "removed, paused" },
      { action: "delete", name: "B", reason: "prune, paused" },
    ]);
  });

  it("never prunes or recreates initial items, but deletes those in `removed`", () => {
    const items = [item("A", { initial: true })];
    const wanted = (all: typeof items, removed: string[] = []) => {
      const whole = desired(all, removed, { auto_1: "A", auto_2: "B" });
      const entries = whole.recorded?.entries.map((entry) => ({ ...entry, mark: "initial" as const })) ?? [];
      return { ...whole, recorded: { entries } };
    };
    const there = [actual("1", "A"), paused("2", "B")];
    const actions = (by: Parameters<typeof plan>[0], all = there, options: PlanOptions = {}) =>
      plan(by, all, { prune: true, ...options }).map(({ action, name, reason }) =>
        [action, name, reason].filter(Boolean).join(" "),
      );
    expect(actions(wanted([]))).toEqual([]);
    expect(actions({ ...wanted([]), leaving: ['"A"'] })).toEqual(["skipped A not deleted: initial"]);
    expect(actions(wanted([], ["A"]))).toEqual(["delete A removed, enabled"]);
    const other = wanted([item("New", { instructions: "new" })]);
    expect(actions(other)).toEqual(["create New"]);
    expect(actions(other, there, { whyPaused: held })).toEqual(["skipped New"]);
    expect(actions(wanted(items), [])).toEqual(["skipped A deleted since"]);
    expect(actions(wanted(items), [], { recreate: true })).toEqual(["create A"]);
  });

  it("never resumes a paused automation under a different name", () => {
    const fix = { items: [item("Mail", { instructions: "fixed" })], lines: { auto_1: "Mailer" } };
    const stopped = (why: string) =>
      `skipped Mail "Mailer" (auto_1), ${why}, is no longer in any file; say whether it was renamed or removed with id:, formerly: or removed:`;
    expect(planned(fix, [paused("1", "Mailer")], { prune: true })).toEqual([stopped("paused")]);
    expect(planned(fix, [paused("1", "Mailer")], { whyPaused: held })).toEqual([stopped("held by INC-9")]);
    expect(planned(fix, [paused("1", "Mailer")])).toEqual(["create Mail"]);
    expect(planned(fix, [actual("1", "Mailer")], { prune: true })).toEqual([
      "create Mail",
      "delete Mailer auto_1 prune, enabled",
    ]);
    const said = [item("Mail", { instructions: "fixed", formerly: "Mailer" })];
    expect(
      planned({ ...fix, items: said }, [paused("1", "Mailer")], { prune: true, whyPaused: held }),
    ).toEqual(["rename Mail auto_1 paused, held by INC-9"]);
    expect(planned({ ...fix, removed: ["Mailer"] }, [paused("1", "Mailer")], { prune: true })).toEqual([
      "create Mail",
      "skipped Mailer auto_1 not deleted: paused",
    ]);
  });

  it("keeps the recorded automation, and skips its duplicate", () => {
    const made = { items: [item("A")], lines: { auto_2: "A" } };
    const there = [actual("1", "A"), actual("2", "A")];
    expect(planned(made, there)).toEqual(["unchanged A auto_2", "skipped A auto_1 duplicate of auto_2"]);
  });

  it.each([
    ["of another schedule", { schedule: "0 10 * * *" }, {}],
    ["of other instructions", { instructions: "do it " }, {}],
    ["whose instructions weren't read", { instructions: undefined }, { instructions: undefined }],
  ])("sees no duplicate in an automation %s", (_what, other, own) => {
    const made = { items: [item("A", { initial: true })], lines: { auto_2: "A" } };
    const there = [actual("1", "A", other), actual("2", "A", own)];
    expect(planned(made, there)).toEqual(["unchanged A auto_2"]);
  });
});
