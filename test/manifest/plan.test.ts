import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { candidates } from "../../src/manifest/plan/match.js";
import { type PlanOptions, plan } from "../../src/manifest/plan/plan.js";
import type { ActualAutomation, PlanItem } from "../../src/manifest/plan/plan-item.js";
import type { DesiredItems } from "../../src/manifest/state/desired-items.js";
import { actual, desired, item } from "./desired-items.js";

/** A change in one line: `update auto_1 "A" schedule: 0 9 * * * → 0 8 * * * (dst)`. */
function line({ action, automation_id, name, changes = {}, reason, error }: PlanItem): string {
  const fields = Object.entries(changes).map(([field, { from, to }]) => `${field}: ${from ?? "–"} → ${to}`);
  return [
    action,
    automation_id,
    `"${name}"`,
    ...(action === "create" ? [] : fields),
    reason === undefined ? undefined : `(${reason})`,
    error === undefined ? undefined : `! ${error}`,
  ]
    .filter((part) => part !== undefined)
    .join(" ");
}

interface Case {
  title: string;
  wanted: DesiredItems;
  there: ActualAutomation[];
  options?: PlanOptions;
  expected: string[];
}

const cases: Case[] = [
  { title: "creates missing automations", wanted: desired([item("A")]), there: [], expected: ['create "A"'] },
  {
    title: "leaves equal automations unchanged, however the schedule is worded",
    wanted: desired([item("A", { schedule: "every Monday at 9am" })]),
    there: [actual("1", "A", { schedule: "00 09 * * mon" })],
    expected: ['unchanged auto_1 "A"'],
  },
  {
    title: "replaces a schedule of the server that can't be read",
    wanted: desired([item("A")]),
    there: [actual("1", "A", { schedule: "at dawn" })],
    expected: ['update auto_1 "A" schedule: at dawn → 0 9 * * *'],
  },
  {
    title: "converts from the item's zone, and says if only daylight saving moved the schedule",
    wanted: desired([item("A", { tz: "Europe/Berlin" })]),
    there: [actual("1", "A", { schedule: "0 7 * * *" })],
    expected: ['update auto_1 "A" schedule: 0 7 * * * → 0 8 * * * (dst)'],
  },
  {
    title: "doesn't mention daylight saving for a schedule that was never right",
    wanted: desired([item("A", { tz: "Europe/Berlin" }), item("B", { tz: "Europe/Berlin" })]),
    there: [
      actual("1", "A", { schedule: "0 7 * * *", updated_at: "2026-11-02T09:00:00Z" }),
      actual("2", "B", { schedule: "0 7 * * *", updated_at: "2026-10-02T09:00:00Z" }),
    ],
    expected: [
      'update auto_1 "A" schedule: 0 7 * * * → 0 8 * * *',
      'update auto_2 "B" schedule: 0 7 * * * → 0 8 * * * (dst)',
    ],
  },
  {
    title: "changes nothing in a zone once a schedule is converted",
    wanted: desired([item("A", { tz: "Europe/Berlin" })]),
    there: [actual("1", "A", { schedule: "every day at 8:00" })],
    expected: ['unchanged auto_1 "A"'],
  },
  {
    title: "treats the same words in another zone as another schedule",
    wanted: desired([item("A", { tz: "Europe/Berlin" })]),
    there: [actual("1", "A", { schedule: "every day at 9am" })],
    expected: ['update auto_1 "A" schedule: every day at 9am → 0 8 * * *'],
  },
  {
    title: "doesn't blame daylight saving if more differs",
    wanted: desired([item("A", { tz: "Europe/Berlin", instructions: "do more" })]),
    there: [actual("1", "A", { schedule: "0 7 * * *" })],
    expected: ['update auto_1 "A" schedule: 0 7 * * * → 0 8 * * * instructions: do it → do more'],
  },
  {
    title: "changes only the fields that differ",
    wanted: desired([item("A", { instructions: "do more" })]),
    there: [actual("1", "A")],
    expected: ['update auto_1 "A" instructions: do it → do more'],
  },
  {
    title: "ignores a line end at the end",
    wanted: desired([item("A", { instructions: "do it\n" })]),
    there: [actual("1", "A")],
    expected: ['unchanged auto_1 "A"'],
  },
  {
    title: "leaves paused automations paused",
    wanted: desired([item("A"), item("B", { enabled: true })]),
    there: [actual("1", "A", { enabled: false }), actual("2", "B", { enabled: false })],
    expected: ['skipped auto_1 "A" (paused)', 'skipped auto_2 "B" (paused)'],
  },
  {
    title: "leaves paused automations paused when it updates them",
    wanted: desired([item("A", { instructions: "do more", enabled: true })]),
    there: [actual("1", "A", { enabled: false })],
    expected: ['update auto_1 "A" instructions: do it → do more (paused)'],
  },
  {
    title: "names the incident that paused an automation",
    wanted: desired([item("A")]),
    there: [actual("1", "A", { enabled: false })],
    options: {
      whyPaused: ({ automation_id }) => (automation_id === "auto_1" ? "held by spam-wave" : undefined),
    },
    expected: ['skipped auto_1 "A" (paused, held by spam-wave)'],
  },
  {
    title: "names the incident that --resume-paused overrides",
    wanted: desired([item("A", { enabled: true }), item("B", { enabled: true })]),
    there: [actual("1", "A", { enabled: false }), actual("2", "B")],
    options: { resumePaused: true, whyPaused: () => "held by spam-wave" },
    expected: ['update auto_1 "A" enabled: false → true (held by spam-wave)', 'unchanged auto_2 "B"'],
  },
  {
    title: "resumes with --resume-paused only items with enabled: true",
    wanted: desired([item("A"), item("B", { enabled: true }), item("C", { enabled: false })]),
    there: ["A", "B", "C"].map((name, at) => actual(`${at + 1}`, name, { enabled: false })),
    options: { resumePaused: true },
    expected: [
      'skipped auto_1 "A" (paused)',
      'update auto_2 "B" enabled: false → true',
      'unchanged auto_3 "C"',
    ],
  },
  {
    title: "pauses items with enabled: false",
    wanted: desired([item("A", { enabled: false })]),
    there: [actual("1", "A")],
    expected: ['update auto_1 "A" enabled: true → false'],
  },
  {
    title: "leaves initial items to the customer, paused or not",
    wanted: desired([
      item("A", { initial: true, enabled: false }),
      item("B", { initial: true, enabled: true }),
      item("C", { initial: true, formerly: "Z" }),
      item("D", { initial: true, enabled: false }),
    ]),
    there: [
      actual("1", "A", { schedule: "0 7 * * 5", instructions: "my own" }),
      actual("2", "B", { enabled: false }),
      actual("3", "Z"),
    ],
    options: { resumePaused: true },
    expected: ['unchanged auto_1 "A"', 'unchanged auto_2 "B"', 'unchanged auto_3 "C"', 'create "D"'],
  },
  {
    title: "renames from the former name, and keeps the id",
    wanted: desired([item("A", { formerly: "Z", instructions: "do more" })]),
    there: [actual("1", "Z")],
    expected: ['rename auto_1 "A" name: Z → A instructions: do it → do more'],
  },
  {
    title: "creates an item if neither of its names exists",
    wanted: desired([item("A", { formerly: "Z" })]),
    there: [],
    expected: ['create "A"'],
  },
  {
    title: "renames nothing the second time",
    wanted: desired([item("A", { formerly: "Z" })]),
    there: [actual("1", "A")],
    expected: ['unchanged auto_1 "A"'],
  },
  {
    title: "stops if both the name and the former name exist",
    wanted: desired([item("B"), item("A", { formerly: "Z" })]),
    there: [actual("1", "A"), actual("2", "Z")],
    expected: [
      'skipped "B" ! stopped by "A": both names exist: "A" is auto_1, "Z" is auto_2',
      'skipped "A" ! both names exist: "A" is auto_1, "Z" is auto_2',
    ],
  },
  {
    title: "stops if a name matches two automations",
    wanted: desired([item("A"), item("B")]),
    there: [actual("1", "A"), actual("2", "A")],
    expected: [
      'skipped "A" ! 2 automations have this name: auto_1, auto_2',
      'skipped "B" ! stopped by "A": 2 automations have this name: auto_1, auto_2',
    ],
  },
  {
    title: "stops if a former name matches two automations",
    wanted: desired([item("A", { formerly: "Z" })]),
    there: [actual("1", "Z"), actual("2", "Z")],
    expected: ['skipped "A" ! 2 automations have its former name: auto_1, auto_2'],
  },
  {
    title: "stops if a removed name matches two automations",
    wanted: desired([item("A")], ["Z"]),
    there: [actual("1", "Z"), actual("2", "Z")],
    expected: [
      'skipped "A" ! stopped by "Z": 2 automations have this name: auto_1, auto_2',
      'skipped "Z" ! 2 automations have this name: auto_1, auto_2',
    ],
  },
  {
    title: "doesn't stop for a name that --match leaves out",
    wanted: desired([item("A"), item("B")]),
    there: [actual("1", "A"), actual("2", "A")],
    options: { includes: ({ name }) => name === "B" },
    expected: ['create "B"'],
  },
  {
    title: "pairs equal names by their contents",
    wanted: desired([
      item("A", { id: "a", instructions: "one" }),
      item("A", { id: "b", instructions: "two" }),
    ]),
    there: [actual("1", "A", { instructions: "two" }), actual("2", "A", { instructions: "one" })],
    expected: ['unchanged auto_2 "A"', 'unchanged auto_1 "A"'],
  },
  {
    title: "creates missing automations among equal names",
    wanted: desired([
      item("A", { id: "a", instructions: "one" }),
      item("A", { id: "b", instructions: "two" }),
    ]),
    there: [actual("1", "A", { instructions: "two" })],
    expected: ['create "A"', 'unchanged auto_1 "A"'],
  },
  {
    title: "deletes removed automations that still exist",
    wanted: desired([item("A")], ["Z", "Y", "auto_3"]),
    there: [actual("1", "A"), actual("2", "Z"), actual("3", "X")],
    expected: [
      'unchanged auto_1 "A"',
      'delete auto_2 "Z" (removed, enabled)',
      'delete auto_3 "X" (removed, enabled)',
    ],
  },
  {
    title: "never changes automations outside the files",
    wanted: desired([item("A")]),
    there: [actual("1", "A"), actual("2", "the customer's own")],
    expected: ['unchanged auto_1 "A"'],
  },
  {
    title: "deletes automations outside the files with --prune",
    wanted: desired([item("A")], ["Z"], { auto_1: "A", auto_3: "Z", auto_4: "Y" }),
    there: [actual("1", "A"), actual("2", "the customer's own"), actual("3", "Z"), actual("4", "Y")],
    options: { prune: true },
    expected: [
      'unchanged auto_1 "A"',
      'delete auto_3 "Z" (removed, enabled)',
      'delete auto_4 "Y" (prune, enabled)',
    ],
  },
  {
    title: "prunes no automation that --except or --match leaves out",
    wanted: desired([item("A")], ["Z"], { auto_1: "A", auto_2: "mine", auto_3: "Z" }),
    there: [actual("1", "A"), actual("2", "mine"), actual("3", "Z")],
    options: {
      prune: true,
      includes: ({ automation_id, name }) => automation_id !== "auto_2" && name !== "Z",
    },
    expected: ['unchanged auto_1 "A"'],
  },
];

describe("a plan", () => {
  it.each(cases)("$title", ({ wanted, there, options, expected }) => {
    expect(plan(wanted, there, options).map(line)).toEqual(expected);
  });

  it("sends all fields in a create, but enabled only if it is false", () => {
    const [on, off] = plan(desired([item("A", { line: 7 }), item("B", { enabled: false })]), []);
    expect(on).toEqual({
      action: "create",
      key: '"A"',
      name: "A",
      position: { file: "herm.yaml", line: 7, column: 5 },
      changes: {
        name: { from: null, to: "A" },
        schedule: { from: null, to: "0 9 * * *" },
        instructions: { from: null, to: "do it" },
      },
    });
    expect(off?.changes?.enabled).toEqual({ from: null, to: false });
  });
});

const names = ["A", "B", "C"];
const someName = fc.constantFrom(...names);
const someActual = fc.record({
  name: fc.constantFrom(...names, "Y", "Z"),
  schedule: fc.constantFrom("0 9 * * *", "every day at 9am", "0 8 * * 1", "at dawn"),
  enabled: fc.boolean(),
  instructions: fc.constantFrom("do it", "do it\n", "do more"),
});
const someDesired = fc
  .record({
    items: fc.uniqueArray(
      fc.record({
        name: someName,
        schedule: fc.constantFrom("every day at 9am", "0 8 * * 1"),
        enabled: fc.option(fc.boolean(), { nil: undefined }),
        instructions: fc.constantFrom("do it", "do more"),
        initial: fc.option(fc.boolean(), { nil: undefined }),
        formerly: fc.option(fc.constant("Z"), { nil: undefined }),
      }),
      { selector: ({ name }) => name },
    ),
    removed: fc.subarray(["Y"]),
  })
  .filter(({ items }) => items.filter(({ formerly }) => formerly !== undefined).length <= 1)
  .map(({ items, removed }) =>
    desired(
      items.map(({ name, ...rest }) => item(name, rest)),
      removed,
    ),
  );

/** The automations on a server after a plan was carried out. */
function carryOut(there: readonly ActualAutomation[], changes: readonly PlanItem[]): ActualAutomation[] {
  const after = new Map(there.map((automation) => [automation.automation_id, { ...automation }]));
  for (const [
    index,
    { action, automation_id = `auto_new${index}`, name, changes: fields = {} },
  ] of changes.entries()) {
    const known = after.get(automation_id) ?? actual("", name);
    if (action === "delete") after.delete(automation_id);
    if (action !== "create" && action !== "update" && action !== "rename") continue;
    after.set(automation_id, {
      automation_id,
      name: fields.name?.to ?? known.name,
      schedule: fields.schedule?.to ?? known.schedule,
      instructions: fields.instructions?.to ?? known.instructions,
      enabled: fields.enabled?.to ?? known.enabled,
    });
  }
  return [...after.values()];
}

const isDifference = ({ action }: PlanItem) => !["unchanged", "skipped"].includes(action);

describe("any plan", () => {
  it("is stable, never enables automations by itself, and changes only named automations", () => {
    fc.assert(
      fc.property(
        someDesired,
        fc.array(someActual, { maxLength: 5 }),
        fc.boolean(),
        (wanted, all, resumePaused) => {
          const there = all.map((automation, index) => actual(`${index}`, automation.name, automation));
          const first = plan(wanted, there, { resumePaused });
          const after = carryOut(there, first);
          const second = plan(wanted, after, { resumePaused });
          expect(second.filter(isDifference)).toEqual([]);
          const named = new Set(candidates(wanted, there));
          for (const before of there) {
            const now = after.find(({ automation_id }) => automation_id === before.automation_id);
            if (!named.has(before)) expect(now).toEqual(before);
            if (!resumePaused && !before.enabled) expect(now?.enabled ?? false).toBe(false);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});
