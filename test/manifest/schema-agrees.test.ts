import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { manifestSchema } from "../../src/manifest/printed-schema.js";
import { drawsAsUsual } from "../support/seed.js";
import { readText } from "./desired-items.js";

const isValid = new Ajv2020({ strict: true, strictRequired: false }).compile(manifestSchema);

/** Mostly valid values, so that a mistake is often the only one. */
const field = <T>(right: T[], wrong: T[]) =>
  fc.oneof({ weight: 30, arbitrary: fc.constantFrom(...right) }, fc.constantFrom(...wrong));
const text = (...right: string[]) => field<unknown>(right, ["", 7, null, ["x"], {}]);
const names = (...right: string[][]) => field<unknown>(right, [[], "x", [7], [""], null, [["x"]]]);
const truth = field<unknown>([true, false, "${x:-true}"], ["true", "", 1, null]);

// Leaves out mistakes that no schema can detect: duplicate names, unreadable schedules, variables without a value.
const item = fc.record(
  {
    name: text("A", "Weekly ${x:-report}"),
    schedule: text("every day at 9am", "0 9 * * 1", "every day at ${x:-9}am"),
    instructions: text("Do it.", "Do ${x:-it}.\n"),
    tz: text("Europe/Berlin", "UTC"),
    spread: field<unknown>(["45m", "2h", "1h30m", "0m", "${x:-10m}"], ["", "45", "2d", "25h", 45, null]),
    enabled: truth,
    initial: truth,
    formerly: text("B"),
    id: field<unknown>(["a-1", "${x:-A2}"], ["a_1", "a b", "", 1]),
  },
  { requiredKeys: [] },
);
const strange = field<object>([{}], [{ shcedule: "x" }, { thread_id: "thr_1" }, { __proto__x: 1 }]);

const manifest = fc
  .record(
    {
      automations: fc.oneof(
        {
          weight: 20,
          arbitrary: fc.tuple(item, strange).map(([fields, more]) => [{ ...whole, ...fields, ...more }]),
        },
        fc.constantFrom<unknown>([], {}, "x", [{}], [null]),
      ),
      removed: field<unknown>([["Old"], ["auto_9"], []], ["Old", [7], [""], null]),
      deployments: names(["dep_1"], ["Acme", "${x:-dep_2}"]),
      $schema: field<unknown>(["./herm.schema.json"], [1, null]),
    },
    { requiredKeys: [] },
  )
  .chain((fields) => strange.map((more) => ({ ...fields, ...more })));

const whole = { name: "A", schedule: "every day at 9am", instructions: "x" };

describe("the manifest's JSON Schema", () => {
  it("accepts the same files as apply", async () => {
    const found = { taken: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(manifest, async (value) => {
        const mistake = await readText(JSON.stringify(value)).then(
          () => undefined,
          (error: Error) => error.message,
        );
        found[mistake === undefined ? "taken" : "refused"] += 1;
        expect({ value, mistake, isValid: isValid(value) }).toEqual({
          value,
          mistake,
          isValid: mistake === undefined,
        });
      }),
      { numRuns: 500 },
    );
    if (drawsAsUsual()) expect(Math.min(found.taken, found.refused)).toBeGreaterThan(100);
  });
});
