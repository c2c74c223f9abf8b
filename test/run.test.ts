import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { trialSuite } from "./support/trial-suite.js";

const root = join(import.meta.dirname, "..");
const passes = 'it("passes", () => {});';

describe("npm test", () => {
  it("runs the files given as words, and prints only failing checks", async () => {
    const scripts = { "check:one": "echo all well", other: "exit 1" };
    const { code, lines } = await run({ scripts, files: { one: passes, other: passes }, words: ["one"] });
    expect({ code, lines }).toEqual({ code: 0, lines: ["1 passed, 0 failed, 0 skipped"] });
  });

  it("fails and prints each failing check, after the count of tests", async () => {
    const scripts = {
      "check:one": "echo found it >&2; exit 3",
      "check:two": "echo all well",
      "check:three": "kill -9 $$",
    };
    const { code, lines } = await run({ scripts, files: { one: passes } });
    expect({ code, lines }).toEqual({
      code: 1,
      lines: ["1 passed, 0 failed, 0 skipped", "check:one failed:", "found it", "check:three failed:"],
    });
  });

  it("rejects an invalid seed, and runs no tests", async () => {
    const files = { one: 'it("ran", async () => { (await import("node:fs")).writeFileSync("ran", ""); });' };
    const suite = { scripts: { "check:one": "touch ran" }, files, env: { HERM_SEED: "x" } };
    const { ended, folder, said } = start(suite);
    expect(await ended).toEqual({ code: 2, lines: [] });
    expect(said()).toBe('HERM_SEED is "x": set it to a whole number from 0 to 2147483647, or to random\n');
    expect(existsSync(join(folder, "ran"))).toBe(false);
  });

  it("fails if its tests fail", async () => {
    const fails = 'it("fails", () => { throw new Error("no"); });';
    const { code, lines } = await run({ scripts: { "check:one": "true" }, files: { one: fails } });
    expect({ code, lines }).toEqual({ code: 1, lines: ["0 passed, 1 failed, 0 skipped"] });
  });

  it("stops its tests and the current check when interrupted", async () => {
    const scripts = { "check:one": "sleep 300 & echo $! > check; wait; exit 1", "check:two": "touch begun" };
    const waits =
      'it("waits", async () => { (await import("node:fs")).writeFileSync("test", `${process.pid}\\n`); await new Promise(() => {}); }, 300_000);';
    const { child, folder, ended } = start({ scripts, files: { one: waits } });
    const pids = ["check", "test"].map((name) => join(folder, name));
    const read = () => pids.map((file) => (existsSync(file) ? readFileSync(file, "utf8") : ""));
    await expect.poll(() => read().every((text) => text.endsWith("\n"))).toBe(true);
    const running = read().map(Number);
    child.kill("SIGINT");
    expect(await ended).toEqual({ code: 130, lines: [] });
    await expect.poll(() => running.filter(isRunning)).toEqual([]);
    expect(existsSync(join(folder, "begun"))).toBe(false);
  });
});

interface Suite {
  scripts: Record<string, string>;
  files: Record<string, string>;
  words?: readonly string[];
  env?: Record<string, string>;
}

async function run(suite: Suite) {
  return start(suite).ended;
}

/** Runs test files and scripts as `npm test` runs ours. */
function start({ scripts, files, words = [], env }: Suite) {
  const folder = trialSuite(files);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ scripts }));
  const program = ["--import", "tsx", join(root, "test", "run.ts"), ...words];
  const child = spawn(process.execPath, program, { cwd: folder, env: { PATH: process.env.PATH, ...env } });
  onTestFinished(() => void child.kill("SIGKILL"));
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (said += text));
  /** The lines with the numbers of tests and the results of checks. */
  const lines = () => [...(said.match(/^(\d+ passed, |check:|found it|all well).*$/gm) ?? [])];
  const ended = once(child, "close").then(([code]) => ({ code, lines: lines() }));
  return { child, folder, ended, said: () => said };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
