import { describe, expect, it } from "vitest";
import { HermClient } from "../../src/api/client.js";
import { needsDeployment } from "../../src/manifest/state/desired-items.js";
import { readDesired } from "../../src/manifest/state/desired-state.js";
import { desiredIn, readText } from "./desired-items.js";

const acme = {
  "deployment.id": "dep_1",
  "deployment.name": "Acme ${deployment.id}",
  "deployment.customer_id": "cus_1",
};

describe("the desired state of a deployment", () => {
  it("contains the deployment's variables, substituted once", async () => {
    const { manifests, readSchedule } = await readText(
      [
        "automations:",
        "  - name: Report for ${deployment.name}",
        "    schedule: every day at 9am",
        "    tz: Europe/Berlin",
        "    instructions: You work for ${deployment.customer_id} in ${deployment.id}.",
        "    formerly: ${deployment.id}",
        "removed:",
        "  - Old ${deployment.name}",
      ].join("\n"),
    );
    const wanted = desiredIn(manifests, { values: acme, readSchedule });
    expect(wanted).toEqual({
      items: [
        {
          position: { file: "stdin", line: 2, column: 5 },
          name: "Report for Acme ${deployment.id}",
          schedule: {
            ok: true,
            text: "every day at 9am",
            zone: "Europe/Berlin",
            cron: "0 8 * * *",
            otherCron: "0 7 * * *",
            offsetMinutes: 60,
            position: { file: "stdin", line: 3, column: 15 },
          },
          instructions: "You work for cus_1 in dep_1.",
          formerly: "dep_1",
          template: { name: "Report for ${deployment.name}", varying: new Set(["name", "instructions"]) },
        },
      ],
      removed: [
        {
          ref: "Old Acme ${deployment.id}",
          position: { file: "stdin", line: 8, column: 5 },
          template: { name: "Old ${deployment.name}", varying: new Set(["name"]) },
        },
      ],
    });
  });

  it("is rejected if variables produce duplicate or empty names", async () => {
    const { manifests, readSchedule } = await readText(
      [
        "automations:",
        "  - {name: Acme, schedule: every hour, instructions: x}",
        "  - {name: '${deployment.name}', schedule: every hour, instructions: x}",
        "  - {name: '${deployment.customer_id}', schedule: every hour, instructions: x}",
      ].join("\n"),
    );
    const values = { ...acme, "deployment.name": "Acme", "deployment.customer_id": " " };
    expect(() => desiredIn(manifests, { values, readSchedule })).toThrow(
      [
        "2 mistakes in the manifest",
        'stdin:3:5: "Acme" appears twice (the other one: line 2)',
        "stdin:4:12: the text is empty",
      ].join("\n"),
    );
  });

  it.each([
    ["name", "  - {name: '${team} report', schedule: every hour, instructions: '${team}'}"],
    ["formerly", "  - {name: A, schedule: every hour, instructions: x, formerly: 'Old ${team}'}"],
    ["a name in removed", "removed: ['Of ${team}']"],
  ])(
    "is rejected if a deployment's value adds a newline to %s, which other texts may contain",
    async (what, line) => {
      const lines = [
        "values:",
        '  - {for: {deployments: [dep_1]}, team: "a\\n", quoted: b}',
        "  - {for: {deployments: [dep_2]}, team: b, quoted: c}",
        "automations:",
        '  - {name: "A\\n${deployment.name}${quoted}\\n", schedule: every hour, instructions: "${team}"}',
      ];
      const { manifests, readSchedule } = await readText(lines.join("\n"));
      desiredIn(manifests, { values: { ...acme, "deployment.name": "Ac\nme" }, readSchedule });
      await expect(readText([...lines, line].join("\n"))).rejects.toThrow(
        `stdin:2:41: the value of team puts a newline in ${what}; used in stdin:6 (to leave it out, use |- instead of |)`,
      );
    },
  );

  it("is rejected if a deployment's values make text too long or unset", async () => {
    const { manifests, readSchedule } = await readText(
      [
        "values:",
        `  - {for: {deployments: [dep_1]}, a: ${"x".repeat(400_000)}}`,
        "  - {for: {deployments: [dep_2]}, b: x}",
        `  - {for: {customers: [cus_1]}, c: ${"y".repeat(400_000)}}`,
        "automations:",
        "  - {name: A, schedule: every hour, instructions: '${a}${c}${a}'}",
        "  - {name: B, schedule: every hour, instructions: '${b:-x}', enabled: '${b}', for: {deployments: [dep_1]}}",
        "  - {name: '${b}', schedule: every hour, instructions: x, not: {customers: [cus_1]}}",
      ].join("\n"),
    );
    expect(() => desiredIn(manifests, { values: acme, readSchedule })).toThrow(
      [
        "2 mistakes in the manifest",
        "stdin:6:51: the text is too long with its variables filled in",
        "stdin:7:72: the variable b isn't set (stdin:3:38 sets it only for other deployments)",
      ].join("\n"),
    );
  });

  it("stops being computed for a fleet once the signal aborts", async () => {
    const set = await readText("automations:\n  - {name: A, schedule: every hour, instructions: x}");
    const parts = Array.from({ length: 1000 }, (_, at) => ({
      target: { deployment_id: `dep_${at}`, name: `Team ${at}`, isNamed: false },
      manifests: set.manifests,
    }));
    const client = new HermClient({ apiKey: "x" });
    const controller = new AbortController();
    const reading = readDesired(parts, { ...set, client, signal: controller.signal });
    setImmediate(() => controller.abort(new Error("interrupted")));
    await expect(reading).rejects.toThrow("interrupted");
  });

  it.each([
    ["${deployment.id}", false],
    ["${deployment.name}", true],
    ["${deployment.customer_id}", true],
    ["x", false],
  ])("needs more than a deployment's id for %s: %s", async (instructions, expected) => {
    const { manifests } = await readText(
      `automations:\n  - {name: A, schedule: every hour, instructions: '${instructions}'}`,
    );
    expect(needsDeployment(manifests)).toBe(expected);
  });
});
