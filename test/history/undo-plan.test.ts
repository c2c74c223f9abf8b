import { describe, expect, it } from "vitest";
import type { AutomationDetail } from "../../src/api/types.js";
import type { Change, ChangeItem } from "../../src/history/change.js";
import { itemsToUndo, laterChanges, type Present, planUndo } from "../../src/history/undo-plan.js";

const at = "2026-03-02T09:00:00.000Z";

function itemOf(fields: Partial<ChangeItem>): ChangeItem {
  return {
    act: "update",
    deployment_id: "dep_1",
    automation_id: "auto_1",
    name: "Weekly",
    result: "done",
    ...fields,
  };
}

const retimed = itemOf({
  before: { schedule: "0 9 * * *", updated_at: "2026-03-01T00:00:00Z" },
  after: { schedule: "0 10 * * *" },
  updated_at: "2026-03-02T09:00:01Z",
});
const paused = itemOf({
  act: "pause",
  before: { enabled: true },
  after: { enabled: false },
  updated_at: "2026-03-02T09:00:01Z",
});
const created = itemOf({
  act: "create",
  after: { name: "Weekly", schedule: "0 9 * * *", instructions: "Do it" },
  updated_at: "2026-03-02T09:00:01Z",
});
const deleted = itemOf({
  act: "delete",
  before: {
    name: "Weekly",
    schedule: "0 9 * * *",
    instructions: "Do it",
    enabled: false,
    thread_id: "thr_1",
  },
});

function changeOf(id: string, items: ChangeItem[], fields: Partial<Change> = {}): Change {
  const by = { user: "ada", host: "night" };
  const target = { origin: "https://api.test", profile: "default" };
  return { id, at, by, command: "automations update", target, items, is_over: true, ...fields };
}

function now(fields: Partial<AutomationDetail> = {}): AutomationDetail {
  return {
    automation_id: "auto_1",
    name: "Weekly",
    schedule: "0 10 * * *",
    instructions: "Do it",
    enabled: true,
    updated_at: "2026-03-02T09:00:01Z",
    recent_runs: [],
    ...fields,
  };
}

function planned(
  item: ChangeItem,
  present: Partial<Present>,
  later: readonly Change[] = [],
  earlier: readonly Change[] = [],
) {
  const whole = { automation: undefined, others: [], pausedBy: undefined, ...present };
  const step = planUndo(item, {
    present: whole,
    since: laterChanges(later, () => [...earlier, changeOf("c_first2", [item]), ...later]),
    at,
  });
  const { item: _, ...rest } = step;
  return rest;
}

const again = changeOf("c_second", [{ ...retimed, after: { schedule: "0 11 * * *" } }]);
const back = changeOf("c_third2", [{ ...retimed, after: { schedule: "0 10 * * *" } }], {
  undoes: "c_second",
});

describe("the undo of an update", () => {
  it.each<[string, ReturnType<typeof planned>, unknown]>([
    [
      "still in effect",
      planned(retimed, { automation: now() }),
      { action: "restore", fields: { schedule: "0 9 * * *" } },
    ],
    [
      "whose schedule means the same in words",
      planned(retimed, { automation: now({ schedule: "every day at 10:00" }) }),
      { action: "restore" },
    ],
    [
      "already undone",
      planned(retimed, { automation: now({ schedule: "every day at 9am" }) }),
      { action: "unchanged" },
    ],
    [
      "with a field that was changed since",
      planned(retimed, { automation: now({ schedule: "0 12 * * *" }) }),
      { action: "skip", why: "changed since: schedule" },
    ],
    [
      "with another field that was changed since",
      planned(retimed, { automation: now({ name: "Daily" }) }),
      { action: "restore" },
    ],
    ["of a deleted automation", planned(retimed, {}), { action: "skip", why: "deleted since" }],
    [
      "that a later change repeated",
      planned(retimed, { automation: now() }, [again, changeOf("c_fourth", [retimed])]),
      { action: "skip", why: "changed since by c_fourth" },
    ],
    [
      "after a change that was undone",
      planned(retimed, { automation: now() }, [again, back]),
      { action: "restore" },
    ],
    [
      "after a change that may never have arrived",
      planned(retimed, { automation: now() }, [
        changeOf("c_second", [{ ...retimed, after: { schedule: "0 11 * * *" }, result: "unknown" }]),
      ]),
      { action: "restore" },
    ],
    [
      "whose own undo may have failed",
      planned(retimed, { automation: now() }, [
        changeOf("c_second", [{ ...retimed, after: { schedule: "0 9 * * *" }, result: "unknown" }], {
          undoes: "c_first2",
        }),
      ]),
      { action: "restore" },
    ],
    [
      "followed by a change whose undo is unconfirmed",
      planned(retimed, { automation: now() }, [
        again,
        { ...back, items: back.items.map((item) => ({ ...item, result: "unknown" as const })) },
      ]),
      { action: "restore" },
    ],
    [
      "whose unconfirmed undo was itself undone",
      planned(retimed, { automation: now() }, [
        changeOf("c_second", [{ ...retimed, after: { schedule: "0 9 * * *" }, result: "unknown" }], {
          undoes: "c_first2",
        }),
        changeOf("c_third2", [retimed], { undoes: "c_second" }),
      ]),
      { action: "restore" },
    ],
    [
      "of a field with no earlier value",
      planned({ ...retimed, before: {} }, { automation: now() }),
      { action: "skip", why: "its earlier state isn't known: schedule" },
    ],
  ])("handles an update %s", (_case, step, expected) => {
    expect(step).toMatchObject(expected as object);
  });
});

describe("the undo of a pause", () => {
  const isPaused = now({ enabled: false });
  it.each<[string, ReturnType<typeof planned>, unknown]>([
    [
      "still in effect",
      planned(paused, { automation: isPaused }),
      { action: "restore", fields: { enabled: true } },
    ],
    [
      "held by an incident",
      planned(paused, { automation: isPaused, pausedBy: "held by INC-42" }),
      { action: "skip", why: "held by INC-42" },
    ],
    [
      "whose updated_at is now written differently",
      planned(paused, { automation: { ...isPaused, updated_at: "2026-03-02T10:00:01+01:00" } }),
      { action: "restore", fields: { enabled: true } },
    ],
    [
      "of an automation changed elsewhere since",
      planned(paused, { automation: { ...isPaused, updated_at: "2026-03-03T00:00:00Z" } }),
      { action: "skip", why: "changed elsewhere, 2026-03-03T00:00:00Z" },
    ],
    [
      "of an automation that herm has since renamed",
      planned(paused, { automation: { ...isPaused, updated_at: "2026-03-03T00:00:00Z" } }, [
        changeOf("c_second", [
          itemOf({
            before: { name: "W", updated_at: "2026-03-02T09:00:01Z" },
            after: { name: "Weekly" },
            updated_at: "2026-03-03T00:00:00Z",
          }),
        ]),
      ]),
      { action: "restore" },
    ],
  ])("handles a pause %s", (_case, step, expected) => {
    expect(step).toMatchObject(expected as object);
  });
});

describe("the undo of a create", () => {
  const made = now({ schedule: "0 9 * * *" });
  it.each<[string, ReturnType<typeof planned>, unknown]>([
    ["still in effect", planned(created, { automation: made }), { action: "delete" }],
    ["of a deleted automation", planned(created, {}), { action: "unchanged" }],
    [
      "of an automation that has run",
      planned(created, { automation: { ...made, recent_runs: [{ run_id: "run_1" }] } }),
      { action: "skip", why: "it has run since" },
    ],
    [
      "of an edited automation",
      planned(created, { automation: { ...made, instructions: "Do more", enabled: false } }),
      { action: "skip", why: "changed since: instructions, enabled" },
    ],
    [
      "of an automation that was edited and restored elsewhere",
      planned(created, { automation: { ...made, updated_at: "2026-03-03T00:00:00Z" } }),
      {
        action: "skip",
        why: "changed and put back elsewhere, 2026-03-03T00:00:00Z",
      },
    ],
  ])("handles a create %s", (_case, step, expected) => {
    expect(step).toMatchObject(expected as object);
  });
});

describe("the undo of a deletion", () => {
  const older = now({ automation_id: "auto_0", created_at: "2026-01-01T00:00:00Z" });
  const newer = now({ automation_id: "auto_9", created_at: "2026-03-03T00:00:00Z" });
  const recreating = (id: string, automation_id: string, recreates: string) =>
    changeOf(id, [{ ...created, automation_id, recreates }]);
  const remaking = recreating("c_second", "auto_9", "auto_1");
  const same = { ...newer, ...deleted.before };
  it.each<[string, ReturnType<typeof planned>, unknown]>([
    [
      "still in effect",
      planned(deleted, { others: [older] }),
      {
        action: "recreate",
        fields: {
          name: "Weekly",
          schedule: "0 9 * * *",
          instructions: "Do it",
          enabled: false,
          thread_id: "thr_1",
        },
      },
    ],
    [
      "whose name is already used again",
      planned(deleted, { others: [newer] }),
      { action: "skip", why: "an automation with that name already exists: auto_9" },
    ],
    [
      "beside an equal, newer automation",
      planned(deleted, { others: [same] }),
      { action: "unchanged", as: "auto_9" },
    ],
    [
      "beside an equal automation of unknown age",
      planned(deleted, { others: [{ ...newer, ...deleted.before, created_at: null }] }),
      { action: "skip", why: "an automation with that name already exists: auto_9" },
    ],
    ["without an effect", planned(deleted, { automation: now() }), { action: "unchanged" }],
    [
      "already undone",
      planned(deleted, { others: [same] }, [remaking]),
      { action: "unchanged", as: "auto_9" },
    ],
    [
      "undone, then edited",
      planned(deleted, { others: [newer] }, [remaking]),
      { action: "skip", why: "created again as auto_9, and changed since" },
    ],
    ["undone, then deleted again", planned(deleted, {}, [remaking]), { action: "recreate" }],
    [
      "beside an equal automation, recreated for another one",
      planned(deleted, { others: [same] }, [recreating("c_second", "auto_9", "auto_2")]),
      { action: "recreate" },
    ],
    [
      "beside an equal automation, recreated for an ancestor of this one",
      planned(
        deleted,
        { others: [same] },
        [recreating("c_third2", "auto_9", "auto_2")],
        [recreating("c_before", "auto_1", "auto_2")],
      ),
      { action: "unchanged", as: "auto_9" },
    ],
    [
      "undone, deleted again, and undone again",
      planned(deleted, { others: [newer] }, [
        recreating("c_second", "auto_8", "auto_1"),
        recreating("c_third2", "auto_9", "auto_8"),
      ]),
      { action: "skip", why: "created again as auto_9, and changed since" },
    ],
  ])("handles a deletion %s", (_case, step, expected) => {
    expect(step).toMatchObject(expected as object);
  });
});

it("an undo plan skips runs and answers, and ignores undone items", () => {
  expect(planned(itemOf({ act: "trigger" }), {})).toEqual({
    action: "skip",
    why: "a started run can't be undone",
  });
  const items = (["done", "failed", "unknown", "skipped"] as const).map((result) => itemOf({ result }));
  expect(itemsToUndo({ items }).map(({ result }) => result)).toEqual(["done", "unknown"]);
});
