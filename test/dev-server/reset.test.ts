import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { expect, it } from "vitest";
import { openDriver } from "../../src/dev-server/store/database.js";
import { isExecutable } from "../support/command-file.js";
import { canFillDisk } from "../support/full-disk.js";
import { herm, temporaryFolder } from "../support/harness.js";
import { canStartAs, isRoot } from "../support/other-user.js";
import { spawnHerm } from "../support/spawn.js";
import { spawnServer } from "./processes.js";

const olds = (folder: string) => readdirSync(folder).filter((name) => name.endsWith(".old"));
const now = (second: number) => new Date(Date.UTC(2026, 2, 2, 9, 0, second));

/** A data file with one automation, which no server has open. */
async function fill(dataFile: string) {
  const { child, call } = await spawnServer(dataFile);
  const automation = { name: "Kept", schedule: "0 9 * * *", instructions: "x" };
  await call("POST", "/v1/deployments/dep_local/automations", automation);
  child.kill("SIGTERM");
  await new Promise((resolve) => child.once("exit", resolve));
}

it("herm dev reset asks, keeps the last copy, and explains recovery", async () => {
  const folder = temporaryFolder();
  const data = join(folder, "dev.db");
  await fill(data);
  const words = ["dev", "reset", "--data", data];
  expect(await herm(words, { answers: [false] })).toMatchObject({ code: 1 });
  expect(existsSync(data)).toBe(true);
  expect(await herm(words)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("this needs --yes when herm can't ask"),
  });
  const first = await herm([...words, "--yes", "-o", "json"], { now: now(1) });
  const kept = `${data}.20260302T090001Z.old`;
  expect(JSON.parse(first.stdout)).toEqual({ reset: true, data, kept, automations: 1, runs: 0 });
  expect(first.stderr).toContain(`undo: herm dev reset --data ${data} --undo\n`);
  expect(existsSync(data)).toBe(false);
  const { call, child } = await spawnServer(kept);
  const { body } = await call("GET", "/v1/deployments/dep_local/automations");
  expect(body).toMatchObject({ data: [{ name: "Kept" }] });
  child.kill("SIGTERM");
  await new Promise((resolve) => child.once("exit", resolve));
  await fill(data);
  await herm([...words, "--yes"], { now: now(2) });
  expect(olds(folder)).toEqual([`${basename(data)}.20260302T090002Z.old`]);
  expect(await herm([...words, "--yes"])).toMatchObject({
    code: 0,
    stderr: `nothing to reset: ${data} doesn't exist\n`,
  });
});

it("herm dev reset --undo restores the data, and saves newer data", async () => {
  const folder = temporaryFolder();
  const data = join(folder, "dev.db");
  const words = ["dev", "reset", "--yes", "--data", data];
  expect(await herm([...words, "--undo"])).toMatchObject({
    code: 6,
    stderr: `error: there is no reset of ${data} to undo\n`,
  });
  await fill(data);
  await herm(words, { now: now(1) });
  const restored = await herm([...words, "--undo", "-o", "json"], { now: now(2) });
  expect({ ...restored, stdout: JSON.parse(restored.stdout) }).toEqual({
    code: 0,
    stdout: { restored: true, data },
    stderr: "",
  });
  expect(await namesIn(data)).toContain("Kept");
  await herm(words, { now: now(3) });
  await fill(data);
  const swapped = await herm([...words, "--undo"], { now: now(4) });
  expect(swapped.stdout).toBe(`true\t${data}\t${data}.20260302T090004Z.old\n`);
  expect(swapped.stderr).toContain(`undo: herm dev reset --data ${data} --undo\n`);
  expect(olds(folder)).toEqual([`${basename(data)}.20260302T090004Z.old`]);
});

/** The automations in a data file that no server has open. */
async function namesIn(dataFile: string): Promise<string> {
  const driver = await openDriver(dataFile);
  const rows = driver.prepare("SELECT name FROM automations").all();
  driver.close();
  return JSON.stringify(rows);
}

// Calls of node:fs can't be replaced in the executable, and so can't be counted there.
it.skipIf(isExecutable)(
  "herm dev reset keeps all data under one name after a kill, and can be rerun",
  async () => {
    const filled = join(temporaryFolder(), "filled");
    mkdirSync(filled);
    await fill(join(filled, "dev.db"));
    cpSync(join(filled, "dev.db"), join(filled, "dev.db.20260101T000000Z.old"));
    const found: string[] = [];
    for (let step = 1; found.at(-1) !== "done"; step += 1) {
      const folder = join(temporaryFolder(), "data");
      cpSync(filled, folder, { recursive: true });
      const data = join(folder, "dev.db");
      const words = ["dev", "reset", "--yes", "--data", data];
      const env = { KILL_AT: String(step) };
      const { code } = await spawnHerm(words, { preload: "killed-midway", env });
      const fresh = olds(folder).filter((name) => !name.includes("20260101"));
      expect({ step, code, kept: fresh.length }).toEqual({ step, code, kept: existsSync(data) ? 0 : 1 });
      expect(await namesIn(fresh[0] === undefined ? data : join(folder, fresh[0]))).toContain("Kept");
      found.push(code === 0 ? "done" : existsSync(data) ? "old" : "new");
      expect((await herm(words)).code).toBe(0);
      expect(existsSync(data)).toBe(false);
    }
    expect(found).toContain("old");
    expect(found).toContain("new");
  },
  120_000,
);

// For root, nothing is read-only.
const uid = isRoot ? 65_534 : undefined;
it.skipIf(process.getuid === undefined || (uid !== undefined && !canStartAs(uid)))(
  "herm dev reset fails in an unwritable folder, without data loss",
  async () => {
    const home = temporaryFolder();
    const folder = join(home, "data");
    mkdirSync(folder);
    const data = join(folder, "dev.db");
    await fill(data);
    const before = readFileSync(data);
    if (uid !== undefined)
      for (const path of [
        home,
        data,
        `${data}.server`,
        ...readdirSync(`${data}.server`).map((name) => join(`${data}.server`, name)),
      ])
        chownSync(path, uid, uid);
    chmodSync(folder, 0o555);
    try {
      const words = ["dev", "reset", "--yes", "--data", data];
      const { code, stderr } = await spawnHerm(words, { home, uid });
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: `error: ${data}: attempt to write a readonly database\nhint: choose another --data\n`,
      });
      expect(readFileSync(data).equals(before)).toBe(true);
      expect(olds(folder)).toEqual([]);
    } finally {
      chmodSync(folder, 0o755);
    }
  },
);

it.runIf(canFillDisk)("herm dev reset loses no data on a full disk", async () => {
  const folder = temporaryFolder();
  const data = join(folder, "dev.db");
  await fill(data);
  const words = ["dev", "reset", "--yes", "--data", data];
  const { code, stderr } = await spawnHerm(words, { through: ["prlimit", "--fsize=0"] });
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^error: .*(full|EFBIG|I\/O)/) });
  expect(await namesIn(existsSync(data) ? data : join(folder, olds(folder)[0] ?? ""))).toContain("Kept");
});

it("herm dev reset fails while a foreground server runs, but stops a background one", async () => {
  const data = join(temporaryFolder(), "dev.db");
  const foreground = await spawnServer(data);
  const refused = await herm(["dev", "reset", "--yes", "--data", data]);
  expect(refused.code).toBe(6);
  expect(refused.stderr).toContain(`used by the server at ${foreground.url} (pid ${foreground.pid})`);
  foreground.child.kill("SIGTERM");
  await new Promise((resolve) => foreground.child.once("exit", resolve));
  const { child } = await spawnServer(data, "--background");
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const reset = await herm(["dev", "reset", "--yes", "--data", data]);
  expect(reset.code).toBe(0);
  expect(await ended).toBe(0);
});

it("herm dev reset rejects a foreign file, and leaves it unchanged", async () => {
  const data = join(temporaryFolder(), "dev.db");
  writeFileSync(data, "this is no database, and long enough to be looked at by the driver");
  expect(await herm(["dev", "reset", "--yes", "--data", data])).toMatchObject({ code: 1 });
  expect(readFileSync(data, "utf8")).toContain("this is no database");
});

it("herm dev reset rejects another program's database, and one that is open", async () => {
  const data = join(temporaryFolder(), "dev.db");
  const words = ["dev", "reset", "--yes", "--data", data];
  const theirs = await openDriver(data);
  theirs.exec("CREATE TABLE notes (text); INSERT INTO notes VALUES ('keep me')");
  theirs.exec("BEGIN EXCLUSIVE");
  expect(await herm(words)).toMatchObject({ code: 6, stderr: expect.stringContaining(data) });
  theirs.exec("COMMIT");
  theirs.close();
  const isNotOurs = `error: ${data} isn't local server data\nhint: choose another --data\n`;
  expect(await herm(words)).toMatchObject({ code: 1, stderr: isNotOurs });
  const newer = await openDriver(data);
  newer.exec("PRAGMA user_version = 7");
  newer.close();
  const isNewer = `error: ${data} has data of version 7, but this herm reads version 1\nhint: choose another --data\n`;
  expect(await herm(words)).toMatchObject({ code: 1, stderr: isNewer });
  const again = await openDriver(data);
  expect(again.prepare("SELECT text FROM notes").get()).toMatchObject({ text: "keep me" });
  again.close();
  expect(olds(join(data, ".."))).toEqual([]);
});
