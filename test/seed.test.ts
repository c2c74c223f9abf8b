import { execFile } from "node:child_process";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { drawOf, seed } from "./support/seed.js";

const root = join(import.meta.dirname, "..");

/** The output of `npm test` with a seed before anything runs, and its exit code. */
function listed(HERM_SEED: string, ...words: string[]) {
  const args = [join(root, "node_modules", "vitest", "vitest.mjs"), "list", "--filesOnly", ...words];
  const options = { cwd: root, env: { PATH: process.env.PATH, HERM_SEED } };
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [...args, "test/seed.test.ts"], options, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

const files = "[all] test/seed.test.ts\n";

describe("HERM_SEED", () => {
  it.each(["x", "2147483648", "-1\u001b[31m"])("is rejected in one line if it is %j", async (text) => {
    const { code, stdout, stderr } = await listed(text);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(
      /^HERM_SEED is "[ -~]*": set it to a whole number from 0 to 2147483647, or to random\n$/,
    );
  });

  it.each(["", "2147483647"])("is accepted if it is %j", async (text) => {
    expect(await listed(text)).toEqual({ code: 0, stdout: files, stderr: "" });
  });

  it.each([
    ["", ["--mode", "random"]],
    ["random", []],
  ])("draws a seed and prints it first if it is %j with %j", async (text, words) => {
    const runs = [await listed(text, ...words), await listed(text, ...words)];
    const lines = runs.map(({ stdout }) => stdout.slice(0, stdout.indexOf("\n") + 1));
    for (const line of lines) expect(line).toMatch(/^HERM_SEED=\d+ repeats what was drawn\n$/);
    expect(runs).toEqual(lines.map((line) => ({ code: 0, stdout: `${line}${files}`, stderr: "" })));
    expect(lines[0]).not.toBe(lines[1]);
  });
});

describe("the seed of a run", () => {
  afterEach(() => vi.unstubAllEnvs());
  const ten = (use: string) => {
    const draw = drawOf(use);
    return Array.from({ length: 10 }, () => draw(1_000));
  };

  it("is also used for fast-check", () => {
    expect(fc.readConfigureGlobal().seed).toBe(seed());
  });

  it("draws the same values for the same use, and different values for others", () => {
    vi.stubEnv("HERM_SEED", "1");
    const first = ten("a kill");
    expect(ten("a kill")).toEqual(first);
    expect(ten("a fault")).not.toEqual(first);
    vi.stubEnv("HERM_SEED", "2");
    expect(ten("a kill")).not.toEqual(first);
  });
});
