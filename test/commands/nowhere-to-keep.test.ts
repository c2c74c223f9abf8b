import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { noHome } from "../../src/files/machine.js";
import { enabledNames } from "../incident/fleet.js";
import { addMany, differences, ledgerAt } from "../incident/interruption.js";
import { type HermOptions, herm, startServer, temporaryFolder } from "../support/harness.js";
import { canStartAs } from "../support/other-user.js";
import { spawnHerm } from "../support/spawn.js";

/** Machines on which no file can be kept, though the user who runs the tests may write anywhere else. */
const machines: [what: string, machine: Pick<HermOptions, "home" | "env">][] = [
  ["no home", { home: noHome }],
  ["a data folder that can't be created", { env: { HERM_DATA_DIR: "/proc/self/herm" } }],
];

async function start(machine: Pick<HermOptions, "home" | "env">) {
  const server = await startServer();
  await addMany(server, 3);
  const cwd = temporaryFolder();
  const env = { HERM_DEPLOYMENT: "dep_local", ...machine.env };
  const run = (words: string, options: HermOptions = {}) =>
    herm(words.split(" "), { server, cwd, ...machine, env, ...options });
  return { server, cwd, run };
}

describe.skipIf(!existsSync("/proc/self")).each(machines)("a machine with %s", (_, machine) => {
  it("can pause and resume an incident if its ledger is stored elsewhere", async () => {
    const { server, cwd, run } = await start(machine);
    const flags = "--incident INC-1 --ledger ledger.jsonl --yes --json";
    const paused = await run(`automations pause --all ${flags}`);

    expect({ code: paused.code, enabled: await enabledNames(server) }).toEqual({ code: 0, enabled: [] });
    expect(paused.stderr).toMatch(/^warning: incident INC-1 can only be found with --ledger: /m);
    expect(await differences(ledgerAt(join(cwd, "ledger.jsonl")), server)).toEqual([]);
    const resumed = await run(`automations resume ${flags}`);
    expect({ code: resumed.code, enabled: (await enabledNames(server)).length }).toEqual({
      code: 0,
      enabled: 3,
    });
  });

  it("is reported by doctor, which leaves no files behind", async () => {
    const { run } = await start(machine);
    const { code, stdout } = await run("doctor");

    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^problem\tfiles\t\S+herm can't be created \((no home folder|ENOENT)\)\tset HERM_DATA_DIR to/m,
    );
    expect(existsSync(noHome)).toBe(false);
  });
});

it("doctor leaves no test files behind if all is well", async () => {
  const home = temporaryFolder();
  const server = await startServer();
  expect(await herm(["doctor", "-d", "dep_local"], { server, home })).toMatchObject({ code: 0 });
  expect(readdirSync(home)).toEqual([]);
});

/** The system knows no user with this id. */
const uid = 54_321;

describe.skipIf(!canStartAs(uid))("a process run by another user", () => {
  const words = ["config", "list", "-o", "json"];

  it("starts without HOME and without a user entry", async () => {
    const { code, stdout, stderr } = await spawnHerm(words, { uid, env: { HOME: undefined } });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({ data_dir: "/nonexistent/.local/share/herm" });
  });

  it("ignores a relative HOME", async () => {
    const { stdout } = await spawnHerm(words, { uid, env: { HOME: "some/home" } });
    expect(JSON.parse(stdout)).toMatchObject({ config_dir: "/nonexistent/.config/herm" });
  });

  it("saves settings in HERM_CONFIG_DIR", async () => {
    const folder = temporaryFolder();
    chownSync(folder, uid, uid);
    const env = { HOME: undefined, HERM_CONFIG_DIR: folder, HERM_DATA_DIR: folder };
    expect(await spawnHerm(["config", "set", "accessible", "true"], { uid, env })).toMatchObject({ code: 0 });
    const { stdout } = await spawnHerm(words, { uid, env });
    expect(JSON.parse(stdout)).toMatchObject({ config_dir: folder, accessible: true });
  });

  it("reports a home folder that can't be read or written", async () => {
    const home = temporaryFolder();
    for (const [mode, said] of [
      [0o755, `${home}/.local/share/herm can't be created (EACCES)`],
      [0o700, `${home}/.local/share/herm can't be checked (EACCES)`],
    ] as const) {
      chmodSync(home, mode);
      const { code, stdout } = await spawnHerm(["doctor"], {
        uid,
        home,
        env: { HERM_API_KEY: "k", HERM_API_URL: "http://127.0.0.1:9" },
      });
      expect(code).toBe(1);
      expect(stdout).toContain(`problem\tfiles\t${said}\tset HERM_DATA_DIR to`);
    }
  });

  it("pauses an incident despite a full disk if its ledger is stored elsewhere", async ({ skip }) => {
    const home = temporaryFolder();
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", home], { stdio: "ignore" });
    } catch {
      skip();
    }
    try {
      fill(join(home, "full"));
      mkdirSync(join(home, ".local"), { recursive: true });
      const server = await startServer();
      await addMany(server, 3);
      const { url } = await server.listen();
      const elsewhere = temporaryFolder();
      chownSync(home, uid, uid);
      chownSync(join(home, ".local"), uid, uid);
      chownSync(elsewhere, uid, uid);
      const env = { HERM_API_URL: url, HERM_API_KEY: server.apiKey, HERM_DEPLOYMENT: "dep_local" };
      const pause = ["automations", "pause", "--all", "--incident", "INC-1", "--yes"];
      const refused = await spawnHerm(pause, { uid, home, env });
      expect(refused).toMatchObject({ code: 6, stderr: expect.stringMatching(/ENOSPC.*\n.*HERM_DATA_DIR/) });
      const ledger = join(elsewhere, "ledger.jsonl");
      expect(await spawnHerm([...pause, "--ledger", ledger], { uid, home, env })).toMatchObject({ code: 0 });
      expect(await enabledNames(server)).toEqual([]);
    } finally {
      execFileSync("umount", [home]);
    }
  });
});

/** Fills the disk. */
function fill(file: string): void {
  try {
    for (;;) writeFileSync(file, Buffer.alloc(4096), { flag: "a" });
  } catch {
    // It is full.
  }
}
