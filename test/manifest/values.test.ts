import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ValueLayers } from "../../src/manifest/values/value-layers.js";
import { Audience, type AudienceRef, type DeploymentValues } from "../../src/manifest/values/variables.js";

const acme: DeploymentValues = {
  "deployment.id": "dep_1",
  "deployment.name": "Acme prod",
  "deployment.customer_id": "cus_acme",
};
const position = { file: "herm.yaml", line: 1, column: 1 };
const named = (deployments: string[], customers: string[] = []): AudienceRef[] => [
  ...deployments.map((ref) => ({ kind: "deployment" as const, ref, position })),
  ...customers.map((ref) => ({ kind: "customer" as const, ref, position })),
];
const id = named(["dep_1"]);
const customer = named([], ["cus_acme"]);
const glob = named(["* prod"]);
const others = named(["dep_2", "Beta*"], ["cus_2"]);

describe("the targets named by `for` and `not`", () => {
  it.each<[string, { for?: AudienceRef[]; not?: AudienceRef[] }, number | undefined]>([
    ["neither", {}, 0],
    ["not others", { not: others }, 1],
    ["a glob", { for: glob }, 2],
    ["an exact name", { for: named(["Acme prod"]) }, 4],
    ["a customer", { for: customer }, 3],
    ["an id", { for: id }, 4],
    ["any of several, by the narrowest", { for: named(["* prod", "dep_1"], ["cus_acme"]) }, 4],
    ["others", { for: others }, undefined],
    ["an id that matches the glob of not", { for: id, not: glob }, undefined],
    ["a glob without others", { for: glob, not: others }, 2],
  ])("have the right rank for %s", (_title, names, rank) => {
    expect(new Audience(names).rankFor(acme)).toBe(rank);
  });

  it.each([
    [{}, false],
    [{ for: id }, false],
    [{ for: id, not: customer }, true],
    [{ for: glob }, true],
  ])("need more than a deployment's id for %o: %s", (names, expected) => {
    expect(new Audience(names).needsDeployment).toBe(expected);
  });
});

/** A layer of `[for, value]`, all of the variable hour. */
const layer = (from: string, ...entries: [AudienceRef[] | undefined, string][]) => ({
  entries: entries.map(([names, text]) => ({
    audience: new Audience({ for: names }),
    values: new Map([["hour", { text, from }]]),
  })),
});
const hour = { name: "hour", index: 0 };

describe("the value of a variable", () => {
  it.each<[string, ReturnType<typeof layer>[], string | undefined]>([
    ["undefined if no layer sets it", [], undefined],
    ["undefined if only other deployments set it", [layer("a", [others, "1"])], undefined],
    ["the later of two equal targets", [layer("a", [undefined, "1"], [undefined, "2"])], "2"],
    ["the later of two equally narrow targets", [layer("a", [id, "1"], [id, "2"], [others, "3"])], "2"],
    ["an id's rather than a customer's", [layer("a", [id, "1"], [customer, "2"])], "1"],
    ["a customer's rather than a glob's", [layer("a", [customer, "1"], [glob, "2"])], "1"],
    ["a glob's rather than everyone's", [layer("a", [glob, "1"], [undefined, "2"])], "1"],
    ["a later layer's, however wide its target", [layer("a", [id, "1"]), layer("b", [undefined, "2"])], "2"],
    [
      "an earlier layer's if the later is for others",
      [layer("a", [glob, "1"]), layer("b", [others, "2"])],
      "1",
    ],
  ])("is %s", (_title, layers, expected) => {
    expect(new ValueLayers(layers).valueFor(hour, acme)?.text).toBe(expected);
  });

  it("is its default if unset or empty", () => {
    const fallback = { ...hour, fallback: "9" };
    const byDefault = { text: "9", from: "default" };
    expect(new ValueLayers([]).valueFor(fallback, acme)).toEqual(byDefault);
    expect(new ValueLayers([]).fixed(fallback)).toEqual(byDefault);
    expect(new ValueLayers([layer("a", [undefined, ""])]).valueFor(fallback, acme)).toEqual(byDefault);
    expect(new ValueLayers([layer("a", [undefined, ""])]).valueFor(hour, acme)?.text).toBe("");
  });

  const entry = fc.tuple(
    fc.constantFrom(undefined, id, customer, glob, others),
    fc.integer({ min: 0, max: 99 }).map(String),
  );
  const anyLayers = fc
    .array(fc.array(entry, { maxLength: 5 }), { maxLength: 4 })
    .map((layers) => layers.map((entries, at) => layer(`layer ${at}`, ...entries)));

  it("comes from the narrowest target of the last layer that sets it", () => {
    fc.assert(
      fc.property(anyLayers, (layers) => {
        const isFor = ({ audience }: { audience: Audience }) => audience.rankFor(acme) !== undefined;
        const last = layers.findLast(({ entries }) => entries.some(isFor));
        const rank = ({ audience }: { audience: Audience }) => audience.rankFor(acme) ?? -1;
        const best = last?.entries.toReversed().toSorted((one, other) => rank(other) - rank(one))[0];
        const alike = last?.entries.filter((each) => isFor(each) && best && rank(each) === rank(best)) ?? [];
        const value = new ValueLayers(layers).valueFor(hour, acme);
        expect(value?.text).toBe(best?.values.get("hour")?.text);
        expect(value?.other !== undefined).toBe(alike.length > 1);
      }),
    );
  });

  it("is fixed only if it is the same for every deployment", () => {
    const deployments = ["dep_1", "dep_2", "dep_3"].flatMap((each) =>
      ["Acme prod", "Beta", "Other"].map((name) => ({
        ...acme,
        "deployment.id": each,
        "deployment.name": name,
        "deployment.customer_id": name === "Beta" ? "cus_2" : "cus_acme",
      })),
    );
    fc.assert(
      fc.property(anyLayers, (layers) => {
        const values = new ValueLayers(layers);
        const fixed = values.fixed(hour);
        if (fixed === "open") return;
        for (const deployment of deployments)
          expect(values.valueFor(hour, deployment)?.text).toBe(fixed?.text);
      }),
    );
  });
});
