import { type ChildProcess, type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { bundledProgram } from "../support/bundled-program.js";
import { command } from "../support/command-file.js";

export interface Writer {
  process: ChildProcess;
  /** Its output lines so far. */
  lines: string[];
  /** Resolves when its first line has arrived. */
  started: Promise<void>;
  ended: Promise<{ code: number | null; stderr: string }>;
}

const writerFile = fileURLToPath(new URL("writer.ts", import.meta.url));

export function freshFolder(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), "herm-settings-")));
}

/** Runs writer.ts in a separate process; `limits` is shell text that runs first, such as `umask 000`. */
export async function spawnWriter(args: string[], limits = ":"): Promise<Writer> {
  const script = `${limits}; exec "$@"`;
  return writerOf(
    spawn("sh", ["-c", script, "sh", process.execPath, await bundledProgram(writerFile), ...args], {
      stdio: ["ignore", "pipe", "pipe"],
    }),
  );
}

const sets = `name=$1; count=$2; shift 2; at=0
while [ $at -lt $count ]; do
  "$@" config set deployment "dep_$name-$at" --profile "$name-$at" >&2 && echo "$name-$at" || exit
  at=$((at + 1))
done`;

/** Saves settings with one command after another. Ending it ends the current command. */
export function spawnSetter({ home, name, count }: { home: string; name: string; count: number }): Writer {
  const env = { PATH: process.env.PATH, HOME: home };
  const words = ["-c", sets, "sh", name, String(count), command.file, ...command.args];
  return writerOf(spawn("sh", words, { stdio: ["ignore", "pipe", "pipe"], env, detached: true }));
}

function writerOf(child: ChildProcessByStdio<null, Readable, Readable>): Writer {
  const lines: string[] = [];
  let rest = "";
  let stderr = "";
  const started = once(child.stdout, "data").then(() => undefined);
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = once(child, "close").then(([code]) => ({ code, stderr }));
  return { process: child, lines, started, ended };
}
