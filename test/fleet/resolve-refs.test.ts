import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type RefDeployment, resolveRefs } from "../../src/fleet/resolve-refs.js";

/** `[id, name, automations' names]`: the automation `<deployment>_<index>` has the name at that index. */
type Place = readonly [id: string, name: string | undefined, automations: readonly string[]];

const place = ([id, deployment_name, names]: Place): RefDeployment => ({
  deployment_id: `dep_${id}`,
  deployment_name,
  automations: names.map((name, index) => ({ automation_id: `auto_${id}_${index}`, name })),
});

const fleet: readonly Place[] = [
  ["acme", "Acme", ["Weekly", "A/B test", "name:odd"]],
  ["bolt", "Bolt", ["Weekly", "Daily", "Acme/Daily"]],
  ["north", "Acme/North", ["Weekly", "Other"]],
  ["one", "Twin", ["Weekly"]],
  ["two", "Twin", ["Daily"]],
];

/** The ids, or the reason why there are none. */
function resolve(ref: string, places: readonly RefDeployment[] = fleet.map(place)): string | string[] {
  try {
    return resolveRefs([ref], places).map(({ automation }) => automation.automation_id);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

describe("a reference", () => {
  it.each<[string, string | string[]]>([
    ["Acme/Weekly", ["auto_acme_0"]],
    ["Bolt/Daily", ["auto_bolt_1"]],
    ["Bolt/auto_bolt_0", ["auto_bolt_0"]],
    ["Acme/name:Weekly", ["auto_acme_0"]],
    ["A/B test", ["auto_acme_1"]],
    ["Acme/A/B test", ["auto_acme_1"]],
    ["Bolt/Acme/Daily", ["auto_bolt_2"]],
    ["Acme/Daily", ["auto_bolt_2"]],
    ["name:Acme/Daily", ["auto_bolt_2"]],
    ["name:Acme/Weekly", 'no automation "name:Acme/Weekly" in the selection'],
    ["Acme/North/Other", ["auto_north_1"]],
    ["dep_acme/A/B test", ["auto_acme_1"]],
    ["acme/Weekly", 'no automation "acme/Weekly" in the selection'],
    ["Acme/Nothing", 'no automation "Nothing" in Acme'],
    ["Twin/Weekly", '2 deployments are named "Twin"'],
    ["Twin/Nothing", '2 deployments are named "Twin"'],
    ["Acme/", 'no automation "Acme/" in the selection'],
    ["/Weekly", 'no automation "/Weekly" in the selection'],
  ])("%s names %j", (ref, expected) => {
    expect(resolve(ref)).toEqual(expected);
  });

  it("is rejected, and its possible ids listed, if its slash is ambiguous", () => {
    const both = [...fleet, ["own", "Own", ["Acme/Weekly"]] as const].map(place);
    expect(() => resolveRefs(["Acme/Weekly"], both)).toThrowError(
      expect.objectContaining({
        exitCode: 6,
        hint: expect.stringContaining("dep_own/auto_own_0, dep_acme/auto_acme_0"),
      }),
    );
    expect(resolve("name:Acme/Weekly", both)).toEqual(["auto_own_0"]);
    const splits = [...fleet, ["north2", "Acme/North", []] as const, ["a", "A", []] as const].map(place);
    expect(resolve("A/B test", splits)).toEqual(["auto_acme_1"]);
  });

  it("may be a name that starts with the name of two deployments", () => {
    const places = [...fleet, ["own", "Own", ["Twin/Review"]] as const].map(place);
    expect(resolve("Twin/Review", places)).toEqual(["auto_own_0"]);
  });

  it("isn't searched for without a deployment if only full references are allowed", () => {
    const [acme, bolt] = fleet.map(place);
    if (acme === undefined || bolt === undefined) throw new Error("the fleet has two at least");
    const places = [acme, { ...bolt, isOnlyNamed: true }];
    expect(resolve("Weekly", places)).toEqual(["auto_acme_0"]);
    expect(resolve("Bolt/Weekly", places)).toEqual(["auto_bolt_0"]);
    expect(resolve("dep_bolt/Daily", places)).toEqual(["auto_bolt_1"]);
    expect(resolve("Daily", places)).toBe('no automation "Daily" in the selection');
  });

  it("gets suggestions of similar names in its deployment", () => {
    expect(() => resolveRefs(["Acme/Wekly"], fleet.map(place))).toThrowError(
      expect.objectContaining({ hint: expect.stringContaining('"Acme/Weekly"') }),
    );
  });

  const name = fc.stringMatching(/^[ab/ ]{1,6}$/).filter((text) => text.trim() !== "");

  it("matches exactly one automation by deployment and name, or is rejected", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(name, fc.array(name, { maxLength: 4 })), { minLength: 1, maxLength: 4 }),
        (drawn) => {
          const places = drawn.map(([called, names], index) => place([`${index}`, called, names]));
          for (const [index, [called, names]] of drawn.entries()) {
            for (const [at, each] of names.entries()) {
              const found = resolve(`${called}/${each}`, places);
              const isRefused = typeof found === "string" && /are named|matches \d+ automations/.test(found);
              if (!isRefused) expect(found).toEqual([`auto_${index}_${at}`]);
            }
          }
        },
      ),
    );
  });
});
