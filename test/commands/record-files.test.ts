import { appendFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import { createPrivateFiles } from "../../src/files/private-files.js";
import { fetchFrom, temporaryFolder } from "../support/harness.js";
import { impatient } from "../support/waiting.js";
import { inShort, type ManifestServer, startOnMonday } from "./manifest-server.js";

const now = new Date("2026-03-02T08:00:00Z");

const item = (name: string) =>
  `  - name: ${name}\n    schedule: every day at 9am\n    instructions: do ${name}\n`;
const manifest = (record: string, ...names: string[]) =>
  `record: ${record}\nautomations:\n${names.map(item).join("")}`;
const words = ["apply", "-f", "herm.yaml", "-d", "dep_local", "--yes"];
const head = (api = "http://127.0.0.1") => `record: 1\napi: "${api}"\nmade:\n`;

const apply = ({ run }: ManifestServer, ...more: string[]) => run([...words, ...more], { now });
const adopt = ({ run }: ManifestServer, ...more: string[]) =>
  run(["adopt", ...words.slice(1), ...more], { now });
const recordOf = ({ cwd }: ManifestServer) => readFileSync(join(cwd, "herm.lock.yaml"), "utf8");

describe("where a manifest's record may be", () => {
  it.each([
    ["/etc/herm.lock.yaml", "herm.yaml:1:9: record is a path relative to the manifest"],
    [
      "../herm.lock.yaml",
      /herm\.yaml:1:9: \.\.\/herm\.lock\.yaml leads to .*, outside of the manifest's folder/,
    ],
    [".git/herm.lock.yaml", /leads to .*, which herm doesn't read/],
    ["gone/herm.lock.yaml", "herm.yaml:1:9: gone/herm.lock.yaml is in a folder that doesn't exist"],
    ["folder", "herm.yaml:1:9: folder is a folder"],
    ["link.yaml", "herm.yaml:1:9: link.yaml is a symbolic link"],
    ["linked/herm.lock.yaml", /linked\/herm\.lock\.yaml leads to .*, outside of the manifest's/],
    ["large.yaml", "herm.yaml:1:9: large.yaml is larger than 8 MiB"],
    ["latin.yaml", "latin.yaml:4:18: is not UTF-8"],
    ["${deployment.name}.yaml", "herm.yaml:1:9: record can't hold a variable of the deployment"],
    ["[a]", "herm.yaml:1:9: record must be text, not a list"],
  ])("refuses %s, and sends nothing", async (record, says) => {
    const server = await startOnMonday();
    const { cwd } = server;
    server.write({ "herm.yaml": manifest(record, "A") });
    mkdirSync(join(cwd, "folder"));
    if (record.startsWith(".git")) mkdirSync(join(cwd, ".git"));
    writeFileSync(join(cwd, "target.yaml"), head());
    symlinkSync("target.yaml", join(cwd, "link.yaml"));
    symlinkSync(temporaryFolder(), join(cwd, "linked"));
    symlinkSync("nothing", join(cwd, "gone"));
    writeFileSync(join(cwd, "large.yaml"), `${head()}${" ".repeat(8 * 1024 * 1024)}`);
    writeFileSync(join(cwd, "latin.yaml"), Buffer.from(`${head()}  dep_1/auto_1: "\xe9"\n`, "latin1"));
    const { code, stderr } = await apply(server);
    expect(code).toBe(2);
    expect(stderr).toMatch(says);
    expect(await server.writes()).toEqual([]);
  });

  it("may be in a folder that is a link within the repository", async () => {
    const server = await startOnMonday();
    server.write({ "herm.yaml": manifest("linked/new/herm.lock.yaml", "A") });
    mkdirSync(join(server.cwd, "folder"));
    symlinkSync("folder", join(server.cwd, "linked"));
    expect((await adopt(server)).code).toBe(0);
    expect((await apply(server)).code).toBe(0);
    expect((await adopt(server, "--record", "linked/herm.lock.yaml")).code).toBe(0);
    const written = ["folder/new/herm.lock.yaml", "folder/herm.lock.yaml"];
    expect(written.filter((file) => !existsSync(join(server.cwd, file)))).toEqual([]);
  });

  it("is one for all files, unless a flag names it", async () => {
    const server = await startOnMonday();
    server.write({ "a/a.yaml": manifest("a.lock.yaml", "A"), "a/b.yaml": manifest("b.lock.yaml", "B") });
    const folder = ["apply", "-f", "a", "-d", "dep_local", "--yes"];
    const refused = await server.run(folder, { now });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(
      "a/b.yaml:1:9: the record is a/a.lock.yaml in another file, and all files share one",
    );
    for (const verb of ["adopt", "apply"])
      expect((await server.run([verb, ...folder.slice(1), "--record", "c.lock.yaml"], { now })).code).toBe(0);
    expect(readFileSync(join(server.cwd, "c.lock.yaml"), "utf8").split("\n")).toHaveLength(8);
  });

  it("lies beside manifests of a folder, and is none of them, with --prune too", async () => {
    const server = await startOnMonday();
    server.write({ "f/herm.yaml": manifest("herm.lock.yaml", "A") });
    const folder = ["apply", "-f", "f", "-d", "dep_local", "--yes", "--json"];
    for (const verb of ["adopt", "apply"])
      expect((await server.run([verb, ...folder.slice(1)], { now })).code).toBe(0);
    const line = (at: number) => `  dep_other/auto_${at}: "An automation of a large fleet, ${at}"\n`;
    const many = Array.from({ length: 20_000 }, (_, at) => line(at)).join("");
    appendFileSync(join(server.cwd, "f/herm.lock.yaml"), many);
    expect(await server.run([...folder, "--prune", "-q"], { now })).toMatchObject({ code: 0, stderr: "" });
  });
});

describe("a record that can't be written", () => {
  it("is named, and nothing is sent (6)", async () => {
    const server = await startOnMonday();
    server.write({ "herm.yaml": manifest("herm.lock.yaml", "A") });
    mkdirSync(join(server.cwd, "herm.lock.yaml.lock"));
    const { code, stderr } = await apply(server);
    expect(code).toBe(6);
    expect(stderr).toMatch(
      /^error: nothing was sent, since the record can't be written: .*herm\.lock\.yaml\.lock .*\nhint: name a writable file with --record\n$/,
    );
    expect(await server.writes()).toEqual([]);
  });

  it("is no longer written once it would be refused, and what it can't hold isn't sent", async () => {
    const server = await startOnMonday();
    server.write({ "herm.yaml": manifest("herm.lock.yaml", "A", "B") });
    await adopt(server);
    await apply(server);
    const line = (at: number) => `  dep_z/auto_${at + 10_000}: "${"x".repeat(1000)}"\n`;
    const full = Array.from({ length: 8170 }, (_, at) => line(at)).join("");
    appendFileSync(join(server.cwd, "herm.lock.yaml"), full);
    const names = Array.from({ length: 60 }, (_, at) => `Automation of many ${at} ${"y".repeat(1000)}`);
    server.write({ "herm.yaml": manifest("herm.lock.yaml", "A", ...names) });
    await server.writes();
    const { code, stderr } = await apply(server);
    expect(code).toBe(8);
    expect(stderr).toContain("nothing was sent, since it can't be recorded: ");
    expect(stderr).toContain("herm.lock.yaml would be larger than 8 MiB");
    const made = (await server.state()).map(({ automation_id }) => automation_id);
    expect(made.length).toBeGreaterThan(5);
    expect(made.length).toBeLessThan(names.length);
    const text = recordOf(server);
    expect(made.filter((id) => !text.includes(`dep_local/${id}: `))).toEqual([]);
    expect((await apply(server, "--dry-run")).code).toBe(0);
  });
});

describe("two applies with one record", () => {
  it("come one after the other, and both are in it", async () => {
    const server = await startOnMonday();
    const other = await server.deploy("Acme");
    server.write({ "herm.yaml": manifest("herm.lock.yaml", "A", "B") });
    await adopt(server);
    const first = apply(server, "--json");
    const second = server.run(["apply", "-f", "herm.yaml", "-d", other, "--yes", "--json"], { now });
    const codes = (await Promise.all([first, second])).map(({ code }) => code);
    expect(codes).toEqual([0, 0]);
    const lines = recordOf(server).split("made:\n")[1]?.trimEnd().split("\n") ?? [];
    expect(lines).toHaveLength(4);
    expect(lines).toEqual(lines.toSorted((one, two) => (sortKey(one) < sortKey(two) ? -1 : 1)));
  });

  it("don't wait for each other longer than --max-wait (6)", async () => {
    const server = await startOnMonday();
    server.write({ "herm.yaml": manifest("herm.lock.yaml", "A") });
    const files = createPrivateFiles({ uid: undefined, pid: process.pid, isRunning: () => true });
    const { code, stderr } = await files.withLockBeside(join(server.cwd, "herm.lock.yaml"), () =>
      server.run([...words, "--max-wait", "5s"], { now, ...impatient() }),
    );
    expect(code).toBe(6);
    const held = "the record herm\\.lock\\.yaml is locked by another herm \\(.+\\) since \\S+";
    expect(stderr).toMatch(new RegExp(`^${held}: waiting\nerror: ${held}\n`, "m"));
    expect(await server.writes()).toEqual([]);
  });
});

/** By deployment and name. */
const sortKey = (line: string) => line.replace(/\/auto_\w+/, "");

/** A server whose record has a create of A left open, which arrived; B was never sent. */
async function startWithOpenCreate() {
  const server = await startOnMonday();
  server.write({ "herm.yaml": manifest("herm.lock.yaml", "A", "B") });
  const send = fetchFrom(server.server);
  let isDown = false;
  const fetch: FetchLike = async (url, init) => {
    if (init.method !== "GET") await send(url, init);
    isDown ||= init.method !== "GET";
    if (isDown) throw Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
    return send(url, init);
  };
  await adopt(server);
  const lost = await server.run([...words, "--json"], { now, fetch });
  expect(lost.code).toBe(12);
  expect(recordOf(server)).toMatch(/ {2}dep_local\/making-[0-9a-f]{16}: "A"\n/);
  return server;
}

describe("what an earlier apply left open", () => {
  it("is found by what it made, and not made again, also by another machine with the record alone", async () => {
    const server = await startWithOpenCreate();
    const later = { now: new Date(now.getTime() + 60_000), home: temporaryFolder() };
    const again = await server.run([...words, "--json"], later);
    expect(again.code).toBe(0);
    const ids = (await server.state()).map(
      ({ automation_id, name }) => `  dep_local/${automation_id}: "${name}"`,
    );
    expect(recordOf(server).split("made:\n")[1]?.trimEnd().split("\n")).toEqual(ids);
  });

  it("is found by a saved plan too, whose own changes leave it ours", async () => {
    const server = await startWithOpenCreate();
    const text = manifest("herm.lock.yaml", "A", "B").replace("do A", "do more");
    server.write({ "herm.yaml": text });
    const later = { now: new Date(now.getTime() + 60_000) };
    const saving = await server.run([...words.slice(0, -1), "--plan-out", "plan.json"], later);
    expect(saving.code).toBe(9);
    const saved = ["apply", "--plan", "plan.json", "--json"];
    for (const more of [["--dry-run"], []])
      expect(await server.run([...saved, ...more], later)).toMatchObject({ code: 0 });
    const again = await server.run([...words, "--json", "--verbose"], later);
    expect(inShort(again.stdout)).toEqual(["unchanged A", "unchanged B"]);
  });

  it.each([
    ["dep_local", 1],
    ["dep_other", 0],
  ])("in %s has what has its name in dep_local read whole %i times", async (deployment, times) => {
    const server = await startOnMonday();
    server.write({ "herm.yaml": manifest("herm.lock.yaml", "B") });
    await adopt(server);
    const { automation_id } = await server.create({ name: "A" });
    appendFileSync(join(server.cwd, "herm.lock.yaml"), `  ${deployment}/making-${"0".repeat(16)}: "A"\n`);
    const paths: string[] = [];
    const fetch: FetchLike = (url, init) => {
      paths.push(new URL(url).pathname);
      return fetchFrom(server.server)(url, init);
    };
    expect((await server.run([...words, "--dry-run"], { now, fetch })).code).toBe(0);
    expect(paths.filter((path) => path.endsWith(automation_id))).toHaveLength(times);
  });

  it("of a deletion leaves the record once the automation is gone", async () => {
    const server = await startOnMonday();
    server.write({ "herm.yaml": manifest("herm.lock.yaml", "A", "B") });
    await adopt(server);
    await apply(server);
    const [a] = await server.state();
    appendFileSync(
      join(server.cwd, "herm.lock.yaml"),
      `  dep_local/deleting-${a?.automation_id}: "A"\n  dep_local/cut`,
    );
    await server.call("DELETE", `/v1/deployments/dep_local/automations/${a?.automation_id}`);
    const { code, stdout } = await apply(server, "--json", "--verbose");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject([{ action: "create" }, { action: "unchanged" }]);
    expect(recordOf(server)).not.toMatch(/deleting|cut/);
  });

  it("of deletions that never arrived stays in the record: the files say what is deleted", async () => {
    const server = await startOnMonday();
    server.write({ "herm.yaml": manifest("herm.lock.yaml", "A", "B", "C") });
    await adopt(server);
    await apply(server);
    const open = (await server.state()).map(
      ({ automation_id, name }) => `  dep_local/deleting-${automation_id}: "${name}"\n`,
    );
    appendFileSync(join(server.cwd, "herm.lock.yaml"), open.join(""));
    server.write({ "herm.yaml": `${manifest("herm.lock.yaml", "A")}removed: [B]\n` });
    const { code, stdout } = await apply(server, "--json", "--verbose", "--prune");
    expect({ code, rows: inShort(stdout) }).toEqual({
      code: 0,
      rows: ["unchanged A", "delete B (removed, enabled) done", "delete C (prune, enabled) done"],
    });
    expect(recordOf(server).split("made:\n")[1]).toMatch(/^ {2}dep_local\/auto_\w+: "A"\n$/);
  });
});

describe("what `removed` names", () => {
  it("goes from the record", async () => {
    const server = await startOnMonday();
    server.write({ "herm.yaml": manifest("herm.lock.yaml", "A", "B") });
    await adopt(server);
    await apply(server);
    server.write({ "herm.yaml": `record: herm.lock.yaml\nautomations:\n${item("B")}removed: [A]\n` });
    expect((await apply(server)).code).toBe(0);
    expect(recordOf(server).split("made:\n")[1]).toMatch(/^ {2}dep_local\/auto_\w+: "B"\n$/);
  });
});
