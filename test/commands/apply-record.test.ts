import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { inShort, type ManifestServer, startOnMonday } from "./manifest-server.js";

const now = new Date("2026-03-02T08:00:00Z");

const item = (name: string, rest = "") =>
  `  - name: ${name}\n    schedule: every day at 9am\n    instructions: do ${name}\n${rest}`;
const manifest = (...items: string[]) => `automations:${items.length === 0 ? " []" : `\n${items.join("")}`}`;

const words = ["apply", "-f", "herm.yaml", "-d", "dep_local"];

/** Applies, and returns the result for each automation, with the exit code. */
async function apply({ run }: ManifestServer, ...more: string[]) {
  const every = ["--yes", "--json", "--verbose", ...more];
  const { code, stdout, stderr } = await run([...words, ...every], { now });
  return { code, rows: stdout === "" ? [] : inShort(stdout), stderr };
}

/** Starts the record with the automations that the files match. */
async function adopt({ run }: ManifestServer, ...more: string[]) {
  const { code, stderr } = await run(["adopt", ...words.slice(1), "--yes", ...more], { now });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return stderr;
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
  it("adds its automations to the record in sorted order, and changes nothing when rerun", async () => {
    const server = await startOnMonday();
    server.write({ "herm.yaml": manifest(item("Weekly"), item("Digest", "    id: digest-1\n")) });
    await adopt(server);
    const first = await apply(server);
    expect(first).toMatchObject({ code: 0, rows: ["create Weekly done", "create Digest done"] });
    const text = readFileSync(join(server.cwd, "herm.lock.yaml"), "utf8");
    expect(text).toMatch(
      /^# .*\nrecord: 1\napi: "http:\/\/127\.0\.0\.1"\nstore: "\w+"\nmade:\n {2}dep_local\/auto_\w+: "Weekly"\n {2}dep_local\/auto_\w+: digest-1\n$/,
    );
    const rows = ["unchanged Weekly", "unchanged Digest"];
    expect(await apply(server, "--quiet")).toEqual({ code: 0, rows, stderr: "" });
    expect(readFileSync(join(server.cwd, "herm.lock.yaml"), "utf8")).toBe(text);
    expect(existsSync(join(server.cwd, "herm.lock.yaml.lock"))).toBe(false);
  });

  it("requires a record, which adopt creates in the right folder", async () => {
    const server = await startOnMonday();
    server.write({ "herm.yaml": manifest(item("A")) });
    const record = ["--record", "cache/prod/herm.lock.yaml"];
    for (const more of [["--dry-run"], []])
      expect(await apply(server, ...record, ...more)).toMatchObject({ code: 6, rows: [] });
    expect(await server.state()).toEqual([]);
    const begun = "created cache/prod/herm.lock.yaml with 0 automations\n";
    expect(await adopt(server, ...record)).toContain(begun);
    expect(await apply(server, ...record)).toMatchObject({ code: 0, rows: ["create A done"] });
    expect(readFileSync(join(server.cwd, "cache/prod/herm.lock.yaml"), "utf8")).toContain(': "A"\n');
  });

  it("reports its automations in deployments removed from the files, with a hint", async () => {
    const server = await startOnMonday();
    const acme = await server.deploy("Acme");
    const beta = await server.deploy("Beta");
    const write = (...deployments: string[]) =>
      server.write({
        "herm.yaml": `deployments: [${deployments.join(", ")}]\n${manifest(item("A"), item("B"))}`,
      });
    const run = (...more: string[]) => server.run([...more, "--prune", "-f", "herm.yaml"], { now });
    write(acme, beta);
    await server.run(["adopt", "-f", "herm.yaml", "--yes"], { now });
    await server.run(["apply", "-f", "herm.yaml", "--yes"], { now });
    write(acme);
    const said = `herm.lock.yaml has 2 automations in ${beta}, which this run doesn't cover: nothing is pruned there\nhint: to delete those, name the deployment in both deployments: and not:\n`;
    expect((await run("diff")).stderr).toContain(said);
    expect(await run("apply", "--yes")).toMatchObject({ code: 0, stderr: expect.stringContaining(said) });
    expect((await server.state(beta)).length).toBe(2);
    expect((await run("diff", "--match", "B")).stderr).toContain(`has 1 automation in ${beta}`);
    for (const narrowed of [
      ["-d", acme],
      ["--except", "Acme"],
      ["--match", "C"],
    ]) {
      expect((await run("diff", ...narrowed)).stderr).not.toContain("this run doesn't reach");
    }
    server.write({
      "herm.yaml": `deployments: [${acme}, ${beta}]\nnot: {deployments: [${beta}]}\n${manifest(item("A"), item("B"))}`,
    });
    expect(await run("apply", "--yes")).toMatchObject({ code: 0 });
    expect(await server.state(beta)).toEqual([]);
    expect((await run("diff")).stderr).not.toContain("this run doesn't reach");
  });

  it("prunes only its own automations that were removed from the files", async () => {
    const server = await startOnMonday();
    await server.create({ name: "My own" });
    server.write({ "herm.yaml": manifest(item("A"), item("B")) });
    await adopt(server);
    await apply(server);
    server.write({ "herm.yaml": manifest(item("A")) });
    expect(await apply(server, "--prune")).toMatchObject({
      code: 0,
      rows: ["unchanged A", "delete B (prune, enabled) done"],
    });
    expect((await server.state()).map(({ name }) => name)).toEqual(["A", "My own"]);
    expect(made(server)).toEqual([`  dep_local/${await idOf(server, "A")}: "A"`]);
  });

  it("recreates a deleted automation only on request", async () => {
    const server = await startOnMonday();
    server.write({ "herm.yaml": manifest(item("A"), item("B")) });
    await adopt(server);
    await apply(server);
    await server.call("DELETE", pathOf(await idOf(server, "A")));
    const note = "1 deleted by someone else; --recreate creates it\n";
    const left = await apply(server, "--strict");
    expect(left).toMatchObject({ code: 0, rows: ["skipped A (deleted since)", "unchanged B"] });
    expect([left.stderr.includes(note), left.stderr.includes("skipped")]).toEqual([true, false]);
    server.write({ "herm.yaml": manifest(item("A"), item("B"), item("C")) });
    const plan = await server.run([...words, "--dry-run"], { now, tty: true });
    expect(plan.stdout).toContain(
      "Plan: 1 to create, 1 unchanged, 1 deleted by someone else; runs a day: 0 → 1\n",
    );
    expect(plan.stdout).toMatch(/^ {2}= A {2}auto_\w+ {2}\(deleted since\)$/m);
    server.write({ "herm.yaml": manifest(item("A"), item("B")) });
    const compared = await server.run(["diff", "-f", "herm.yaml", "-d", "dep_local"], { now });
    expect(compared).toMatchObject({
      code: 0,
      stdout: "no changes: 1 automation matches the files\n",
      stderr: note,
    });
    expect(await apply(server, "--prune")).toMatchObject({
      rows: ["skipped A (deleted since)", "unchanged B"],
    });
    expect(made(server)).toHaveLength(2);
    expect(await apply(server, "--recreate")).toMatchObject({ rows: ["create A done", "unchanged B"] });
    expect(made(server)).toHaveLength(2);
    expect(await apply(server)).toMatchObject({ rows: ["unchanged A", "unchanged B"] });
  });

  it("updates the record's line for an automation recreated by hand", async () => {
    const server = await startOnMonday();
    server.write({ "herm.yaml": manifest(item("A"), item("B")) });
    await adopt(server);
    await apply(server);
    await server.call("DELETE", pathOf(await idOf(server, "A")));
    const again = await server.create({ name: "A", instructions: "made by hand" });
    expect(await apply(server)).toMatchObject({
      code: 0,
      rows: ["skipped A (not in the record)", "unchanged B"],
    });
    const strict = await apply(server, "--strict");
    expect(strict).toMatchObject({ code: 8, rows: ["skipped A (not in the record)", "unchanged B"] });
    expect(strict.stderr).not.toContain("deleted by someone else");
    expect(
      await server.run(["adopt", "-f", "herm.yaml", "-d", "dep_local", "--different", "--yes"]),
    ).toMatchObject({ code: 0 });
    expect(made(server)).toContain(`  dep_local/${again.automation_id}: "A"`);
    expect(made(server)).toHaveLength(2);
    expect(await apply(server, "--strict")).toMatchObject({
      code: 0,
      rows: ["update A done", "unchanged B"],
    });
  });

  it("replaces an outdated line, and lists the automation that exists instead", async () => {
    const server = await startOnMonday();
    server.write({ "herm.yaml": manifest(item("A"), item("B")) });
    await adopt(server);
    await apply(server);
    await server.call("DELETE", pathOf(await idOf(server, "A")));
    await server.create({ name: "A" });
    server.write({ "herm.yaml": manifest(item("B")) });
    expect(await apply(server, "--prune")).toMatchObject({
      code: 0,
      rows: ["unchanged B", "skipped A (not in the record)"],
    });
    expect(made(server)).toHaveLength(1);
    expect(await apply(server, "--prune")).toMatchObject({ code: 0, rows: ["unchanged B"] });
    expect((await server.state()).map(({ name }) => name)).toEqual(["A", "B"]);
  });

  it("removes lines of automations that are deleted and not in the files", async () => {
    const server = await startOnMonday();
    server.write({ "herm.yaml": manifest(item("A"), item("B")) });
    await adopt(server);
    await apply(server);
    await server.call("DELETE", pathOf(await idOf(server, "A")));
    server.write({ "herm.yaml": manifest(item("B")) });
    await apply(server, "--prune", "--match", "B");
    expect(made(server)).toHaveLength(1);
  });

  it("recognises a renamed automation, and restores its name", async () => {
    const server = await startOnMonday();
    server.write({ "herm.yaml": manifest(item("A"), item("B")) });
    await adopt(server);
    await apply(server);
    const id = await idOf(server, "A");
    await server.call("PATCH", pathOf(id), { name: "Mine" });
    await server.call("PATCH", pathOf(await idOf(server, "B")), { name: "B's" });
    await server.create({ name: "B" });
    const again = await apply(server);
    expect(again).toMatchObject({ code: 8, rows: ["rename A done", "rename B failed"] });
    expect(again.stderr).toMatch(/it is named "B's", and auto_\w+ already has the new name/);
    expect(await idOf(server, "A")).toBe(id);
  });

  it("renames an automation that has an id, and back again", async () => {
    const server = await startOnMonday();
    const id = "    id: a\n";
    server.write({ "herm.yaml": manifest(item("A", id)) });
    await adopt(server);
    await apply(server);
    for (const name of ["B", "A"]) {
      server.write({ "herm.yaml": manifest(item(name, id)) });
      const [row = ""] = (await apply(server, "--prune")).rows;
      expect(row).toBe(`rename ${name} done`);
    }
    expect(made(server)).toEqual([`  dep_local/${await idOf(server, "A")}: a`]);
  });

  it("reports in one line that it reformatted the record, and sends no request", async () => {
    const server = await startOnMonday();
    const text = `record: 1\nmade:\n  dep_1/auto_1: A b\n  x: "B"\n`;
    server.write({ "herm.yaml": manifest(item("A")), "herm.lock.yaml": text });
    const { code, stderr } = await server.run([...words, "--yes"], { now });
    expect({ code, stderr }).toEqual({
      code: 6,
      stderr:
        "error: herm.lock.yaml:3:1: 2 lines aren't as herm wrote them (reformatted: restore it from git)\n",
    });
    expect(await server.writes()).toEqual([]);
  });

  it("skips an automation known only by name until adopt records it", async () => {
    const server = await startOnMonday();
    server.write({ "herm.yaml": manifest(item("A"), item("B")) });
    await adopt(server);
    await server.create({ name: "A", instructions: "the customer's" });
    const skipped = { rows: ["skipped A (not in the record)", "create B done"] };
    expect(await apply(server)).toMatchObject({ code: 0, ...skipped });
    const compared = await server.run(["diff", ...words.slice(1)], { now });
    expect(compared).toMatchObject({
      code: 0,
      stdout: "no changes: 1 automation matches the files, 1 skipped (not in the record)\n",
    });
    for (const strict of [
      await apply(server, "--strict"),
      await server.run(["diff", ...words.slice(1), "--strict"]),
    ])
      expect(strict).toMatchObject({
        code: 8,
        stderr: expect.stringContaining("1 automation skipped: not in the record"),
      });
    await adopt(server, "--different");
    expect(await apply(server)).toMatchObject({ code: 0, rows: ["update A done", "unchanged B"] });
  });

  it("warns about a duplicate, and prints the command that deletes it", async () => {
    const server = await startOnMonday();
    server.write({ "herm.yaml": manifest(item("A")) });
    const copy = await server.create({ name: "A", instructions: "do A\n" });
    await adopt(server, "--except", "A");
    await server.call("PATCH", pathOf(copy.automation_id), { name: "Other" });
    await apply(server);
    await server.call("PATCH", pathOf(copy.automation_id), { name: "A", instructions: "do A" });
    const ours = /auto_\w+/.exec(made(server)[0] ?? "")?.[0];
    const twice = `warning: "A" runs twice in dep_local: ${copy.automation_id} is a duplicate of ${ours}, and not in the record`;
    for (const verb of ["diff", "apply"]) {
      const told = await server.run([verb, ...words.slice(1)], { now });
      expect(told).toMatchObject({ code: 0, stderr: expect.stringContaining(twice) });
      const remove = `; to delete it: herm automations delete dep_local/${copy.automation_id}\n`;
      expect(told.stderr).toContain(remove);
      expect((await server.run([verb, ...words.slice(1), "--strict"], { now })).code).toBe(8);
    }
  });

  it.each([
    ["is missing", undefined],
    ["is empty", "# nothing\n\n"],
  ])("changes nothing on the server while the record %s, unless confirmed", async (is, text) => {
    const server = await startOnMonday();
    await server.create({ name: "A", instructions: "do A" });
    await server.create({ name: "Old" });
    server.write({ "herm.yaml": manifest(item("A"), item("B")) });
    if (text !== undefined) server.write({ "herm.lock.yaml": text });
    await server.writes();
    const named = [...words, "--record", "herm.lock.yaml"];
    const adoptIt = "herm adopt --file herm.yaml --record herm.lock.yaml -d dep_local";
    for (const more of [["--prune"], ["--prune"], ["--dry-run"]]) {
      const { code, stderr } = await server.run(
        [...named, ...more, ...(more[0] === "--prune" ? ["--yes"] : [])],
        { now },
      );
      expect({ code, stderr }).toEqual({
        code: 6,
        stderr: expect.stringMatching(`herm.lock.yaml ${is}: nothing was sent\nhint: .*: ${adoptIt}\n$`),
      });
    }
    expect(await server.writes()).toEqual([]);
    const asked = await server.run([...named, "--prune"], { now, answers: [true, true] });
    expect(asked.code).toBe(0);
    expect(asked.stderr).toContain("skipped 1 automation not in the manifests");
    expect((await server.state()).map(({ name }) => name)).toEqual(["A", "B", "Old"]);
    expect(made(server)).toHaveLength(2);
  });

  it("never resumes an automation held by an incident", async () => {
    const server = await startOnMonday();
    server.write({ "herm.yaml": manifest(item("Mailer"), item("Other")) });
    await adopt(server);
    await apply(server);
    const id = await idOf(server, "Mailer");
    await server.run(["pause", "Mailer", "--incident", "INC-9", "--yes", "-d", "dep_local"], { now });
    const fix = (more = "") => item("Mail", more).replace("do Mail", "mail them once");
    server.write({ "herm.yaml": manifest(fix(), item("Other")) });
    const stopped = await server.run([...words, "--prune", "--yes"], { now });
    expect(stopped).toMatchObject({
      code: 6,
      stderr: expect.stringContaining(`"Mailer" (${id}), held by INC-9, is no longer in any file`),
    });
    expect((await apply(server)).code).toBe(6);
    expect((await server.state()).map(({ name, enabled }) => `${name} ${enabled}`)).toEqual([
      "Mailer false",
      "Other true",
    ]);
    server.write({ "herm.yaml": manifest(item("Other")) });
    expect((await apply(server, "--prune")).rows).toEqual([
      "unchanged Other",
      "skipped Mailer (not deleted: paused, held by INC-9)",
    ]);
    server.write({ "herm.yaml": manifest(fix("    formerly: Mailer\n"), item("Other")) });
    expect((await apply(server, "--prune")).rows).toEqual([
      "rename Mail (paused, held by INC-9) done",
      "unchanged Other",
    ]);
    expect(await server.state()).toMatchObject([{ automation_id: id, enabled: false }, { name: "Other" }]);
  });

  it("sends no change if the record belongs to another API", async () => {
    const server = await startOnMonday();
    const text = `record: 1\napi: "https://api.example.com"\nmade:\n  dep_local/auto_1: "A"\n`;
    server.write({ "herm.yaml": manifest(item("A")), "herm.lock.yaml": text });
    const result = await apply(server, "--prune");
    expect(result).toMatchObject({ code: 6, rows: [] });
    expect(result.stderr).toMatch(
      /herm\.lock\.yaml is the record of https:\/\/api\.example\.com, not of the local server's store \w+: nothing was sent/,
    );
    expect(await server.writes()).toEqual([]);
    expect(readFileSync(join(server.cwd, "herm.lock.yaml"), "utf8")).toBe(text);
  });

  it("leaves the record unchanged in diff or a dry run", async () => {
    const server = await startOnMonday();
    server.write({ "herm.yaml": manifest(item("A")) });
    await adopt(server);
    const text = readFileSync(join(server.cwd, "herm.lock.yaml"), "utf8");
    await apply(server, "--dry-run");
    await server.run(["diff", "-f", "herm.yaml", "-d", "dep_local"], { now });
    expect(readFileSync(join(server.cwd, "herm.lock.yaml"), "utf8")).toBe(text);
    writeFileSync(join(server.cwd, "herm.lock.yaml"), "record: 2\n");
    const refused = await server.run(["diff", "-f", "herm.yaml", "-d", "dep_local"], { now });
    expect(refused.code).toBe(6);
    expect(refused.stderr).toContain("herm.lock.yaml:1:1: a newer herm wrote this record");
  });
});
