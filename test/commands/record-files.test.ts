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
const manifest = (...names: string[]) => `automations:\n${names.map(item).join("")}`;
const words = ["apply", "-f", "herm.yaml", "-d", "dep_local", "--yes"];
const head = (api = "http://127.0.0.1") => `record: 1\napi: "${api}"\nmade:\n`;

const apply = ({ run }: ManifestServer, ...more: string[]) => run([...words, ...more], { now });
const adopt = ({ run }: ManifestServer, ...more: string[]) =>
  run(["adopt", ...words.slice(1), ...more], { now });
const recordOf = ({ cwd }: ManifestServer) => readFileSync(join(cwd, "herm.lock.yaml"), "utf8");

describe("the record beside a manifest", () => {
  it.each<[what: string, place: (path: string) => void, says: RegExp]>([
    ["a folder", (path) => mkdirSync(path), /herm\.lock\.yaml:1:1: is a folder/],
    ["a link", (path) => symlinkSync("target.yaml", path), /herm\.lock\.yaml:1:1: is a symbolic link/],
    ["a broken link", (path) => symlinkSync("gone", path), /herm\.lock\.yaml:1:1: is a symbolic link/],
    [
      "too large",
      (path) => writeFileSync(path, `${head()}${" ".repeat(8 * 1024 * 1024)}`),
      /herm\.lock\.yaml:1:1: is larger than 8 MiB/,
    ],
    [
      "not UTF-8",
      (path) => writeFileSync(path, Buffer.from(`${head()}  dep_1/auto_1: "\xe9"\n`, "latin1")),
      /herm\.lock\.yaml:4:18: is not UTF-8/,
    ],
  ])("is rejected before any change if it is %s", async (_what, place, says) => {
    const server = await startOnMonday();
    server.write({ "herm.yaml": manifest("A"), "target.yaml": head() });
    place(join(server.cwd, "herm.lock.yaml"));
    const { code, stderr } = await apply(server);
    expect(code).toBe(6);
    expect(stderr).toMatch(says);
    expect(await server.writes()).toEqual([]);
  });

  it("may be in a symlinked folder, and is then identified by the link's target", async () => {
    const server = await startOnMonday();
    server.write({ "folder/herm.yaml": manifest("A") });
    symlinkSync("folder", join(server.cwd, "linked"));
    const both = ["-f", "linked", "-f", "folder", "-d", "dep_local", "--yes"];
    for (const verb of ["adopt", "apply"]) expect((await server.run([verb, ...both], { now })).code).toBe(0);
    expect(existsSync(join(server.cwd, "folder/herm.lock.yaml"))).toBe(true);
  });

  it("is never read as a manifest of the folder, even with --prune", async () => {
    const server = await startOnMonday();
    server.write({ "f/herm.yaml": manifest("A") });
    const folder = ["apply", "-f", "f", "-d", "dep_local", "--yes", "--json"];
    for (const verb of ["adopt", "apply"])
      expect((await server.run([verb, ...folder.slice(1)], { now })).code).toBe(0);
    const line = (at: number) => `  dep_other/auto_${at}: "An automation of a large fleet, ${at}"\n`;
    const many = Array.from({ length: 20_000 }, (_, at) => line(at)).join("");
    appendFileSync(join(server.cwd, "f/herm.lock.yaml"), many);
    expect(await server.run([...folder, "--prune", "-q"], { now })).toMatchObject({ code: 0, stderr: "" });
  });
});

describe("an unwritable record", () => {
  it("is reported before any change, with exit code 6", async () => {
    const server = await startOnMonday();
    server.write({ "herm.yaml": manifest("A"), "herm.lock.yaml": head() });
    mkdirSync(join(server.cwd, "herm.lock.yaml.lock"));
    const { code, stderr } = await apply(server);
    expect(code).toBe(6);
    expect(stderr).toMatch(
      /^error: nothing was sent, because the record can't be written: .*herm\.lock\.yaml\.lock .*\nhint: name a writable file with --record\n$/,
    );
    expect(await server.writes()).toEqual([]);
  });

  it("isn't written beyond its size limit, and surplus changes aren't sent", async () => {
    const server = await startOnMonday();
    server.write({ "herm.yaml": manifest("A", "B") });
    await adopt(server);
    await apply(server);
    const line = (at: number) => `  dep_z/auto_${at + 10_000}: "${"x".repeat(1000)}"\n`;
    const full = Array.from({ length: 8170 }, (_, at) => line(at)).join("");
    appendFileSync(join(server.cwd, "herm.lock.yaml"), full);
    const names = Array.from({ length: 60 }, (_, at) => `Automation of many ${at} ${"y".repeat(1000)}`);
    server.write({ "herm.yaml": manifest("A", ...names) });
    await server.writes();
    const { code, stderr } = await apply(server);
    expect(code).toBe(8);
    expect(stderr).toContain("nothing was sent, because it couldn't be recorded: ");
    expect(stderr).toContain("herm.lock.yaml would be larger than 8 MiB");
    const made = (await server.state()).map(({ automation_id }) => automation_id);
    expect(made.length).toBeGreaterThan(5);
    expect(made.length).toBeLessThan(names.length);
    const text = recordOf(server);
    expect(made.filter((id) => !text.includes(`dep_local/${id}: `))).toEqual([]);
    expect((await apply(server, "--dry-run")).code).toBe(0);
  });
});

describe("two applies that share a record", () => {
  it("wait for each other, and are both recorded", async () => {
    const server = await startOnMonday();
    const other = await server.deploy("Acme");
    server.write({ "herm.yaml": manifest("A", "B") });
    await adopt(server);
    const first = apply(server, "--json");
    const second = server.run(["apply", "-f", "herm.yaml", "-d", other, "--yes", "--json"], { now });
    const codes = (await Promise.all([first, second])).map(({ code }) => code);
    expect(codes).toEqual([0, 0]);
    const lines = recordOf(server).split("made:\n")[1]?.trimEnd().split("\n") ?? [];
    expect(lines).toHaveLength(4);
    expect(lines).toEqual(lines.toSorted((one, two) => (sortKey(one) < sortKey(two) ? -1 : 1)));
  });

  it("wait at most --max-wait for each other, then exit with 6", async () => {
    const server = await startOnMonday();
    server.write({ "herm.yaml": manifest("A"), "herm.lock.yaml": head() });
    const files = createPrivateFiles({ uid: undefined, pid: process.pid, isRunning: () => true });
    const { code, stderr } = await files.withLockBeside(join(server.cwd, "herm.lock.yaml"), () =>
      server.run([...words, "--max-wait", "5s"], { now, ...impatient() }),
    );
    expect(code).toBe(6);
    const held = "the record herm\\.lock\\.yaml is locked by another herm process \\(.+\\) since \\S+";
    expect(stderr).toMatch(new RegExp(`^${held}: waiting\nerror: ${held}\n`, "m"));
    expect(await server.writes()).toEqual([]);
  });
});

/** By deployment and name. */
const sortKey = (line: string) => line.replace(/\/auto_\w+/, "");

/** A server whose record contains an open create of A, which arrived; B was never sent. */
async function startWithOpenCreate() {
  const server = await startOnMonday();
  server.write({ "herm.yaml": manifest("A", "B") });
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

describe("an unfinished apply", () => {
  it("is detected by its result, even by another machine with the record", async () => {
    const server = await startWithOpenCreate();
    const later = { now: new Date(now.getTime() + 60_000), home: temporaryFolder() };
    const again = await server.run([...words, "--json"], later);
    expect(again.code).toBe(0);
    const ids = (await server.state()).map(
      ({ automation_id, name }) => `  dep_local/${automation_id}: "${name}"`,
    );
    expect(recordOf(server).split("made:\n")[1]?.trimEnd().split("\n")).toEqual(ids);
  });

  it.each([
    ["dep_local", 1],
    ["dep_other", 0],
  ])("makes the next apply, in %s, read its name in dep_local %i times", async (deployment, times) => {
    const server = await startOnMonday();
    server.write({ "herm.yaml": manifest("B") });
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

  it("leaves the record with its deletion once the automation is gone", async () => {
    const server = await startOnMonday();
    server.write({ "herm.yaml": manifest("A", "B") });
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

  it("keeps deletions that never arrived in the record", async () => {
    const server = await startOnMonday();
    server.write({ "herm.yaml": manifest("A", "B", "C") });
    await adopt(server);
    await apply(server);
    const open = (await server.state()).map(
      ({ automation_id, name }) => `  dep_local/deleting-${automation_id}: "${name}"\n`,
    );
    appendFileSync(join(server.cwd, "herm.lock.yaml"), open.join(""));
    server.write({ "herm.yaml": `${manifest("A")}removed: [B]\n` });
    const { code, stdout } = await apply(server, "--json", "--verbose", "--prune");
    expect({ code, rows: inShort(stdout) }).toEqual({
      code: 0,
      rows: ["unchanged A", "delete B (removed, enabled) done", "delete C (prune, enabled) done"],
    });
    expect(recordOf(server).split("made:\n")[1]).toMatch(/^ {2}dep_local\/auto_\w+: "A"\n$/);
  });
});

describe("an automation listed in `removed`", () => {
  it("disappears from the record", async () => {
    const server = await startOnMonday();
    server.write({ "herm.yaml": manifest("A", "B") });
    await adopt(server);
    await apply(server);
    server.write({ "herm.yaml": `automations:\n${item("B")}removed: [A]\n` });
    expect((await apply(server)).code).toBe(0);
    expect(recordOf(server).split("made:\n")[1]).toMatch(/^ {2}dep_local\/auto_\w+: "B"\n$/);
  });
});
