import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { inShort, type ManifestServer, startOnMonday } from "./manifest-server.js";

const now = new Date("2026-03-02T08:00:00Z");

const item = (name: string, rest = "") =>
  `  - name: ${name}\n    schedule: every day at 9am\n    instructions: do ${name}\n${rest}`;
const manifest = (...items: string[]) =>
  `record: herm.lock.yaml\nautomations:${items.length === 0 ? " []" : `\n${items.join("")}`}`;

const words = ["apply", "-f", "herm.yaml", "-d", "dep_local"];

/** Applies, and gives what became of each with the exit code. */
async function apply({ run }: ManifestServer, ...more: string[]) {
  const every = ["--yes", "--json", "--verbose", ...more];
  const { code, stdout, stderr } = await run([...words, ...every], { now });
  return { code, rows: stdout === "" ? [] : inShort(stdout), stderr };
}

/** The lines of the record below `made:`. */
function made({ cwd }: ManifestServer): string[] {
  const [, lines = ""] = readFileSync(join(cwd, "herm.lock.yaml"), "utf8").split("made:\n");
  return lines.split("\n").filter((line) => line !== "");
}

const idOf = async (server: ManifestServer, name: string) =>
  (await server.state()).find((each) => each.name === name)?.automation_id;
const pathOf = (id = "") => `/v1/deployments/dep_local/automations/${id}`;

describe("apply with a record", () => {
  it("begins it, keeps what it makes in it, sorted, and changes nothing the second time", async () => {
    const server = await startOnMonday();
    server.write({ "herm.yaml": manifest(item("Weekly"), item("Digest")) });
    const first = await apply(server);
    expect(first).toMatchObject({ code: 0, rows: ["create Weekly done", "create Digest done"] });
    expect(first.stderr).toContain("herm.lock.yaml isn't there: it is begun now\n");
    const text = readFileSync(join(server.cwd, "herm.lock.yaml"), "utf8");
    expect(text).toMatch(
      /^# .*\nrecord: 1\napi: "http:\/\/127\.0\.0\.1"\nstore: "\w+"\nmade:\n {2}dep_local\/auto_\w+: "Digest"\n {2}dep_local\/auto_\w+: "Weekly"\n$/,
    );
    const rows = ["unchanged Weekly", "unchanged Digest"];
    expect(await apply(server, "--quiet")).toEqual({ code: 0, rows, stderr: "" });
    expect(readFileSync(join(server.cwd, "herm.lock.yaml"), "utf8")).toBe(text);
    expect(existsSync(join(server.cwd, "herm.lock.yaml.lock"))).toBe(false);
  });

  it("makes the folder that it is to lie in, but not for a dry run", async () => {
    const server = await startOnMonday();
    server.write({ "herm.yaml": manifest(item("A")).replace("record: herm.lock.yaml\n", "") });
    const record = ["--record", "cache/prod/herm.lock.yaml"];
    expect(await apply(server, ...record, "--dry-run")).toMatchObject({ code: 0 });
    expect(existsSync(join(server.cwd, "cache"))).toBe(false);
    expect(await apply(server, ...record)).toMatchObject({ code: 0, rows: ["create A done"] });
    expect(readFileSync(join(server.cwd, "cache/prod/herm.lock.yaml"), "utf8")).toContain(': "A"\n');
  });

  it("says what it made in a deployment that the files no longer name, and how that goes", async () => {
    const server = await startOnMonday();
    const acme = await server.deploy("Acme");
    const beta = await server.deploy("Beta");
    const write = (...deployments: string[]) =>
      server.write({
        "herm.yaml": `deployments: [${deployments.join(", ")}]\n${manifest(item("A"), item("B"))}`,
      });
    const run = (...more: string[]) => server.run([...more, "--prune", "-f", "herm.yaml"], { now });
    write(acme, beta);
    await server.run(["apply", "-f", "herm.yaml", "--yes"], { now });
    write(acme);
    const said = `herm.lock.yaml has 2 automations in ${beta}, which these files don't name: they aren't pruned\nhint: a file with deployments: [${beta}] and automations: [] prunes there; lines of a deployment that is gone do no harm\n`;
    expect((await run("diff")).stderr).toContain(said);
    expect(await run("apply", "--yes")).toMatchObject({ code: 0, stderr: expect.stringContaining(said) });
    expect((await server.state(beta)).length).toBe(2);
    expect((await run("diff", "--match", "B")).stderr).toContain(`has 1 automation in ${beta}`);
    for (const narrowed of [
      ["-d", acme],
      ["--except", "Acme"],
      ["--match", "C"],
    ]) {
      expect((await run("diff", ...narrowed)).stderr).not.toContain("these files don't name");
    }
    server.write({ "beta.yaml": `deployments: [${beta}]\nautomations: []\n` });
    expect(await run("apply", "--yes", "-f", "beta.yaml")).toMatchObject({ code: 0 });
    expect(await server.state(beta)).toEqual([]);
    expect((await run("diff")).stderr).not.toContain("these files don't name");
  });

  it("prunes only what it made and the files no longer name", async () => {
    const server = await startOnMonday();
    await server.create({ name: "My own" });
    server.write({ "herm.yaml": manifest(item("A"), item("B")) });
    await apply(server);
    server.write({ "herm.yaml": manifest(item("A")) });
    expect(await apply(server, "--prune")).toMatchObject({
      code: 0,
      rows: ["unchanged A", "delete B (prune) done"],
    });
    expect((await server.state()).map(({ name }) => name)).toEqual(["A", "My own"]);
    expect(made(server)).toEqual([`  dep_local/${await idOf(server, "A")}: "A"`]);
  });

  it("doesn't make again what somebody deleted, until it is told to", async () => {
    const server = await startOnMonday();
    server.write({ "herm.yaml": manifest(item("A"), item("B")) });
    await apply(server);
    await server.call("DELETE", pathOf(await idOf(server, "A")));
    expect(await apply(server)).toMatchObject({ code: 0, rows: ["left A (deleted since)", "unchanged B"] });
    server.write({ "herm.yaml": manifest(item("A"), item("B"), item("C")) });
    const plan = await server.run([...words, "--dry-run"], { now, tty: true });
    expect(plan.stdout).toContain("  = 1 left (deleted since): A\n");
    server.write({ "herm.yaml": manifest(item("A"), item("B")) });
    const compared = await server.run(["diff", "-f", "herm.yaml", "-d", "dep_local"], { now });
    expect(compared).toMatchObject({
      code: 0,
      stderr: "no changes: 1 automation is as the files say, 1 left (deleted since)\n",
    });
    expect(await apply(server, "--prune")).toMatchObject({ rows: ["left A (deleted since)", "unchanged B"] });
    expect(made(server)).toHaveLength(2);
    expect(await apply(server, "--recreate")).toMatchObject({ rows: ["create A done", "unchanged B"] });
    expect(made(server)).toHaveLength(2);
    expect(await apply(server)).toMatchObject({ rows: ["unchanged A", "unchanged B"] });
  });

  it("forgets what is gone and isn't named any more", async () => {
    const server = await startOnMonday();
    server.write({ "herm.yaml": manifest(item("A"), item("B")) });
    await apply(server);
    await server.call("DELETE", pathOf(await idOf(server, "A")));
    server.write({ "herm.yaml": manifest(item("B")) });
    await apply(server, "--prune", "--match", "B");
    expect(made(server)).toHaveLength(1);
  });

  it("follows what somebody renamed, and gives it its name back", async () => {
    const server = await startOnMonday();
    server.write({ "herm.yaml": manifest(item("A"), item("B")) });
    await apply(server);
    const id = await idOf(server, "A");
    await server.call("PATCH", pathOf(id), { name: "Mine" });
    await server.call("PATCH", pathOf(await idOf(server, "B")), { name: "B's" });
    await server.create({ name: "B" });
    const again = await apply(server);
    expect(again).toMatchObject({ code: 8, rows: ["rename A done", "rename B failed"] });
    expect(again.stderr).toMatch(/it was renamed to "B's", and auto_\w+ has its name by now/);
    expect(await idOf(server, "A")).toBe(id);
  });

  it("renames back what a revert of the files calls as before", async () => {
    const server = await startOnMonday();
    server.write({ "herm.yaml": manifest(item("A")) });
    await apply(server);
    const id = await idOf(server, "A");
    server.write({ "herm.yaml": manifest(item("B", "    formerly: A\n").replace("do B", "do A")) });
    expect(await apply(server, "--prune")).toMatchObject({ code: 0, rows: ["rename B done"] });
    server.write({ "herm.yaml": manifest(item("A")) });
    expect(await apply(server, "--prune")).toMatchObject({ code: 0, rows: ["rename A done"] });
    expect(made(server)).toEqual([`  dep_local/${id}: "A"`]);
  });

  it("tells all that is wrong with it at once, and sends nothing", async () => {
    const server = await startOnMonday();
    const text = `record: 1\nmade:\n  dep_1/auto_1: A\n  x: "B"\n`;
    server.write({ "herm.yaml": manifest(item("A")), "herm.lock.yaml": text });
    const { code, stderr } = await server.run([...words, "--yes"], { now });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `error: 3 mistakes, nothing was changed
  herm.lock.yaml:1:1: a record needs api (take the file as it was from git or the cache)
  herm.lock.yaml:3:17: the name must be text in quotes (take the file as it was from git or the cache)
  herm.lock.yaml:4:3: x names no automation (the lines begin with dep_…/auto_…)
`,
    });
    expect(await server.writes()).toEqual([]);
  });

  it("says what it found by name alone, and how the record gets it", async () => {
    const server = await startOnMonday();
    await server.create({ name: "A", instructions: "do A" });
    server.write({ "herm.yaml": manifest(item("A")) });
    const { stderr } = await apply(server);
    const adopt = "herm automations adopt --file herm.yaml -d dep_local";
    expect(stderr).toContain(`1 automation was found by name, and not in herm.lock.yaml: ${adopt}\n`);
    expect((await server.runHerm([...adopt.split(" ").slice(1), "--yes"], { now })).code).toBe(0);
    expect((await apply(server)).stderr).not.toContain("found by name");
  });

  it.each([
    ["wasn't there", undefined],
    ["was empty", "# nothing\n\n"],
  ])("prunes nothing where the record %s, does the rest, and ends with 6", async (was, text) => {
    const server = await startOnMonday();
    await server.create({ name: "Old" });
    server.write({ "herm.yaml": manifest(item("A")) });
    if (text !== undefined) server.write({ "herm.lock.yaml": text });
    const result = await apply(server, "--prune");
    expect(result).toMatchObject({ code: 6, rows: ["create A done"] });
    expect(result.stderr).toContain("nothing is pruned, since it isn't known what was made from files");
    expect(result.stderr).toContain(`nothing was pruned: herm.lock.yaml ${was}`);
    expect(result.stderr).toContain("a first run begins the record, and the next one prunes by it");
    expect((await server.state()).map(({ name }) => name)).toEqual(["A", "Old"]);
    expect(made(server)).toHaveLength(1);
    expect(await apply(server, "--prune")).toMatchObject({ code: 0, rows: ["unchanged A"] });
  });

  it("neither uses nor writes the record of another API", async () => {
    const server = await startOnMonday();
    const text = `record: 1\napi: "https://api.example.com"\nmade:\n  dep_local/auto_1: "A"\n`;
    server.write({ "herm.yaml": manifest(item("A")), "herm.lock.yaml": text });
    const result = await apply(server, "--prune");
    expect(result).toMatchObject({ code: 6, rows: ["create A done"] });
    expect(result.stderr).toMatch(
      /warning: herm\.lock\.yaml is the record of https:\/\/api\.example\.com, not of the local server's store \w+: it is neither used nor written\n/,
    );
    expect(readFileSync(join(server.cwd, "herm.lock.yaml"), "utf8")).toBe(text);
  });

  it("only reads it for diff and a dry run", async () => {
    const server = await startOnMonday();
    server.write({ "herm.yaml": manifest(item("A")) });
    await apply(server, "--dry-run");
    await server.run(["diff", "-f", "herm.yaml", "-d", "dep_local"], { now });
    expect(existsSync(join(server.cwd, "herm.lock.yaml"))).toBe(false);
    writeFileSync(join(server.cwd, "herm.lock.yaml"), "record: 2\n");
    const refused = await server.run(["diff", "-f", "herm.yaml", "-d", "dep_local"], { now });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("herm.lock.yaml:1:9: record must be 1 (a later herm wrote it)");
  });
});
