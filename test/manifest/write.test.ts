import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  automationsInOrder,
  manifestObject,
  writeManifest,
  yamlBlock,
  yamlQuoted,
  yamlScalar,
} from "../../src/manifest/export/manifest-text.js";
import { Mistakes } from "../../src/manifest/mistake.js";
import { readDocument } from "../../src/manifest/read/document.js";
import { plainText } from "../../src/manifest/values/variables.js";
import { toJson } from "../../src/output/printed-json.js";
import { thirdOfRuns } from "../support/third.js";
import { anyAutomations, automation, hardText, planOf } from "./any-automations.js";
import { readText } from "./desired-items.js";

async function readBack(yaml: string): Promise<unknown> {
  const mistakes = new Mistakes();
  const source = { file: "t.yaml", folder: "/", text: yaml, isGiven: true, isRecord: false };
  const node = await readDocument(source, mistakes);
  mistakes.throwIfAny();
  if (node?.kind !== "map") throw new Error("no map");
  const value = node.entries[0]?.value;
  return value?.kind === "scalar" ? value.value : value;
}

/** The instructions in a manifest, item by item. */
async function textsOf(manifest: string): Promise<unknown[]> {
  const { manifests } = await readText(manifest);
  return manifests.flatMap(({ items }) =>
    items.map(({ instructions }) => instructions && plainText(instructions)),
  );
}

describe("text in YAML", () => {
  it.each(["quoted", "scalar", "block"] as const)(
    "is read back unchanged when written as %s",
    async (style) => {
      await fc.assert(
        fc.asyncProperty(hardText, async (text) => {
          const written = { quoted: yamlQuoted(text), scalar: yamlScalar(text), block: yamlBlock(text, 2) }[
            style
          ];
          expect(await readBack(`a: ${written}\nb: 1\n`)).toBe(text);
          expect(await readBack(`a: ${written}\n`)).toBe(text);
        }),
        thirdOfRuns(3000),
      );
    },
  );
});

describe("a written manifest", () => {
  it("is tidy: sorted, with text blocks and cron sentences, without defaults", () => {
    const automations = [
      automation({}),
      automation({
        automation_id: "auto_3",
        name: "Daily: ${x}",
        schedule: "every day at 9am",
        enabled: false,
      }),
      automation({ automation_id: "auto_2", instructions: "One line" }),
      automation({
        automation_id: "auto_4",
        name: "yes",
        schedule: "*/5 * * * *",
        instructions: "bell\u0007",
      }),
      automation({ automation_id: "auto_5", name: "Zürich", instructionsFile: "dep_7xK9s2/zurich.md" }),
    ];
    const describe = (schedule: string) =>
      schedule === "0 9 * * 1" ? "every Monday at 09:00 UTC" : undefined;
    const written = writeManifest({ deployment_id: "dep_7xK9s2", automations, title: "Acme\n: x", describe });
    expect(written).toBe(`# Acme\\n: x
deployments: [dep_7xK9s2]
automations:
  - name: "Daily: $\${x}"
    schedule: every day at 9am
    enabled: false
    instructions: |
      Look.
        Then think.

  - name: Weekly report
    id: auto-1
    schedule: "0 9 * * 1" # every Monday at 09:00 UTC
    instructions: |
      Look.
        Then think.

  - name: Weekly report
    id: auto-2
    schedule: "0 9 * * 1" # every Monday at 09:00 UTC
    instructions: |-
      One line

  - name: Zürich
    schedule: "0 9 * * 1" # every Monday at 09:00 UTC
    instructions_file: dep_7xK9s2/zurich.md

  - name: "yes"
    schedule: "*/5 * * * *"
    instructions: "bell\\u0007"
`);
  });

  it.each([" !\n ", "a\n\t", "a\n \n", "a\n  \n\n", "a\n \nb", " \na", "a\n\n "])(
    "is read back with %j unchanged",
    async (instructions) => {
      const automations = [
        { automation_id: "auto_1", name: "A", schedule: "0 9 * * 1", enabled: true, instructions },
      ];
      const yaml = writeManifest({ deployment_id: "dep_1", automations });
      expect(await planOf(yaml, automations)).toEqual([expect.stringMatching(/unchanged|skipped/)]);
    },
  );

  it("is read back with random texts unchanged, from YAML or JSON", async () => {
    await fc.assert(
      fc.asyncProperty(anyAutomations, fc.nat(5), async (automations, lineEnds) => {
        const all = automations.map((each) => ({
          ...each,
          instructions: each.instructions + "\n".repeat(lineEnds),
        }));
        const options = { deployment_id: "dep_1", automations: all };
        const wanted = automationsInOrder(all).map(({ instructions }) => instructions);
        expect(await textsOf(writeManifest(options))).toEqual(wanted);
        expect(await textsOf(toJson(manifestObject(options), { githubActions: true }))).toEqual(wanted);
      }),
      thirdOfRuns(300),
    );
  });

  it("says if a deployment has no automations", () => {
    expect(writeManifest({ deployment_id: "dep_1", automations: [] })).toBe(
      "deployments: [dep_1]\nautomations: []\n",
    );
  });

  it("causes no change in the deployment it came from, in any order or format", async () => {
    await fc.assert(
      fc.asyncProperty(anyAutomations, async (automations) => {
        const options = { deployment_id: "dep_1", automations };
        const yaml = writeManifest(options);
        expect(writeManifest({ ...options, automations: automations.toReversed() })).toBe(yaml);
        const untouched = automations.map(({ automation_id }) =>
          expect.stringMatching(`unchanged|skipped ${automation_id}`),
        );
        const planned = await planOf(yaml, automations);
        expect(planned).toHaveLength(automations.length);
        expect(planned).toEqual(expect.arrayContaining(untouched));
        const json = toJson(manifestObject(options), { githubActions: true });
        expect(await planOf(json, automations)).toEqual(planned);
      }),
      thirdOfRuns(400),
    );
  });

  it("creates the same automations in an empty deployment, and only once", async () => {
    await fc.assert(
      fc.asyncProperty(anyAutomations, async (automations) => {
        const yaml = writeManifest({ deployment_id: "dep_1", automations });
        const copies = automations.map((each) => ({ ...each, automation_id: `${each.automation_id}_copy` }));
        expect((await planOf(yaml, [])).map((line) => line.split(" ")[0])).toEqual(
          automations.map(() => "create"),
        );
        const again = await planOf(yaml, copies);
        expect(again.filter((line) => !/^(unchanged|skipped) /.test(line))).toEqual([]);
      }),
      thirdOfRuns(200),
    );
  });
});
