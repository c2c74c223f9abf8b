import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { manifestObject } from "../../src/manifest/export/manifest-text.js";
import { manifestSchema } from "../../src/manifest/printed-schema.js";
import { readSpread } from "../../src/manifest/spread.js";
import { anyAutomations } from "./any-automations.js";
import { readText } from "./desired-items.js";

/** Like an editor's validator, which is strict about the schema too. */
const validate = new Ajv2020({ strict: true, strictRequired: false, allErrors: true }).compile(
  manifestSchema,
);
const placesOf = (value: unknown) =>
  validate(value)
    ? []
    : (validate.errors ?? []).map(({ instancePath, keyword }) => `${instancePath} ${keyword}`);

const item = { name: "A", schedule: "every day at 9am", instructions: "x" };
const { instructions: _, ...bare } = item;

/** The value is neither of the right kind nor a variable. */
const neither = (path: string, keyword = "type") =>
  [keyword, "pattern", "anyOf"].map((each) => `${path} ${each}`);

/** The value a is invalid for this reason. */
const noValue = (keyword: string) => [
  ...[keyword, "type", "type", "anyOf"].map((each) => `/values/a ${each}`),
  ...["type", "anyOf"].map((each) => `/values ${each}`),
];

const refused: [title: string, value: unknown, places: string[]][] = [
  ["a list", [item], [" type"]],
  ["neither automations nor removed", { deployments: ["dep_1"] }, [" required", " required", " anyOf"]],
  ["an unknown key", { automations: [], automation: [] }, [" additionalProperties"]],
  ["no deployment", { deployments: [], automations: [] }, ["/deployments minItems"]],
  ["a number for a deployment", { deployments: [1], automations: [] }, ["/deployments/0 type"]],
  ["customers at the top level", { customers: ["cus_1"], automations: [] }, [" additionalProperties"]],
  ["no name", { automations: [{ schedule: "* * * * *", instructions: "x" }] }, ["/automations/0 required"]],
  [
    "no instructions",
    { automations: [bare] },
    ["/automations/0 required", "/automations/0 required", "/automations/0 oneOf"],
  ],
  [
    "two kinds of instructions",
    { automations: [{ ...item, instructions_file: "a.md" }] },
    ["/automations/0 oneOf"],
  ],
  ["a word for enabled", { automations: [{ ...item, enabled: "yes" }] }, neither("/automations/0/enabled")],
  [
    "a spread of days",
    { automations: [{ ...item, spread: "2d" }] },
    neither("/automations/0/spread", "pattern"),
  ],
  [
    "a field as initial",
    { automations: [{ ...item, initial: ["name"] }] },
    ["type", "type", "anyOf"].map((each) => `/automations/0/initial ${each}`),
  ],
  ["another id", { automations: [{ ...item, id: "dep_1" }] }, ["/automations/0/id pattern"]],
  ["a thread", { automations: [{ ...item, thread_id: "thr_1" }] }, ["/automations/0 additionalProperties"]],
  ["a value in a value", { automations: [], values: { a: "${b}" } }, noValue("pattern")],
  [
    "values of a deployment",
    { automations: [], values: [{ "deployment.id": "x" }] },
    ["/values type", "/values/0 pattern", "/values/0 propertyNames", "/values anyOf"],
  ],
  ["a list as a value", { automations: [], values: { a: [1] } }, noValue("type")],
  ["an empty for", { automations: [{ ...item, for: {} }] }, ["/automations/0/for minProperties"]],
  [
    "an empty not",
    { automations: [{ ...item, not: { customers: [] } }] },
    ["/automations/0/not/customers minItems"],
  ],
  [
    "an unknown key in for",
    { automations: [{ ...item, for: { names: ["x"] } }] },
    ["/automations/0/for additionalProperties"],
  ],
  ["a number in removed", { removed: [3] }, ["/removed/0 type"]],
  ["a record", { removed: ["A"], record: "herm.lock.yaml" }, [" additionalProperties"]],
];

describe("the manifest's JSON Schema", () => {
  it("accepts every field, as the reader does", async () => {
    const whole = {
      $schema: "./herm.schema.json",
      deployments: ["dep_1", "Acme"],
      automations: [
        {
          ...item,
          tz: "Europe/Berlin",
          spread: "45m",
          enabled: false,
          initial: true,
          formerly: "B",
          id: "a-1",
          for: { deployments: ["dep_1", "Acme *"], customers: ["cus_1"] },
          not: { deployments: ["* test"] },
        },
      ],
      removed: ["Old", "auto_2"],
      values: [
        { team: "a $${b} $ {c} $", hour: 9, prod: true },
        { for: { customers: ["cus_1"] }, hour: 7 },
      ],
    };
    expect(placesOf(whole)).toEqual([]);
    expect((await readText(JSON.stringify(whole))).manifests).toHaveLength(1);
    expect(placesOf({ automations: [], values: { team: "" } })).toEqual([]);
    expect(placesOf({ automations: [{ ...bare, instructions_file: "a.md" }] })).toEqual([]);
  });

  it("agrees with the reader about the length of a spread", () => {
    const length = fc.oneof(fc.stringMatching(/^\d{1,4}[hm](\d{1,2}m)?$/), fc.string());
    fc.assert(
      fc.property(length, (spread) => {
        fc.pre(!spread.includes("${"));
        const isTaken = placesOf({ automations: [{ ...item, spread }] }).length === 0;
        expect(isTaken).toBe((readSpread(spread) ?? 9_999) <= 1440);
      }),
    );
  });

  it("accepts variables in every scalar, as the reader does", async () => {
    const whole = {
      deployments: ["${x:-dep_1}"],
      automations: [
        {
          name: "A ${deployment.name}",
          schedule: "every day at ${hour:-9}am",
          instructions: "${x:-x}",
          tz: "${zone:-Europe}/Berlin",
          spread: "${x:-1h30m}",
          enabled: "${deployment.id}",
          initial: "${x:-true}",
          formerly: "${deployment.id}",
          id: "${x:-a-1}",
        },
      ],
      removed: ["Old ${x:-one}"],
    };
    expect(placesOf(whole)).toEqual([]);
    const [manifest] = (await readText(JSON.stringify(whole))).manifests;
    expect(manifest?.items[0]).toMatchObject({ id: "a-1" });
  });

  it("agrees with the reader about values and their targets", async () => {
    const scalar = fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom<unknown>("x", "", "$", "$${x}", "$ {x}", "{x}", 7, 1.5, true) },
      fc.constantFrom<unknown>("${x}", "a ${x:-1}", "$$${x}", "${", null, [], {}),
    );
    const name = fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom("team", "a.b-c", "_x", "deployments") },
      fc.constantFrom("1a", "a b", "", "deployment", "deployment.id"),
    );
    const list = fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom<unknown>(["dep_1"], ["Acme *", "x"]) },
      fc.constantFrom<unknown>([], "dep_1", [7], [""], null),
    );
    const named = fc.oneof(
      { weight: 6, arbitrary: fc.record({ deployments: list, customers: list }, { requiredKeys: [] }) },
      fc.constantFrom<unknown>({ names: ["x"] }, [], "x"),
    );
    const audience = fc.record({ for: named, not: named }, { requiredKeys: [] });
    const entry = fc
      .tuple(fc.dictionary(name, scalar, { maxKeys: 2 }), audience)
      .map(([a, b]) => ({ ...a, ...b }));
    const values = fc.oneof(
      entry,
      fc.array(entry, { maxLength: 3 }),
      fc.constantFrom<unknown>("x", [1], null),
    );
    await fc.assert(
      fc.asyncProperty(values, audience, async (own, narrowed) => {
        const manifest = { values: own, automations: [{ ...item, ...narrowed }] };
        const refusal = await readText(JSON.stringify(manifest)).then(
          () => undefined,
          ({ message }: Error) => message,
        );
        // No schema can detect that two entries have the same audience.
        fc.pre(!refusal?.includes(" appears twice "));
        const isRead = refusal === undefined;
        expect({ manifest, isValid: placesOf(manifest).length === 0 }).toEqual({ manifest, isValid: isRead });
      }),
      { numRuns: 500 },
    );
  });

  it("accepts every export", () => {
    fc.assert(
      fc.property(anyAutomations, (automations) => {
        const written = manifestObject({ deployment_id: "dep_1", automations });
        expect(placesOf(JSON.parse(JSON.stringify(written)))).toEqual([]);
      }),
    );
  });

  it.each(refused)("rejects the same values as the reader: %s", async (_title, value, places) => {
    expect(placesOf(value)).toEqual(places);
    await expect(readText(JSON.stringify(value))).rejects.toThrow();
  });
});
