import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { manifestSchema } from "../../src/manifest/schema.js";
import { manifestObject } from "../../src/manifest/write.js";
import { anyAutomations } from "./any-automations.js";
import { readText } from "./wanted.js";

/** As an editor has it: strict about the schema itself too. */
const validate = new Ajv2020({ strict: true, strictRequired: false, allErrors: true }).compile(
  manifestSchema,
);
const placesOf = (value: unknown) =>
  validate(value)
    ? []
    : (validate.errors ?? []).map(({ instancePath, keyword }) => `${instancePath} ${keyword}`);

const item = { name: "A", schedule: "every day at 9am", instructions: "x" };
const { instructions: _, ...bare } = item;

const refused: [title: string, value: unknown, places: string[]][] = [
  ["a list", [item], [" type"]],
  ["neither automations nor removed", { deployments: ["dep_1"] }, [" required", " required", " anyOf"]],
  ["an unknown key", { automations: [], automation: [] }, [" additionalProperties"]],
  ["no deployment", { deployments: [], automations: [] }, ["/deployments minItems"]],
  ["no name", { automations: [{ schedule: "* * * * *", instructions: "x" }] }, ["/automations/0 required"]],
  [
    "no instructions",
    { automations: [bare] },
    ["/automations/0 required", "/automations/0 required", "/automations/0 oneOf"],
  ],
  ["instructions twice", { automations: [{ ...item, instructions_file: "a.md" }] }, ["/automations/0 oneOf"]],
  ["a word for enabled", { automations: [{ ...item, enabled: "yes" }] }, ["/automations/0/enabled type"]],
  ["a word for distinct", { automations: [{ ...item, distinct: "yes" }] }, ["/automations/0/distinct type"]],
  ["tz as initial", { automations: [{ ...item, initial: ["tz"] }] }, ["/automations/0/initial/0 enum"]],
  [
    "another id",
    { automations: [{ ...item, automation_id: "dep_1" }] },
    ["/automations/0/automation_id pattern"],
  ],
  ["a thread", { automations: [{ ...item, thread_id: "thr_1" }] }, ["/automations/0 additionalProperties"]],
  ["a number in removed", { removed: [3] }, ["/removed/0 type"]],
];

describe("the manifest's JSON Schema", () => {
  it("takes every field, as the reader does", async () => {
    const whole = {
      $schema: "./herm.schema.json",
      deployments: ["dep_1", "Acme"],
      automations: [
        {
          ...item,
          tz: "Europe/Berlin",
          enabled: false,
          initial: ["schedule", "instructions", "enabled"],
          formerly: "B",
          distinct: true,
          automation_id: "auto_1",
        },
      ],
      removed: ["Old", "auto_2"],
    };
    expect(placesOf(whole)).toEqual([]);
    expect((await readText(JSON.stringify(whole))).manifests).toHaveLength(1);
    expect(placesOf({ automations: [{ ...bare, instructions_file: "a.md" }] })).toEqual([]);
  });

  it("takes whatever an export writes", () => {
    fc.assert(
      fc.property(anyAutomations, (automations) => {
        const written = manifestObject({ deploymentId: "dep_1", automations });
        expect(placesOf(JSON.parse(JSON.stringify(written)))).toEqual([]);
      }),
    );
  });

  it.each(refused)("refuses what the reader refuses: %s", async (_title, value, places) => {
    expect(placesOf(value)).toEqual(places);
    await expect(readText(JSON.stringify(value))).rejects.toThrow();
  });
});
