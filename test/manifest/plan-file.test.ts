import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ManifestError } from "../../src/manifest/mistake.js";
import type { DeploymentPlan } from "../../src/manifest/plan/fleet-plan.js";
import type { PlanItem } from "../../src/manifest/plan/plan-item.js";
import { readPlan } from "../../src/manifest/plan-file/read.js";
import { writePlan } from "../../src/manifest/plan-file/write.js";
import { hardText } from "./any-automations.js";
import { resealed } from "./resealed.js";

const madeAt = new Date("2026-03-02T08:00:00.000Z");
const target = { origin: "https://api.prismagents.com" };
const noKey = { findKey: () => undefined };

const text = hardText.filter((each) => each.trim() !== "");
const id = (letters: string) => fc.stringMatching(new RegExp(`^${letters}_[a-zA-Z0-9]{1,8}$`));
const optional = <Value>(values: fc.Arbitrary<Value>) => fc.option(values, { nil: undefined });
const schedule = fc.constantFrom("0 9 * * 1", "*/5 * * * *", "every Monday at 9am");

const told = fc.record({
  reason: fc.constantFrom("prune", "removed", "held by INC-42"),
  position: optional(
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
    sameNameIds: optional(fc.array(id("auto"))),
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

const deletions = fc.record({ told, before, originalId: optional(id("auto")) }).map(
  ({ told: more, before: saw, originalId }): PlanItem => ({
    ...more,
    action: "delete",
    name: saw.name,
    before: saw,
    originalId,
  }),
);

const plans = fc
  .array(
    fc.record({
      name: text,
      customer_id: optional(id("cus")),
      changes: fc.array(fc.oneof(creations, updates, deletions), { minLength: 1, maxLength: 5 }),
    }),
    { maxLength: 4 },
  )
  .map((each) =>
    each.map(
      ({ name, customer_id, changes }, at): DeploymentPlan => ({
        target: { deployment_id: `dep_${at}`, name, customer_id, isNamed: true },
        items: changes.map((change, number) => withId(change, `auto_${number}`)),
        existingIds: new Set(),
        isSkipped: false,
      }),
    ),
  );

function withId(change: PlanItem, automation_id: string): PlanItem {
  const { before: saw } = change;
  return saw === undefined ? change : { ...change, automation_id, before: { ...saw, automation_id } };
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
      position: { file: "herm.yaml", line: 3, column: 5 },
      changes: {
        name: { from: null, to: name },
        schedule: { from: null, to: "0 9 * * 1" },
        instructions: { from: null, to: "Do it." },
      },
    });
    const of = { deployment_id: "dep_1", name: "Acme", isNamed: true };
    const plan = {
      target: of,
      items: [create("A"), create("B")],
      existingIds: new Set<string>(),
      isSkipped: false,
    };
    expect(write([plan])).toBe(`{
"herm_plan": 1,
"sha256": "fe3a2082b7f3c8bca901b133f8ba5603f75146bf4e436e95a49e91d45bbc60ca",
"made_at": "2026-03-02T08:00:00.000Z",
"made_by": "herm 1.2.3",
"target": {"origin":"https://api.prismagents.com"},
"texts": [
"Do it."
],
"deployments": [
{"deployment_id":"dep_1","name":"Acme","items":[
{"action":"create","name":"A","position":{"file":"herm.yaml","line":3,"column":5},"changes":{"name":{"from":null,"to":"A"},"schedule":{"from":null,"to":"0 9 * * 1"},"instructions":{"to":0}}},
{"action":"create","name":"B","position":{"file":"herm.yaml","line":3,"column":5},"changes":{"name":{"from":null,"to":"B"},"schedule":{"from":null,"to":"0 9 * * 1"},"instructions":{"to":0}}}
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
    const of = { deployment_id: "dep_1", name: "Acme", isNamed: true };
    expect(() => write([{ target: of, items, existingIds: new Set(), isSkipped: false }])).toThrow(
      "the plan would be larger than 8 MiB",
    );
  });
});

const seen = (automation_id: string, name: string) => ({
  automation_id,
  name,
  schedule: "@daily",
  enabled: true,
  thread_id: null,
});

const good = write([
  {
    target: { deployment_id: "dep_1", name: "Acme", isNamed: true },
    items: [
      {
        action: "create",
        name: "A",
        changes: {
          name: { from: null, to: "A" },
          schedule: { from: null, to: "0 9 * * 1" },
          instructions: { from: null, to: "Do it." },
        },
      },
      { action: "delete", name: "B", automation_id: "auto_2", reason: "prune", before: seen("auto_2", "B") },
      {
        action: "update",
        name: "C",
        automation_id: "auto_3",
        before: seen("auto_3", "C"),
        changes: { enabled: { from: true, to: false } },
      },
    ],
    existingIds: new Set(),
    isSkipped: false,
  },
]);

function mistakeOf(of: string): string | undefined {
  try {
    readPlan(of, "p");
    return undefined;
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    return error.message;
  }
}

const foreign = "p:1:1: this isn't a plan that herm saved";
const changed = "p:1:1: the plan was changed since it was saved, or cut off";

describe("a plan that isn't as it was written", () => {
  it("a plan as it was written is accepted", () => {
    expect(mistakeOf(good)).toBeUndefined();
  });

  it.each([
    ["a manifest", "automations: []\n", "p:1:1: this looks like a manifest, which --file takes"],
    ["a record", '# By herm.\nrecord: 1\napi: "x"\n', "p:1:1: this is a record, which --record takes"],
    ["a page of HTML", "<html>", "p:1:1: no plan: herm_plan is missing"],
    ["a list", "[]", "p:1:1: no plan: herm_plan is missing"],
    ["half of one", good.slice(0, -40), changed],
    ["two", `${good}${good}`, changed],
    ["another text", good.replace("Do it.", "Do more."), changed],
    ["a number of its own", good.replace(/[0-9a-f]{64}/, "0".repeat(64)), changed],
    ["no number", good.replace(/"sha256.*\n/, ""), changed],
    ["broken UTF-8", good.replace("Do it", "Do \ufffd"), changed],
    ["another version", good.replace(": 1,", ": 2,"), "p:1:1: a plan of another version of herm"],
    ["other lines", good.replaceAll("\n", "\r\n"), "p:1:1: a plan of another version of herm"],
    ["no id of a deployment", resealed(good.replace("dep_1", "dep_1/../dep_2")), foreign],
    ["no id of an automation", resealed(good.replace("auto_2", "dep_9")), foreign],
    [
      "an id in a list",
      resealed(good.replace('"automation_id":"auto_2"', '"automation_id":["auto_2"]')),
      foreign,
    ],
    ["an automation twice", resealed(good.replaceAll("auto_3", "auto_2")), foreign],
    ["another action", resealed(good.replace('"delete"', '"adopt"')), foreign],
    ["a deletion of what wasn't seen", resealed(good.replace('"before"', '"after"')), foreign],
    ["a deletion under another name", resealed(good.replace('"name":"B"', '"name":"Junk"')), foreign],
    ["a create under another name", resealed(good.replace('"name":"A"', '"name":"Z"')), foreign],
    ["a text that isn't there", resealed(good.replace('"to":0', '"to":7')), foreign],
    ["a schedule that can't be read", resealed(good.replace("0 9 * * 1", "banana")), foreign],
    ["a time that is none", resealed(good.replace("2026-03-02", "2026-99-02")), foreign],
    ["no JSON", resealed(good.replace('"texts"', "texts")), foreign],
    ["no deployments", resealed(good.replace('"deployments"', '"others"')), foreign],
  ])("%s", (_, bad, expected) => {
    expect(mistakeOf(bad)).toBe(expected);
  });

  it("is refused whichever part of it was changed", () => {
    fc.assert(
      fc.property(fc.nat(good.length), fc.nat(20), hardText, (at, length, put) => {
        const bad = good.slice(0, at) + put + good.slice(at + length);
        expect(mistakeOf(bad) === undefined).toBe(bad === good);
      }),
    );
  });
});
