import { execFile } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { trialSuite } from "./support/trial-suite.js";

const root = join(import.meta.dirname, "..");
const dies =
  'it("passes", () => {}); it("dies", () => process.kill(process.pid, "SIGKILL")); it("isn\'t run", () => {});';

describe("a run of the test suite", () => {
  it.each([
    ["one of two processes", 2, /^\d passed, 2 failed, 1 skipped$/, ["dies.trial.js"]],
    ["its only process", 1, /, 4 failed, /, ["dies.trial.js", "lives.trial.js", "rests.trial.js"]],
  ])("fails, and lists each file cut short, when it loses %s", async (_, count, counts, lost) => {
    const { code, lines } = await suite(
      { dies, lives: 'it("passes", () => {})', rests: 'it.skip("rests", () => {})' },
      count,
    );
    expect(lines.filter((line) => line.startsWith("never came to its end: ")).toSorted()).toEqual(
      lost.map((file) => `never came to its end: ${file}`),
    );
    expect(lines.at(-3)).toMatch(counts);
    expect(code).toBe(1);
  });

  it("passes if every file has finished", async () => {
    const { code, lines } = await suite(
      { lives: 'it("passes", () => {})', rests: 'it.skip("rests", () => {})' },
      2,
    );
    expect(lines).toEqual([
      "1 passed, 0 failed, 1 skipped",
      expect.stringMatching(/^HERM_SEED=\d+ /),
      "generated walks tried third 2 of 3; to try all: npm run test:random",
    ]);
    expect(code).toBe(0);
  });
});

/** Runs test files in the same way as ours. */
async function suite(files: Record<string, string>, maxWorkers: number) {
  const folder = trialSuite(files, { maxWorkers });
  const words = [join(root, "node_modules", "vitest", "vitest.mjs"), "run", "--root", folder];
  return new Promise<{ code: number; lines: string[] }>((resolve) => {
    execFile(
      process.execPath,
      words,
      { env: { PATH: process.env.PATH, HERM_TEST_THIRD: "1" } },
      (error, stdout) =>
        resolve({ code: Number(error?.code ?? 0), lines: stdout.split("\n").filter(Boolean) }),
    );
  });
}
