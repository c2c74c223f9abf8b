import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { resolveRefs } from "../../src/fleet/resolve-refs.js";
import { type RowLabels, renderGroupedRows } from "../../src/operations/rows/grouped-rows.js";
import { type NamedItem, Names } from "../../src/operations/rows/names.js";
import { plainStyle } from "../../src/output/style.js";

const item = (deployment_id: string, automation_id: string, name: string | null = "Weekly") => ({
  deployment_id,
  automation_id,
  name,
});
const deployment = (deployment_id: string, name?: string) => ({ deployment_id, name });

describe("the reference for an automation in output", () => {
  const acme = deployment("dep_a", "Acme");
  const bolt = deployment("dep_b", "Bolt");

  it.each([
    ["the name alone in a single deployment", [acme], item("dep_a", "auto_1"), "Weekly", "Acme/Weekly"],
    [
      "preceded by the deployment's name if there are several",
      [acme, bolt],
      item("dep_b", "auto_1"),
      "Bolt/Weekly",
      "Bolt/Weekly",
    ],
    [
      "preceded by the deployment's id if two share a name",
      [acme, deployment("dep_b", "Acme")],
      item("dep_b", "auto_1"),
      "dep_b/Weekly",
      "dep_b/Weekly",
    ],
    [
      "the id if there is no name",
      [acme, bolt],
      item("dep_a", "auto_1", null),
      "Acme/auto_1",
      "dep_a/auto_1",
    ],
    [
      "followed by the id if there is a duplicate",
      [acme, bolt],
      item("dep_a", "auto_2", "Twin"),
      "Acme/Twin (auto_2)",
      "dep_a/auto_2",
    ],
    ["the ids if the deployment is unknown", [], item("dep_x", "auto_1"), "Weekly", "dep_x/auto_1"],
    [
      "the ids if a slash would be ambiguous in a command",
      [acme, bolt],
      item("dep_a", "auto_1", "A/B"),
      "Acme/A/B",
      "dep_a/auto_1",
    ],
    [
      "the ids if it would look like a flag in a command",
      [acme, deployment("dep_b", "-b")],
      item("dep_b", "auto_1"),
      "-b/Weekly",
      "dep_b/auto_1",
    ],
  ])("is %s", (_, deployments, one, called, ref) => {
    const names = new Names(
      [one, item("dep_a", "auto_2", "Twin"), item("dep_a", "auto_3", "Twin")],
      deployments,
    );
    expect(names.of(one)).toBe(called);
    expect(names.ref(one)).toBe(ref);
  });

  it("appears only once for several automations of the same name if the rest matches", () => {
    const items = [item("dep_a", "auto_1"), item("dep_b", "auto_2"), item("dep_b", "auto_3", "Daily")];
    const names = new Names(items, [acme, bolt]);
    expect(names.groups(items).map(({ what }) => what)).toEqual(["Weekly ×2", "Bolt/Daily"]);
    const apart = names.groups(items, ({ deployment_id }) => deployment_id);
    expect(apart.map(({ what }) => what)).toEqual(["Acme/Weekly", "Bolt/Weekly", "Bolt/Daily"]);
  });

  const text = fc.stringMatching(/^[a-c/:. -]{1,5}$/);

  it("matches exactly one automation, or is rejected, even with random names", () => {
    const drawn = fc.array(fc.tuple(text, fc.array(text, { maxLength: 4 })), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(drawn, (fleet) => {
        const deployments = fleet.map(([name], at) => deployment(`dep_${at}`, name));
        const places = fleet.map(([deployment_name, names], at) => ({
          deployment_id: `dep_${at}`,
          deployment_name,
          automations: names.map((name, index) => ({ automation_id: `auto_${at}_${index}`, name })),
        }));
        const items = places.flatMap(({ deployment_id, automations }) =>
          automations.map(({ automation_id, name }) => item(deployment_id, automation_id, name)),
        );
        const names = new Names(items, deployments);
        for (const one of items) {
          const ref = names.ref(one);
          let found: string[];
          try {
            found = resolveRefs([ref], places).map(({ automation }) => automation.automation_id);
          } catch (error) {
            expect(error).toMatchObject({ exitCode: 6 });
            continue;
          }
          expect({ ref, found }).toEqual({ ref, found: [one.automation_id] });
        }
      }),
    );
  });
});

interface Row extends NamedItem {
  word: "paused" | "skipped" | "failed";
  why: string;
}

const telling: RowLabels<Row> = {
  title: "RESULT",
  rankOf: ({ word }) => (word === "failed" ? "trouble" : word === "skipped" ? "skipped" : "done"),
  word: ({ word }) => word,
  why: ({ why }) => why,
};

describe("grouped rows", () => {
  const row = fc.record({
    place: fc.integer({ min: 0, max: 5 }),
    name: fc.constantFrom("A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L", "M"),
    word: fc.constantFrom("paused", "skipped", "failed" as const),
    why: fc.constantFrom("", "refused"),
  });

  it("represent every row once, with failures last", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 60 }), async (drawn) => {
        const rows = drawn.map(({ place, ...rest }, at): Row => {
          return {
            ...rest,
            word: asWord(rest.word),
            deployment_id: `dep_${place}`,
            automation_id: `auto_${at}`,
          };
        });
        const deployments = [0, 1, 2, 3, 4, 5].map((at) => deployment(`dep_${at}`, `Place${at}`));
        const items = rows.map((each) => ({ ...each, automation_id: each.automation_id ?? "" }));
        const names = new Names(items, deployments);
        const paper = { columns: 200, style: plainStyle };
        const table = await renderGroupedRows(rows, { labels: telling, names }, paper);
        const lines = table.split("\n").slice(1, -1);
        const sizes = lines.map((line) => ({
          word: /\b(paused|skipped|failed)\b/.exec(line)?.[1],
          size: Number(
            / ×(\d+) /.exec(line)?.[1] ??
              /: (\d+) automations /.exec(line)?.[1] ??
              /^… (\d+) more/.exec(line)?.[1] ??
              1,
          ),
        }));
        for (const word of ["paused", "skipped", "failed"]) {
          const shown = sizes.filter((each) => each.word === word).reduce((sum, { size }) => sum + size, 0);
          expect({ word, shown }).toEqual({ word, shown: rows.filter((each) => each.word === word).length });
        }
        const order = sizes.map(({ word }) => ["paused", "skipped", "failed"].indexOf(word ?? ""));
        expect(order).toEqual([...order].sort());
      }),
    );
  });

  function asWord(word: string): Row["word"] {
    return word === "paused" || word === "skipped" ? word : "failed";
  }

  it("group three identical failures in a deployment, but list two by name", async () => {
    const fail = (place: string, name: string, why = "refused"): Row => {
      return { deployment_id: place, automation_id: `auto_${place}_${name}`, name, word: "failed", why };
    };
    const rows = [
      ...["A", "B", "C"].map((name) => fail("dep_1", name)),
      ...["A", "B"].map((name) => fail("dep_2", name)),
      ...["A", "B"].map((name) => fail("dep_3", name)),
      fail("dep_3", "C", "another"),
      { deployment_id: "dep_4", automation_id: null, name: null, word: "failed", why: "gone" } as const,
    ];
    const deployments = [1, 2, 3, 4].map((at) => deployment(`dep_${at}`, `Place${at}`));
    const names = new Names([], deployments);
    const table = await renderGroupedRows(
      rows,
      { labels: telling, names },
      { columns: 100, style: plainStyle },
    );
    expect(table.split("\n").map((line) => line.replace(/ {2,}/g, "  "))).toEqual([
      "NAME  RESULT  DEPLOYMENT  WHY",
      "A  ×2  failed  Place2, Place3  refused",
      "B  ×2  failed  Place2, Place3  refused",
      "C  failed  Place3  another",
      "Place1: 3 automations  failed  refused",
      "Place4: all  failed  gone",
      "",
    ]);
  });
});
