import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DeploymentPlan } from "../../src/manifest/fleet-plan.js";
import { ManifestError, placeText, whatIsWrong } from "../../src/manifest/mistake.js";
import { readPlan } from "../../src/manifest/plan-file/read.js";
import { writePlan } from "../../src/manifest/plan-file/write.js";
import type { PlanItem } from "../../src/manifest/plan-item.js";
import { hardText } from "./any-automations.js";

const madeAt = new Date("2026-03-02T08:00:00.000Z");
const target = { origin: "https://api.prismagents.com" };
const noKey = { findKey: () => undefined };

const text = hardText.filter((each) => each.trim() !== "");
const id = (letters: string) => fc.stringMatching(new RegExp(`^${letters}_[a-zA-Z0-9]{1,8}$`));
const optional = <Value>(values: fc.Arbitrary<Value>) => fc.option(values, { nil: undefined });
const schedule = fc.constantFrom("0 9 * * 1", "*/5 * * * *", "every Monday at 9am");

const told = fc.record({
  reason: fc.constantFrom("prune", "removed", "held by INC-42"),
  place: optional(
    fc.record({
      file: text,
      line: fc.integer({ min: 1, max: 9_999 }),
      column: fc.integer({ min: 1, max: 999 }),
    }),
  ),
  template: optional(
    fc.record({
      name: text,
      varying: fc.constant(new Set(["name", "schedule"] as const)),
      by: optional(fc.constantFrom("spread", "values and spread")),
    }),
  ),
});

const before = fc.record({
  automation_id: fc.constant(""),
  name: hardText,
  schedule: hardText,
  enabled: fc.boolean(),
  instructions: optional(hardText),
  thread_id: fc.option(id("thr"), { nil: null }),
  updated_at: optional(fc.constant("2026-03-01T00:00:00Z")),
});

const creations = fc
  .record({
    told,
    name: text,
    schedule,
    instructions: text,
    isPaused: fc.boolean(),
    beside: optional(fc.array(id("auto"))),
    spreadMinutes: optional(fc.nat(1440)),
  })
  .map(
    ({ told: more, name, schedule: to, instructions, isPaused, ...others }): PlanItem => ({
      ...more,
      action: "create",
      name,
      ...others,
      changes: {
        name: { from: null, to: name },
        schedule: { from: null, to },
        instructions: { from: null, to: instructions },
        ...(isPaused && { enabled: { from: null, to: false } }),
      },
    }),
  );

const updates = fc.record({ told, before, name: optional(text), instructions: text }).map(
  ({ told: more, before: saw, name, instructions }): PlanItem => ({
    ...more,
    action: name === undefined ? "update" : "rename",
    name: name ?? saw.name,
    before: saw,
    changes: {
      ...(name !== undefined && { name: { from: saw.name, to: name } }),
      instructions: { from: saw.instructions ?? null, to: instructions },
    },
  }),
);

const deletions = fc.record({ told, before, stays: optional(id("auto")) }).map(
  ({ told: more, before: saw, stays }): PlanItem => ({
    ...more,
    action: "delete",
    name: saw.name,
    before: saw,
    stays,
  }),
);

const plans = fc
  .array(
    fc.record({
      name: text,
      customerId: optional(id("cus")),
      changes: fc.array(fc.oneof(creations, updates, deletions), { minLength: 1, maxLength: 5 }),
    }),
    { maxLength: 4 },
  )
  .map((each) =>
    each.map(
      ({ name, customerId, changes }, at): DeploymentPlan => ({
        target: { deploymentId: `dep_${at}`, name, customerId, isNamed: true },
        items: changes.map((change, number) => withId(change, `auto_${number}`)),
        known: new Set(),
        isPassedOver: false,
      }),
    ),
  );

function withId(change: PlanItem, automationId: string): PlanItem {
  const { before: saw } = change;
  return saw === undefined
    ? change
    : { ...change, automationId, before: { ...saw, automation_id: automationId } };
}

const write = (of: readonly DeploymentPlan[]) =>
  writePlan({ madeAt, madeBy: "herm 1.2.3", target, plans: of }, noKey);

describe("the file of a plan", () => {
  it("is read as it was written, whatever it is of", () => {
    fc.assert(
      fc.property(plans, (each) => {
        expect(readPlan(write(each), "plan.json")).toEqual({ madeAt, target, plans: each });
      }),
    );
  });

  it("holds nothing that a terminal would act on or hide", () => {
    fc.assert(
      fc.property(plans, (each) => {
        expect(write(each)).not.toMatch(
          /(?!\n)\p{Cc}|[\u202a-\u202e\u2066-\u2069\u200b-\u200f\ufeff\ufffd]/u,
        );
      }),
    );
  });

  it("has a line for each item, and each text once", () => {
    const create = (name: string): PlanItem => ({
      action: "create",
      name,
      place: { file: "herm.yaml", line: 3, column: 5 },
      changes: {
        name: { from: null, to: name },
        schedule: { from: null, to: "0 9 * * 1" },
        instructions: { from: null, to: "Do it." },
      },
    });
    const of = { deploymentId: "dep_1", name: "Acme", isNamed: true };
    const plan = {
      target: of,
      items: [create("A"), create("B")],
      known: new Set<string>(),
      isPassedOver: false,
    };
    expect(write([plan])).toBe(`{
"herm_plan": 1,
"made_at": "2026-03-02T08:00:00.000Z",
"made_by": "herm 1.2.3",
"target": {"origin":"https://api.prismagents.com"},
"texts": [
"Do it."
],
"deployments": [
{"deployment_id":"dep_1","name":"Acme","items":[
{"action":"create","set":{"name":"A","schedule":"0 9 * * 1","instructions":0},"at":"herm.yaml:3:5"},
{"action":"create","set":{"name":"B","schedule":"0 9 * * 1","instructions":0},"at":"herm.yaml:3:5"}
]}
]
}
`);
  });

  it("isn't written larger than it is read", () => {
    const large = "x".repeat(9 * 1024 * 1024);
    const items: PlanItem[] = [
      { action: "create", name: "A", changes: { instructions: { from: null, to: large } } },
    ];
    const of = { deploymentId: "dep_1", name: "Acme", isNamed: true };
    expect(() => write([{ target: of, items, known: new Set(), isPassedOver: false }])).toThrow(
      "the plan would be larger than 8 MiB",
    );
  });
});

const good = `{
"herm_plan": 1, "made_at": "2026-03-02T08:00:00.000Z", "made_by": "herm 1.2.3",
"target": {"origin": "https://api.prismagents.com"},
"texts": ["Do it.", " "],
"deployments": [{"deployment_id": "dep_1", "name": "Acme", "items": [
{"action": "update", "automation_id": "auto_1", "set": {"enabled": false},
 "saw": {"name": "A", "schedule": "0 9 * * 1", "enabled": true}},
{"action": "create", "set": {"name": "B", "schedule": "0 9 * * 1", "instructions": 0}},
{"action": "delete", "automation_id": "auto_2", "reason": "prune",
 "saw": {"name": "C", "schedule": "0 9 * * 1", "enabled": true}}
]}]
}`;

function mistakesOf(of: string): string[] {
  try {
    readPlan(of, "p");
    return [];
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    return error.mistakes.map((mistake) => `${placeText(mistake.place)}: ${whatIsWrong(mistake)}`);
  }
}

type Case = [what: string, from: string, to: string, ...expected: [at: string, message: string][]];

/** In `good` the first text stands for the second; each mistake is at the last place of its text, and begins so. */
const cases: Case[] = [
  ["nothing is wrong", "dep_1", "dep_1"],
  [
    "a manifest",
    good,
    "automations: []\n",
    ["automations", "this looks like a manifest, which --file takes"],
  ],
  ["a record", good, '# By herm.\nrecord: 1\napi: "x"\n', ["# By", "this is a record, which --record takes"]],
  ["a page of HTML", good, "<html>", ["<html>", "no plan: no JSON value"]],
  [
    "half of one",
    good.slice(good.indexOf("dep_1")),
    "dep_1",
    ['"dep_1', "no plan: a string that isn't JSON"],
  ],
  ["two", good, `${good}[]`, ["[]", "no plan: more than one JSON value"]],
  ["a list", good, "[]", ["[]", "no plan: herm_plan is missing (this one reads"]],
  ["another version", '"herm_plan": 1', '"herm_plan": 2', ["2, ", "a plan of another version of herm (this"]],
  ["a version as text", '"herm_plan": 1', '"herm_plan": "1"', ['"1"', "a plan of another version"]],
  ["broken UTF-8", "Do it", "Do \ufffd", ["\ufffd", "is not UTF-8"]],
  [
    "a key twice",
    '"name": "Acme"',
    '"name": "Acme",\n"name": 1',
    ['"name": 1', "name is given twice (first in line 5)"],
  ],
  [
    "an unknown key",
    '"made_by"',
    '"maid_by"',
    ['{\n"herm', "a plan has no made_by"],
    ['"maid_by', "unknown key maid_by (did you mean made_by?)"],
  ],
  [
    "a prototype",
    '"made_at"',
    '"__proto__": {}, "made_at"',
    ['"__proto', "unknown key __proto__ (known here: "],
  ],
  ["no time", "2026-03-02T08", "2026-13-02T08", ['"2026-13', "made_at must be a time such as 2026-01-31T09"]],
  [
    "another id",
    "dep_1",
    "dep_1/../dep_2",
    ['"dep_1/', "deployment_id must be a deployment's id, not dep_1/../dep_2"],
  ],
  [
    "an id of something else",
    "auto_1",
    "dep_9",
    ['"dep_9', "automation_id must be an automation's id, not dep_9"],
  ],
  ["an automation twice", "auto_2", "auto_1", ['{"action": "delete', "auto_1 appears twice"]],
  ["another action", '"create"', '"drop"', ['"drop"', "action must be create, update, delete"]],
  [
    "what isn't planned",
    '{"enabled": false}',
    '{"thread_id": ""}',
    ['{"thread_id', "set has no field"],
    ['"thread_id', "unknown key thread_id (known here: name, schedule, instructions, enabled)"],
  ],
  [
    "wrong types",
    '"enabled": false',
    '"enabled": "no", "name": 12, "schedule": []',
    ['"no"', "enabled must be true or false, not text"],
    ["12", "name must be text, not 12"],
    ["[]", "schedule must be text, not a list"],
  ],
  [
    "a text that isn't there",
    '"instructions": 0',
    '"instructions": 99',
    ["99", "instructions must be the number of a text, from 0 to 1, not 99"],
  ],
  [
    "an absurd number",
    '"instructions": 0',
    '"instructions": 1e999',
    ["1e999", "instructions must be the number of a text, from 0 to 1, not Infinity"],
  ],
  ["half a number", '"instructions": 0', '"instructions": 0.5', ["0.5", "instructions must be the number"]],
  ["an empty text", '"instructions": 0', '"instructions": 1', ["1}}", "instructions is empty"]],
  [
    "a schedule that nobody reads",
    '"B", "schedule": "0 9 * * 1"',
    '"B", "schedule": "soon"',
    ['"soon"', 'the schedule "soon" can\'t be read: '],
  ],
  [
    "nothing that was seen",
    '"prune",\n "saw"',
    '"prune",\n "set"',
    ['{"action": "delete', "an item to delete has no saw"],
    ['"set": {"name": "C', "unknown key set ("],
  ],
  ["a creation that saw something", '"create",', '"create", "saw": 7,', ['"saw": 7', "unknown key saw ("]],
  [
    "a reason without end",
    '"prune"',
    `"${"x".repeat(600)}"`,
    ['"xxx', "reason must be at most 500 characters, not "],
  ],
  [
    "no place",
    '"prune"',
    '"prune", "at": "herm.yaml:0:5"',
    ['"herm.yaml:0', "at must be a place such as herm.yaml:3:5, not herm.yaml:0:5"],
  ],
];

describe("a plan that can't be right", () => {
  it.each(cases)("%s", (_, from, to, ...expected) => {
    const bad = good.replace(from, () => to);
    const found = mistakesOf(bad);
    for (const [at, [what, message]] of expected.entries()) {
      const before = bad.slice(0, bad.lastIndexOf(what)).split("\n");
      expect(found[at]).toContain(`p:${before.length}:${(before.at(-1) ?? "").length + 1}: ${message}`);
    }
    expect(found).toHaveLength(expected.length);
  });

  it("holds too much", () => {
    const [found] = mistakesOf(good.replace('["Do it."', `[${"0,".repeat(1_000_000)}"Do it."`));
    expect(found).toMatch(/^p:4:\d+: no plan: more than 1000000 values$/);
    const [deep] = mistakesOf(good.replace('["Do it."', `${"[".repeat(99_000)}"Do it."`));
    expect(deep).toBe("p:4:22: no plan: more than 12 levels of lists and objects");
  });

  it("is told of all at once", () => {
    const bad = good.replace("dep_1", "x").replace('"create"', '"drop"').replace('"prune"', "1");
    expect(mistakesOf(bad).map((each) => each.split(":")[1])).toEqual(["5", "8", "9"]);
  });

  it("ends soon, whatever stands in it", () => {
    fc.assert(
      fc.property(fc.nat(good.length), fc.nat(20), hardText, (at, length, put) => {
        const bad = good.slice(0, at) + put + good.slice(at + length);
        expect(Array.isArray(mistakesOf(bad))).toBe(true);
      }),
    );
  });
});
