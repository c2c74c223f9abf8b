import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import pty from "@lydell/node-pty";
import { expect, it, onTestFinished } from "vitest";
import { temporaryFolder } from "../support/harness.js";
import { openTerminal } from "../support/pty.js";
import { typedLine } from "../support/shell-line.js";
import { spawnHerm } from "../support/spawn.js";
import { readingMs, story } from "./story.js";

const words = ["--import", "tsx", "test/demo/tour.ts"];
const run = promisify(execFile);

it("the tour shows the whole story in a pipe, and cleans up", async () => {
  const folder = temporaryFolder();
  const { stdout } = await run(process.execPath, words, { env: { ...process.env, TMPDIR: folder } });
  const typed = story.flatMap((step) => ("words" in step ? `$ herm ${typedLine(step.words)}` : []));
  expect(stdout.match(/^\$ .*$/gm)?.map((line) => line.replace(/ > .*/, ""))).toEqual(typed);
  expect(stdout).not.toContain("\x1b");
  expect(readdirSync(folder).filter((name) => name.startsWith("herm"))).toEqual([]);
});

it("the tour ends when its output pipe closes, and cleans up", async () => {
  const folder = temporaryFolder();
  const env = { ...process.env, TMPDIR: folder };
  const child = spawn(process.execPath, words, { env, stdio: ["ignore", "pipe", "pipe"] });
  let stderr = "";
  child.stderr.on("data", (text) => {
    stderr += text;
  });
  let read = 0;
  for await (const _ of createInterface(child.stdout)) if (++read === 5) break;
  child.stdout.destroy();
  const [code] = await once(child, "close");
  expect({ code, stack: /^ +at /m.test(stderr) }).toEqual({ code: 130, stack: false });
  expect(readdirSync(folder).filter((name) => name.startsWith("herm"))).toEqual([]);
  expect(processesOf(folder)).toEqual([]);
});

it("the tour fits each step on an 80×24 screen, and knows its length", async () => {
  const [home, cwd] = [temporaryFolder(), temporaryFolder()];
  const env = { HERM_PROFILE: "example" };
  onTestFinished(async () => void (await spawnHerm(["dev", "stop", "--example"], { home, env })));
  for (const step of story) {
    if ("edit" in step) {
      const file = join(cwd, step.edit);
      writeFileSync(file, readFileSync(file, "utf8").replace(step.from, step.to));
    } else if ("into" in step) {
      writeFileSync(join(cwd, step.into), (await spawnHerm(step.words, { home, env })).stdout);
    } else {
      const { lines, code } = await openTerminal(step.words, { env: { ...env, HOME: home }, cwd }).ended;
      const rows = rowsOf(lines);
      // The reason, the typed command, and a blank line before them are on the screen too.
      const above = rowsOf(["", `# ${step.why}`, `$ herm ${typedLine(step.words)}`]);
      expect([step.why, code, rows + above <= 23]).toEqual([step.why, step.code ?? 0, true]);
      // Runs start and end meanwhile, and due runs depend on the time of day.
      expect(Math.abs(rows - step.lines), `${step.why}\n${lines.join("\n")}`).toBeLessThanOrEqual(3);
    }
  }
});

it("the tour waits a quarter of a second for each line", () => {
  expect([1, 10, 12, 19].map(readingMs)).toEqual([2500, 2500, 3000, 4750]);
});

/** The command lines of processes that still run in a home below that folder. Linux only. */
function processesOf(folder: string): string[] {
  const all = existsSync("/proc/self") ? readdirSync("/proc").filter((name) => /^\d+$/.test(name)) : [];
  const textOf = (pid: string, file: string) => {
    try {
      return readFileSync(`/proc/${pid}/${file}`, "utf8");
    } catch {
      return "";
    }
  };
  return all
    .filter((pid) => textOf(pid, "environ").includes(`HOME=${folder}`))
    .map((pid) => textOf(pid, "cmdline"));
}

const rowsOf = (lines: readonly string[]) =>
  lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / 80)), 0);

it("the tour waits after each step on a terminal, and cleans up after q", async () => {
  const folder = temporaryFolder();
  const child = pty.spawn(process.execPath, words, { env: { ...process.env, TMPDIR: folder } });
  let text = "";
  child.onData((data) => {
    text += data;
    if (text.includes("herm runs answer")) child.write("q");
  });
  const code = await new Promise((resolve) => child.onExit(({ exitCode }) => resolve(exitCode)));
  expect(code).toBe(130);
  expect(text).not.toContain("$ herm automations pause");
  expect(readdirSync(folder).filter((name) => name.startsWith("herm"))).toEqual([]);
});
