import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { HermOptions } from "../support/harness.js";
import { inShort, type ManifestServer, startOnMonday } from "./manifest-server.js";

const now = new Date("2026-03-02T08:00:00Z");
const manifest = (...names: string[]) =>
  `automations:\n${names.map((name) => `  - {name: ${name}, schedule: every day at 9am, instructions: do ${name}}\n`).join("")}`;

const here = ["-d", "dep_local"];
const run = ({ run }: ManifestServer, line: string, options: HermOptions = {}) =>
  run([...line.split(" "), ...here], { now, ...options });
const names = async (server: ManifestServer) => (await server.state()).map(({ name }) => name);
const textOf = ({ cwd }: ManifestServer, file: string) => readFileSync(join(cwd, file), "utf8");

/** A server whose folder `defs` has a record of A and B. */
async function startRecorded() {
  const server = await startOnMonday();
  server.write({ "defs/a.yaml": manifest("A"), "defs/b.yaml": manifest("B") });
  expect((await run(server, "adopt -f defs --yes")).code).toBe(0);
  expect((await run(server, "apply -f defs --yes")).code).toBe(0);
  return server;
}

describe("the record beside the manifests", () => {
  it.each([
    ["defs", "defs/herm.lock.yaml"],
    ["defs/a.yaml", "defs/herm.lock.yaml"],
    ["herm.yaml", "herm.lock.yaml"],
    [".", "herm.lock.yaml"],
  ])("for -f %s is %s, in adopt, diff and apply", async (given, file) => {
    const server = await startOnMonday();
    server.write({ "herm.yaml": manifest("A"), "defs/a.yaml": manifest("A") });
    const adopted = await run(server, `adopt -f ${given} --yes`);
    expect(adopted).toMatchObject({ code: 0, stderr: expect.stringContaining(`created ${file} with 0 `) });
    expect((await run(server, `apply -f ${given} --yes`)).code).toBe(0);
    expect(textOf(server, file)).toMatch(/made:\n {2}dep_local\/auto_\w+: "A"\n$/);
    await server.create({ name: "B" });
    server.write({ "herm.yaml": manifest("A", "B"), "defs/a.yaml": manifest("A", "B") });
    const diff = await run(server, `diff -f ${given} --json`);
    expect(inShort(diff.stdout)).toEqual(["skipped B (not in the record)"]);
  });

  it("is found from any folder", async () => {
    const server = await startRecorded();
    server.write({ "defs/b.yaml": manifest("C") });
    expect((await run(server, "apply -f defs --prune --yes")).code).toBe(0);
    expect(await names(server)).toEqual(["A", "C"]);
    expect(textOf(server, "defs/herm.lock.yaml")).toMatch(/"A"\n.*"C"\n$/);
  });

  it("is replaced by --record, with a note", async () => {
    const server = await startRecorded();
    const said = "--record other.yaml is used, not defs/herm.lock.yaml\n";
    const missing = await run(server, "apply -f defs --record other.yaml --yes");
    expect(missing).toMatchObject({ code: 6, stderr: expect.stringContaining("other.yaml is missing") });
    const text = textOf(server, "defs/herm.lock.yaml");
    for (const verb of ["adopt", "apply", "diff"]) {
      const yes = verb === "diff" ? "" : " --yes";
      const { code, stderr } = await run(server, `${verb} -f defs --record other.yaml${yes}`);
      expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining(said) });
    }
    expect(textOf(server, "other.yaml")).toBe(text);
    const same = await run(server, "diff -f defs --record ./defs/herm.lock.yaml");
    expect(same).toMatchObject({ code: 0, stderr: expect.not.stringContaining("is used, not") });
  });

  it("must be the same for all files, unless --record is given", async () => {
    const server = await startRecorded();
    server.write({ "more/c.yaml": manifest("C") });
    const both = "-f defs -f more --yes";
    expect((await run(server, `apply ${both}`)).code).toBe(0);
    expect(textOf(server, "defs/herm.lock.yaml")).toContain('"C"');
    expect((await run(server, "adopt -f more --yes")).code).toBe(0);
    for (const verb of ["adopt", "apply"])
      expect(await run(server, `${verb} ${both}`)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining(
          "more/herm.lock.yaml:1:1: defs/herm.lock.yaml is also a record, but all files must share one (apply them separately, or name one with --record)",
        ),
      });
    expect((await run(server, `apply ${both} --record defs/herm.lock.yaml`)).code).toBe(0);
    expect((await server.run(["lint", "-f", "defs", "-f", "more"], { now })).code).toBe(0);
  });

  it.each([
    ["two folders without one", "adopt -f defs -f more --yes"],
    ["standard input", "adopt -f - --yes"],
  ])("isn't created by adopt for %s", async (_what, line) => {
    const server = await startOnMonday();
    server.write({ "defs/a.yaml": manifest("A"), "more/b.yaml": manifest("B") });
    await server.create({ name: "A" });
    const { code, stderr } = await run(server, line, { stdin: manifest("A") });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        "error: no record named\nhint: name its file with --record herm.lock.yaml, or give the manifests next to it with --file\n",
    });
    expect((await run(server, `${line} --record r.yaml`, { stdin: manifest("A") })).code).toBe(0);
  });

  it("isn't used for standard input", async () => {
    const server = await startRecorded();
    server.write({ "herm.lock.yaml": textOf(server, "defs/herm.lock.yaml") });
    await server.create({ name: "C" });
    const planned = await run(server, "diff -f - --json --verbose", { stdin: manifest("C") });
    expect(inShort(planned.stdout)).toEqual(["update C"]);
    const pruned = await run(server, "apply -f - --prune --yes", { stdin: manifest("C") });
    expect(pruned).toMatchObject({
      code: 6,
      stderr:
        "error: --prune needs a record, and none is named: nothing was sent\nhint: to delete by name without a record, use removed: in a manifest; if there was one, restore it from git; to start one from existing automations: herm adopt --file=- --record herm.lock.yaml -d dep_local\n",
    });
  });
});

describe("apply without a record", () => {
  it("matches by name, and suggests adopt for --prune", async () => {
    const server = await startOnMonday();
    server.write({ "defs/a.yaml": manifest("A") });
    expect((await run(server, "apply -f defs --yes")).code).toBe(0);
    expect(existsSync(join(server.cwd, "defs/herm.lock.yaml"))).toBe(false);
    for (const line of ["apply -f defs --prune --yes", "diff -f defs --prune"])
      expect(await run(server, line)).toMatchObject({
        code: 6,
        stderr:
          "error: --prune needs a record, and defs/herm.lock.yaml is missing: nothing was sent\nhint: to delete by name without a record, use removed: in a manifest; if there was one, restore it from git; to start one from existing automations: herm adopt --file defs -d dep_local\n",
      });
  });

  it("creates a record with --prune if no name exists, as dry run and diff announce", async () => {
    const server = await startOnMonday();
    await server.create({ name: "Own" });
    server.write({ "defs/a.yaml": manifest("A"), "empty.yaml": "# nothing\n" });
    const file = join(server.cwd, "defs/herm.lock.yaml");
    for (const line of ["apply -f defs --prune --dry-run", "diff -f defs --prune"]) {
      const { code, stderr } = await run(server, line);
      expect(code).toBe(line.startsWith("diff") ? 9 : 0);
      expect(stderr).toContain("defs/herm.lock.yaml is missing: apply would create it\n");
      expect(existsSync(file)).toBe(false);
    }
    const applied = await run(server, "apply -f defs --prune --yes");
    expect(applied).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("defs/herm.lock.yaml is missing: creating it\n"),
    });
    expect(textOf(server, "defs/herm.lock.yaml")).toContain('"A"');
    expect((await server.state()).map(({ name }) => name)).toEqual(["A", "Own"]);
    const other = "apply -f defs --prune --yes --record";
    for (const record of ["other.yaml", "empty.yaml"])
      expect(await run(server, `${other} ${record}`)).toMatchObject({
        code: 6,
        stderr: expect.stringMatching(/error: --prune needs a record, and \w+\.yaml is (missing|empty): /),
      });
    server.write({ "defs/a.yaml": manifest("New") });
    expect(await run(server, `${other} empty.yaml`)).toMatchObject({ code: 0 });
    expect(textOf(server, "empty.yaml")).toContain('"New"');
    server.write({ "defs/a.yaml": manifest("More") });
    await server.failLists("dep_local");
    expect(await run(server, `${other} other.yaml`)).toMatchObject({ code: 6 });
    expect(existsSync(join(server.cwd, "other.yaml"))).toBe(false);
  });

  it("asks on a terminal before it creates a record", async () => {
    const server = await startOnMonday();
    server.write({ "defs/a.yaml": manifest("A") });
    await server.create({ name: "A", schedule: "0 9 * * *", instructions: "do A" });
    const { code, stderr } = await run(server, "apply -f defs --prune", { answers: [true] });
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining("created defs/") });
    expect(textOf(server, "defs/herm.lock.yaml")).toContain('"A"');
  });
});

describe("--prune with the folder's record", () => {
  it("requires every file of the folder", async () => {
    const server = await startRecorded();
    server.write({
      "defs/values.yaml": "team: growth\n",
      "defs/package.json": "{}",
      "defs/broken.yml": "automations:\n  - {\n",
      "defs/large.json": " ".repeat(1024 * 1024 + 1),
      "defs/sub/c.yaml": manifest("C"),
    });
    const refused = await run(server, "apply -f defs/a.yaml --prune --yes");
    const why =
      "--prune would delete automations that only this file names (to read it, add -f defs; or name the record with --record)";
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(`  defs/b.yaml:1:1: ${why}\n  defs/broken.yml:1:1: ${why}\n`);
    expect(refused.stderr).toMatch(/^error: 2 mistakes/);
    server.write({ "defs/broken.yml": "" });
    expect(await names(server)).toEqual(["A", "B"]);
    expect((await run(server, "apply -f defs/a.yaml --yes")).code).toBe(0);
    const both = "-f defs/a.yaml -f defs/b.yaml --prune --yes";
    expect((await run(server, `apply ${both}`)).code).toBe(0);
    expect((await run(server, `apply ${both} --recursive`)).stderr).toContain("defs/sub/c.yaml:1:1: ");
    const named = "apply -f defs/a.yaml --prune --yes --record defs/herm.lock.yaml";
    expect((await run(server, named)).code).toBe(0);
    expect(await names(server)).toEqual(["A"]);
  });

  it("includes files read by --values", async () => {
    const server = await startRecorded();
    server.write({ "defs/b.yaml": "team: x\n", "defs/v.yaml": "automations: none\n" });
    const words = "apply -f defs/a.yaml --prune --yes --values defs/v.yaml";
    expect((await run(server, words)).code).toBe(0);
    expect(await names(server)).toEqual(["A"]);
  });
});
