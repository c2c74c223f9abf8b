import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pty from "@lydell/node-pty";
import { onTestFinished } from "vitest";
import { isBun } from "../../src/dev-server/environment.js";
import { temporaryFolder } from "./harness.js";

/** The shells into which a printed command may be pasted. */
export const allShells = ["sh", "bash", "zsh", "dash", "fish"] as const;
export type AnyShell = (typeof allShells)[number];

export function isInstalled(shell: string): boolean {
  return spawnSync(shell, ["-c", "true"], { timeout: 5_000 }).status === 0;
}

/** True if tests can type on a terminal: node-pty, which opens it, needs Node's sockets. */
export const canType = !isBun;

/** A folder with a program `herm` that records its arguments and the number of its calls. */
function recorder() {
  const folder = temporaryFolder();
  const bin = join(folder, "bin");
  const calls = join(folder, "calls");
  mkdirSync(bin);
  writeFileSync(calls, "");
  writeFileSync(join(bin, "herm"), `#!/bin/sh\nprintf '%s\\0' "$#" "$@" >> '${calls}'\n`);
  chmodSync(join(bin, "herm"), 0o755);
  const env = { PATH: `${bin}:${process.env.PATH ?? ""}`, HOME: folder, LANG: "C.UTF-8", LC_ALL: "C.UTF-8" };
  return {
    folder,
    env,
    read: () => readCalls(readFileSync(calls, "utf8")),
  };
}

/** The words of each call, read from their number and text, each followed by a NUL. */
function readCalls(text: string): string[][] {
  const parts = text.split("\0").slice(0, -1);
  const calls: string[][] = [];
  for (let at = 0; at < parts.length; at += calls.at(-1)?.length ?? 0) {
    at += 1;
    calls.push(parts.slice(at, at + Number(parts[at - 1])));
  }
  return calls;
}

/** The arguments that `herm` gets if a shell runs these lines as a script, and the shell's other output. */
export function runLines(shell: AnyShell, lines: readonly string[]): { calls: string[][]; said: string } {
  const { folder, env, read } = recorder();
  writeFileSync(join(folder, "script"), lines.map((line) => `${line}\n`).join(""));
  const { stdout, stderr } = spawnSync(shell, [join(folder, "script")], {
    cwd: folder,
    env,
    encoding: "utf8",
  });
  return { calls: read(), said: stdout + stderr };
}

const interactive = {
  bash: ["--norc", "--noprofile", "-i"],
  zsh: ["-f", "-i"],
  fish: ["--no-config", "-i"],
} as const;

/**
 * The arguments that `herm` gets if these lines are typed into an interactive shell, which expands `!` and completes at
 * a tab.
 */
export async function typeLines(
  shell: keyof typeof interactive,
  lines: readonly string[],
): Promise<string[][]> {
  const { folder, env, read } = recorder();
  const child = pty.spawn(shell, [...interactive[shell]], {
    cols: 200,
    rows: 50,
    cwd: folder,
    name: "xterm",
    env,
  });
  onTestFinished(() => child.kill("SIGKILL"));
  const ended = new Promise<void>((resolve) => child.onExit(() => resolve()));
  for (const line of ["herm first", ...lines, "herm last"]) child.write(`${line}\r`);
  child.write("exit\r");
  await ended;
  return read();
}
