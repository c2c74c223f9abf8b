import { execFile, execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { json, scriptedServer, secureScriptedServer } from "../api/scripted-server.js";
import { makeAuthority } from "../support/certificates.js";
import { command, isExecutable } from "../support/command-file.js";
import { temporaryFolder } from "../support/harness.js";
import { spawnHerm, startHerm } from "../support/spawn.js";
import { addPipes, addTraps, makeProject } from "./hostile-environment.js";
import { canary, leaksIn } from "./leaks.js";

const automation = {
  automation_id: "auto_1",
  deployment_id: "dep_1",
  name: "Weekly",
  schedule: "0 9 * * 1",
  enabled: true,
  next_run_at: null,
  last_run_at: null,
  last_run_status: null,
  created_at: "2026-03-02T09:00:00Z",
  updated_at: "2026-03-02T09:00:00Z",
};
const page = json(200, { data: [automation], next_cursor: null });
const list = ["automations", "list"];

/** An API that answers a list, and the settings for it. */
async function startApi() {
  const api = await scriptedServer(page);
  return { api, env: { HERM_API_URL: api.url, HERM_API_KEY: canary } };
}

describe("the working folder", () => {
  it.skipIf(!hasProgram("mkfifo"))(
    "is read only for `.herm.json`, while every other file would block",
    async () => {
      const { api, env } = await startApi();
      const cwd = temporaryFolder();
      makeProject(cwd);
      addPipes(cwd);
      expect(await spawnHerm(list, { cwd, env })).toMatchObject({ code: 0, stderr: "" });
      expect(api.seen.map(({ url }) => url)).toEqual([expect.stringContaining("/v1/deployments/dep_1/")]);
    },
  );

  it.skipIf(!hasProgram("strace"))("is opened only for `.herm.json`, as the system confirms", async () => {
    const { env } = await startApi();
    const cwd = temporaryFolder();
    makeProject(cwd);
    addTraps(cwd, env.HERM_API_URL);
    const log = join(temporaryFolder(), "log");
    const strace = ["strace", "-f", "-e", "trace=open,openat,openat2,execve", "-o", log];
    expect(await spawnHerm(list, { cwd, env, through: strace })).toMatchObject({ code: 0, stderr: "" });
    const opened = [...readFileSync(log, "utf8").matchAll(/open\w*\((?:\S+, )?"([^"]*)"/g)].map(
      ([, file = ""]) => resolve(cwd, file),
    );
    expect(opened.length).toBeGreaterThan(3);
    expect(opened.filter((file) => file.startsWith(`${cwd}/`))).toEqual([join(cwd, ".herm.json")]);
  });
});

describe.skipIf(!isExecutable)("the executable", () => {
  it("follows the settings, prints the same and leaves no file, whatever files surround it", async () => {
    const { api, env } = await startApi();
    const elsewhere = await scriptedServer(page);
    const folder = temporaryFolder();
    makeProject(folder);
    const usual = await spawnHerm(list, { cwd: folder, env });
    expect(usual).toMatchObject({ code: 0, stderr: "" });
    addTraps(folder, elsewhere.url);
    const before = readdirSync(folder);
    const ran = await spawnHerm(list, { cwd: folder, home: folder, env });
    expect(ran).toEqual(usual);
    expect(leaksIn(ran.stdout + ran.stderr)).toEqual([]);
    expect(readdirSync(folder)).toEqual(before);
    expect({ calls: api.seen.length, elsewhere: elsewhere.connections }).toEqual({ calls: 2, elsewhere: 0 });
  });

  it.each(["bun", "bunx", "node", "npm"])("runs as herm even under the name %s", async (name) => {
    const { env } = await startApi();
    const cwd = temporaryFolder();
    makeProject(cwd);
    addTraps(cwd, env.HERM_API_URL);
    const link = join(temporaryFolder(), name);
    symlinkSync(resolve(command.file), link);
    const options = { cwd, argv0: name, env: { HOME: temporaryFolder(), ...env } };
    const { stdout } = await promisify(execFile)(link, list, options);
    expect(stdout).toBe((await spawnHerm(list, { cwd, env })).stdout);
  });

  it("sends no crash report, and prints one without the key", async () => {
    const bin = temporaryFolder();
    const called = join(bin, "called");
    writeFileSync(join(bin, "curl"), `#!/bin/sh\necho "$@" >> ${called}\n`, { mode: 0o755 });
    const api = await scriptedServer(() => undefined);
    const settings = { HERM_API_URL: api.url, HERM_API_KEY: canary, PATH: `${bin}:${process.env.PATH}` };
    const child = startHerm([...list, "-d", "dep_1"], { env: settings });
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk) => {
        said += String(chunk);
      });
    await expect.poll(() => api.seen.length).toBe(1);
    child.kill("SIGSEGV");
    expect(await once(child, "close")).toEqual([null, "SIGSEGV"]);
    expect(said).toContain("Segmentation fault");
    expect({ leaks: leaksIn(said), called: existsSync(called) }).toEqual({
      leaks: [],
      called: false,
    });
  });

  it.each(["0", "false", "no", "off", ""])(
    "sends no key to an unverified server, with NODE_TLS_REJECT_UNAUTHORIZED=%s",
    async (value) => {
      const server = await secureScriptedServer(makeAuthority().issue(["127.0.0.1"]), page);
      const env = { HERM_API_URL: server.url, HERM_API_KEY: canary, HERM_DEPLOYMENT: "dep_1" };
      const { code, stderr } = await spawnHerm(list, {
        env: { ...env, NODE_TLS_REJECT_UNAUTHORIZED: value },
      });
      expect({ isRefused: code !== 0, seen: server.seen }).toEqual({ isRefused: true, seen: [] });
      expect(stderr).toMatch(value === "0" ? /NODE_TLS_REJECT_UNAUTHORIZED=0/ : /certificate/);
    },
  );
});

function hasProgram(name: string): boolean {
  try {
    execFileSync("which", [name], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
