import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { bundledProgram } from "../support/bundled-program.js";

const program = join(import.meta.dirname, "..", "support", "print-much.ts");
const twentyMb = 20_000_000;

/**
 * Runs the program in a shell pipeline, like a person; returns the pipeline's output, the program's stderr, and its
 * exit code.
 */
async function run(kind: string, bytes: number, into: string): Promise<{ out: string; err: string }> {
  const command = `{ "$0" "$1" ${bytes} ${kind}; echo "exit $?" >&2; } ${into}`;
  const child = spawn("/bin/sh", ["-c", command, process.execPath, await bundledProgram(program)]);
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    err += chunk;
  });
  await new Promise((resolve) => child.on("close", resolve));
  return { out: out.trim(), err };
}

// A pipeline for sh.
describe.skipIf(process.platform === "win32")("a command in a pipe", () => {
  it.concurrent("delivers every byte to a slow reader", async () => {
    expect(await run("text", twentyMb, "| { sleep 0.3; wc -c; }")).toEqual({
      out: `${twentyMb}`,
      err: "exit 0\n",
    });
    expect(await run("json", twentyMb, "| { sleep 0.3; tail -c 4; }")).toEqual({
      out: '"\n]',
      err: "exit 0\n",
    });
  });

  it.concurrent.each(["table", "json", "text"])(
    "ends quietly, if read-only, when its output pipe closes early: %s",
    async (kind) => {
      const { out, err } = await run(kind, twentyMb, "| head -c 5 | wc -c");
      expect({ out, err }).toEqual({ out: "5", err: "exit 0\n" });
    },
  );

  it.concurrent("finishes a change even if its output pipe closes early", async () => {
    const { err } = await run("change", 3_000_000, "| head -c 5 | wc -c");
    expect(err).toBe("warning: changed everything, closed=true\nexit 0\n");
  });

  it.runIf(existsSync("/dev/full"))("reports a full disk in one line", async () => {
    const { err } = await run("table", 1_000_000, "> /dev/full");
    expect(err).toBe("error: could not write the output: ENOSPC: no space left on device, write\nexit 1\n");
  });
});
