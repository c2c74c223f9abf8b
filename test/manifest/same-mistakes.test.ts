import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { startAt, startOnMonday } from "../commands/manifest-server.js";
import { drawsAsUsual } from "../support/seed.js";
import { type AnyManifest, anyManifest, fleet } from "./any-manifest.js";

const now = new Date(startAt);
const numRuns = 300;

async function start() {
  const server = await startOnMonday();
  const ids: string[] = [];
  for (const { name, customer } of fleet) ids.push(await server.deploy(name, { customer }));
  const run = async (command: string, manifest: AnyManifest, words: string[] = []) => {
    server.write({
      "herm.yaml": manifest.text.replaceAll("DEP_2", ids[1] ?? ""),
      "values.yaml": manifest.valuesText.replaceAll("DEP_2", ids[1] ?? ""),
    });
    const all = [command, "-f", "herm.yaml", ...words, ...manifest.words];
    const { code, stderr } = await server.run(all, { now });
    return { code, mistakes: code === 2 ? mistakesIn(stderr) : [], stderr };
  };
  return { ...server, run };
}

/** The lines of an error with several mistakes, or its only line. */
function mistakesIn(stderr: string): string[] {
  const lines = stderr.split("\n");
  const [first = ""] = lines.filter((line) => line.startsWith("error: "));
  return /^error: \d+ mistakes/.test(first)
    ? lines.filter((line) => line.startsWith("  ")).map((line) => line.trim())
    : [first.replace("error: ", "")];
}

/** `herm.yaml:3`, `--var team`. */
function placeIn(mistake: string): string | undefined {
  return /^(?:[\w.]+:\d+|--var \w+)/.exec(mistake)?.[0];
}

describe("the commands lint, diff and apply", () => {
  it("find the same mistakes in any manifest, except combinations that only apply finds", async () => {
    const { run } = await start();
    const fleetWords = ["--all-deployments", "--except", "dep_local"];
    const found = { wrong: 0, combined: 0, right: 0 };
    await fc.assert(
      fc.asyncProperty(anyManifest, async (manifest) => {
        const lint = await run("lint", manifest);
        const diff = await run("diff", manifest, fleetWords);
        const apply = await run("apply", manifest, [...fleetWords, "--dry-run"]);
        expect([0, 2]).toContain(lint.code);
        expect(diff.mistakes).toEqual(apply.mistakes);
        const places = lint.mistakes.map((text) => placeIn(text));
        expect(places).toEqual(expect.arrayContaining(manifest.wrongPlaces));
        if (manifest.isRightAlone) {
          const alone = lint.mistakes.filter((text) => !text.includes(": can't be spread over "));
          expect(alone).toEqual([]);
        }
        if (lint.code === 2) {
          found.wrong += 1;
          expect(apply.mistakes).toEqual(lint.mistakes);
          expect([lint.code, diff.code, apply.code]).toEqual([2, 2, 2]);
          return;
        }
        for (const text of apply.mistakes) {
          const [, line, name] = /^herm\.yaml:(\d+):\d+: in (Acme prod|Acme test|Beta)\b/.exec(text) ?? [];
          expect({ text, isKnown: name !== undefined }).toEqual({ text, isKnown: true });
          const sources = manifest.sourcesAt(Number(line), name as "Beta");
          expect({ text, isCombined: sources > 1 }).toEqual({ text, isCombined: true });
        }
        found[apply.code === 2 ? "combined" : "right"] += 1;
      }),
      { numRuns },
    );
    if (drawsAsUsual()) expect(Math.min(found.wrong, found.right)).toBeGreaterThan(numRuns / 20);
  });

  it("leave mistakes in two combined entries to apply, which names their targets", async () => {
    const server = await startOnMonday();
    const id = await server.deploy("Acme", { customer: "cus_1" });
    server.write({
      "herm.yaml": `values:
  - {for: {customers: [cus_1]}, cron: "*/15 * * * *"}
  - {for: {deployments: [${id}]}, spread: 1h}
automations:
  - {name: A, schedule: "\${cron:-0 9 * * *}", spread: "\${spread:-10m}", instructions: x}
`,
    });
    expect((await server.run(["lint", "-f", "herm.yaml"], { now })).code).toBe(0);
    expect(await server.run(["apply", "-f", "herm.yaml", "-d", "Acme"], { now })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /^error: herm.yaml:5:55: in Acme: can't be spread over 1h: it runs every 15m/,
      ),
    });
  });

  it.each([
    [
      "one item's cron and another's zone",
      `  - {name: A, schedule: "0 9 * *", instructions: x}\n  - {name: B, schedule: "@daily", tz: Europe/Berln, instructions: x}\n`,
      [
        /^herm.yaml:2:25: the schedule "0 9 \* \*" can't be read: /,
        /^herm.yaml:3:39: "Europe\/Berln" isn't a time zone/,
      ],
    ],
    [
      "a schedule that never runs",
      `  - {name: A, schedule: "0 2 31 2 *", instructions: x}\n`,
      [/^herm.yaml:2:25: the schedule "0 2 31 2 \*" never runs: .*February never has a day 31/],
    ],
    [
      "a bad value in the file's values",
      `  - {name: A, schedule: "0 \${hour} * * *", instructions: x}\nvalues: {hour: 25}\n`,
      [/^herm.yaml:3:16: the schedule "0 25 \* \* \*" can't be read: .*; used in herm.yaml:2/],
    ],
    [
      "the bad value out of two",
      `  - {name: A, schedule: "\${minute} \${hour} * * *", instructions: x}\nvalues: {minute: 3, hour: 31}\n`,
      [/^herm.yaml:3:27: the schedule "3 31 \* \* \*" can't be read: .*; used in herm.yaml:2/],
    ],
    [
      "no mistake in values that are right together, or that apply to no item",
      `  - {name: A, schedule: "\${cron:-0 9 * * *}", spread: "\${spread:-2h}", instructions: x, for: {customers: [cus_1]}}\nvalues:\n  - {for: {customers: [cus_1]}, cron: "*/15 * * * *", spread: 10m}\n  - {for: {customers: [cus_2]}, cron: never}\n`,
      [],
    ],
    [
      "each merge conflict once",
      `<<<<<<< ours\n  - {name: A, schedule: "@daily", instructions: x}\n=======\n  - {name: B}\n>>>>>>> theirs\n  - {name: C}\n<<<<<<<\n  - x: [\n=======\n>>>>>>>\n`,
      [/^herm.yaml:2:1: a merge conflict \(/, /^herm.yaml:8:1: a merge conflict \(/],
    ],
  ])("find %s", async (_title, items, expected) => {
    const server = await startOnMonday();
    server.write({ "herm.yaml": `automations:\n${items}` });
    for (const command of ["lint", "diff", "apply"]) {
      const words = [
        command,
        "-f",
        "herm.yaml",
        "-d",
        "dep_local",
        ...(items.includes("hour:") ? ["--var", "hour=9"] : []),
      ];
      const { code, stderr } = await server.run(words, { now });
      const found = code === 2 ? mistakesIn(stderr) : [];
      expect({ command, found }).toEqual({
        command,
        found: expected.map((each) => expect.stringMatching(each)),
      });
    }
    if (expected.length > 0) expect(await server.call("GET", "/_dev/requests")).toEqual([]);
  });
});
