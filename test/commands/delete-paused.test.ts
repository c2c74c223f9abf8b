import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/harness.js";
import { inShort, type ManifestServer, manifestServer, startOnMonday } from "./manifest-server.js";

const now = new Date("2026-03-02T08:00:00Z");
const item = (name: string, rest = "") =>
  `  - {name: ${name}, schedule: every day at 9am, instructions: do ${name}${rest}}\n`;
const manifest = (items: readonly string[], top = "") =>
  `${top}automations:${items.length === 0 ? " []" : `\n${items.join("")}`}\n`;
const files = ["-f", "herm.yaml", "--all-deployments", "--record", "r.yaml"];

const apply = async ({ run }: ManifestServer, ...more: string[]) => {
  const { code, stdout, stderr } = await run(["apply", ...files, "--yes", "--json", ...more], { now });
  return { code, rows: stdout === "" ? [] : inShort(stdout), stderr };
};

/**
 * Three automations from the files in each of two deployments, and a function that pauses some, like another machine.
 */
async function start(items = ["A", "B", "C"].map((name) => item(name))) {
  const server = await startOnMonday();
  const acme = await server.deploy("Acme");
  server.write({ "herm.yaml": manifest(items) });
  expect((await server.run(["adopt", ...files, "--yes"], { now })).code).toBe(0);
  expect((await apply(server)).code).toBe(0);
  const elsewhere = manifestServer(server.server, { cwd: server.cwd, home: temporaryFolder() });
  const incident = (verb: "pause" | "resume") => async () => {
    const words = [verb, "--incident", "INC-1", "--yes", ...(verb === "pause" ? ["--all-deployments"] : [])];
    expect((await elsewhere.run(words, { now })).code).toBe(0);
  };
  const names = async (id?: string) => (await server.state(id)).map(({ name }) => name);
  const record = () => readFileSync(join(server.cwd, "r.yaml"), "utf8").match(/"\w".*$/gm);
  return { server, acme, names, record, pause: incident("pause"), resume: incident("resume") };
}

const notDeleted = (count: number) =>
  `warning: ${count} not deleted because paused; apply deletes ${count === 1 ? "it once it is" : "them once they are"} resumed, or now with --delete-paused`;

describe("the deletion of paused automations", () => {
  it.each([
    ["pruned", manifest([item("A")]), ["--prune"], 4],
    ["removed", manifest([item("A")], "removed: [B, C]\n"), [], 4],
    [
      "in an excluded deployment",
      manifest(
        ["A", "B", "C"].map((name) => item(name)),
        "not: {deployments: [Acme]}\n",
      ),
      ["--prune"],
      3,
    ],
  ])("is refused until they are resumed: %s", async (_what, text, flags, count) => {
    const { server, acme, names, pause, resume } = await start();
    await pause();
    server.write({ "herm.yaml": text });
    await server.writes();
    for (const more of [[], ["--strict"], ["--dry-run"]]) {
      const { code, rows, stderr } = await apply(server, ...flags, ...more);
      expect([code, stderr]).toEqual([0, expect.stringContaining(notDeleted(count))]);
      expect(rows.filter((row) => row.endsWith("(not deleted: paused)"))).toHaveLength(count);
    }
    const diff = await server.run(["diff", ...files, "--strict", ...flags], { now });
    expect([diff.code, diff.stderr]).toEqual([0, expect.stringContaining(notDeleted(count))]);
    expect([await server.writes(), await names(acme)]).toEqual([[], ["A", "B", "C"]]);
    await resume();
    const after = await apply(server, ...flags);
    expect(after.rows.filter((row) => row.startsWith("delete "))).toHaveLength(count);
    expect([after.code, after.stderr]).toEqual([0, expect.not.stringContaining("not deleted")]);
  });

  it("is allowed with --delete-paused", async () => {
    const { server, acme, names, pause } = await start();
    await pause();
    server.write({ "herm.yaml": manifest([item("A")], "removed: [B]\n") });
    const { code, rows } = await apply(server, "--prune", "--delete-paused");
    expect([code, rows.filter((row) => row.startsWith("delete "))]).toEqual([
      0,
      ["B (removed", "C (prune", "B (removed", "C (prune"].map((what) => `delete ${what}, paused) done`),
    ]);
    expect([await names(), await names(acme)]).toEqual([["A"], ["A"]]);
  });

  it("is allowed if the files keep them paused, as the record shows", async () => {
    const { server, names, record, pause } = await start([
      item("A", ", enabled: false"),
      item("B"),
      item("C", ", enabled: false, initial: true"),
    ]);
    const marked = ['"A" # paused', '"B"', '"C" # initial'];
    expect(record()).toEqual([...marked, ...marked]);
    server.write({ "herm.yaml": manifest([item("A"), item("B", ", enabled: false"), item("C")]) });
    expect((await apply(server)).code).toBe(0);
    expect(record()).toEqual(['"A"', '"B" # paused', '"C"', '"A"', '"B" # paused', '"C"']);
    await pause();
    server.write({ "herm.yaml": manifest([]) });
    const { code, rows } = await apply(server, "--prune");
    expect([code, rows.filter((row) => row.startsWith("delete "))]).toEqual([
      0,
      Array(2).fill("delete B (prune, paused) done"),
    ]);
    expect(await names()).toEqual(["A", "C"]);
  });

  it("is allowed if they were paused when adopted, and the files agree", async () => {
    const server = await startOnMonday();
    for (const name of ["A", "B"]) await server.create({ name, enabled: false });
    server.write({ "herm.yaml": manifest([item("A", ", enabled: false"), item("B")]) });
    expect((await server.run(["adopt", ...files, "--different", "--yes"], { now })).code).toBe(0);
    server.write({ "herm.yaml": manifest([]) });
    expect((await apply(server, "--prune")).rows).toEqual([
      "skipped B (not deleted: paused)",
      "delete A (prune, paused) done",
    ]);
  });

  it("blocks a replacement until the files name a successor", async () => {
    const { server, names, pause } = await start();
    await pause();
    const fix = [item("A"), item("B"), item("C2")];
    server.write({ "herm.yaml": manifest(fix) });
    await server.writes();
    const stopped = await apply(server, "--prune");
    expect(stopped).toMatchObject({ code: 8, stderr: expect.stringContaining('"C", paused, is') });
    expect(stopped.stderr).toContain(
      "paused, is no longer in any file; say whether it was renamed or removed with id:, formerly: or removed:",
    );
    expect(await server.writes()).toEqual([]);
    server.write({ "herm.yaml": manifest(fix, "removed: [C]\n") });
    const { code, stderr } = await apply(server, "--prune");
    expect([code, stderr]).toEqual([0, expect.stringContaining(notDeleted(2))]);
    expect(await names()).toEqual(["A", "B", "C", "C2"]);
  });
});
