/**
 * `npm test -- [vitest's arguments…]`: runs the tests and, at the same time, all scripts in package.json whose names
 * start with `check:`, one after another. Prints the output of failed scripts after the tests, and then ends with 1.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { join } from "node:path";
import { settleSeed } from "./support/seed.js";

settleSeed();
const isWindows = process.platform === "win32";
const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };
const vitest = join(createRequire(import.meta.url).resolve("vitest/package.json"), "..", "vitest.mjs");

let endedBy: NodeJS.Signals | undefined;
let checking: ChildProcess | undefined;
const tests = spawn(process.execPath, [vitest, "run", ...process.argv.slice(2)], { stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => end(signal));

const [found, [code, signal]] = await Promise.all([check(), once(tests, "exit")]);
for (const { name, said } of found) process.stderr.write(`\n${name} failed:\n${said}`);
endedBy ??= signal ?? undefined;
process.exitCode =
  endedBy === undefined ? Math.max(code, found.length > 0 ? 1 : 0) : 128 + constants.signals[endedBy];

/** The output of each failed check. */
async function check(): Promise<{ name: string; said: string }[]> {
  const red: { name: string; said: string }[] = [];
  for (const [name, script] of Object.entries(scripts).filter(([name]) => name.startsWith("check:"))) {
    if (endedBy !== undefined) break;
    // Packs without the package's scripts, which would replace the README that tests read.
    const env = { ...process.env, npm_config_ignore_scripts: "true" };
    // In its own group, so that all processes that a script starts can be ended with it.
    checking = spawn(script, { shell: true, stdio: ["ignore", "pipe", "pipe"], detached: !isWindows, env });
    let said = "";
    for (const stream of [checking.stdout, checking.stderr]) stream?.on("data", (text) => (said += text));
    const [code] = await once(checking, "close");
    if (code !== 0 && endedBy === undefined) red.push({ name, said });
  }
  return red;
}

function end(signal: NodeJS.Signals): void {
  endedBy = signal;
  tests.kill(signal);
  const { pid } = checking ?? {};
  if (pid === undefined || checking?.exitCode !== null) return;
  if (isWindows) checking.kill();
  else process.kill(-pid, "SIGTERM");
}
