import { execFileSync } from "node:child_process";
import { givenSeed, isRandom, seed } from "./seed.js";

/**
 * Before anything runs, chooses which third of their cases generated walks try, and sets it for the workers. All in
 * `npm run test:random`; otherwise it depends on a given seed, or else on the commit before the tested code.
 */
export default function settleThird(): void {
  const chosen = givenSeed() ?? Number(commitBefore(import.meta.dirname) % 3n);
  process.env.HERM_TEST_THIRD = isRandom() ? "all" : String(chosen % 3);
}

/**
 * The cases of a command that are tried: every third case, and one case if there are fewer than three. `shift` makes
 * commands with the same cases take turns.
 */
export function third<T>(cases: readonly T[], shift = 0): T[] {
  const { HERM_TEST_THIRD: chosen = "all" } = process.env;
  if (chosen === "all") return [...cases];
  const first = ((Number(chosen) + shift) % 3) % cases.length;
  return cases.filter((_, at) => at % 3 === first);
}

/** This many runs of a property, or a third of them, which no other third draws. */
export function thirdOfRuns(numRuns: number): { numRuns: number; seed?: number } {
  const { HERM_TEST_THIRD: chosen = "all" } = process.env;
  if (chosen === "all") return { numRuns };
  return { numRuns: Math.ceil(numRuns / 3), seed: seed() + Number(chosen) };
}

/** Names the third that was tried; undefined if all were. */
export function thirdLine(): string | undefined {
  const { HERM_TEST_THIRD: chosen = "all" } = process.env;
  if (chosen === "all") return undefined;
  return `generated walks tried third ${Number(chosen) + 1} of 3; to try all: npm run test:random`;
}

/** The commit below the tested code: HEAD, or its parent if nothing has changed since; 0 without git. */
export function commitBefore(folder: string): bigint {
  const git = (...words: string[]) =>
    execFileSync("git", words, { cwd: folder, encoding: "utf8", stdio: "pipe" }).trim();
  try {
    const head = git("rev-parse", "HEAD");
    if (git("status", "--porcelain") !== "") return BigInt(`0x${head}`);
    // A shallow clone doesn't have the parent, but knows its name.
    const [header = ""] = git("cat-file", "commit", "HEAD").split("\n\n");
    return BigInt(`0x${/^parent (\w+)$/m.exec(header)?.[1] ?? head}`);
  } catch {
    return 0n;
  }
}
