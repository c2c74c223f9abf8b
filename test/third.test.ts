import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { commitBefore, third } from "./support/third.js";

afterEach(() => vi.unstubAllEnvs());

/** The cases that each of three commits would try. */
function thirds(cases: readonly number[], shift: number): number[][] {
  return ["0", "1", "2"].map((chosen) => {
    vi.stubEnv("HERM_TEST_THIRD", chosen);
    return third(cases, shift);
  });
}

describe("a third of the cases", () => {
  const anyCases = fc.nat(40).map((count) => Array.from({ length: count }, (_, at) => at));

  it("completes the other two thirds, and is never empty", () => {
    fc.assert(
      fc.property(anyCases, fc.nat(10), (cases, shift) => {
        const tried = thirds(cases, shift);
        expect([...new Set(tried.flat())].toSorted((one, other) => one - other)).toEqual(cases);
        const lengths = tried.map(({ length }) => length);
        expect(Math.min(...lengths)).toBeGreaterThanOrEqual(Math.min(cases.length, 1));
        expect(Math.max(...lengths)).toBeLessThanOrEqual(Math.ceil(cases.length / 3));
      }),
    );
  });

  it("is the next third for the next command", () => {
    const [first, second] = thirds([0, 1, 2, 3], 0);
    const [shifted] = thirds([0, 1, 2, 3], 1);
    expect([first, second, shifted]).toEqual([[0, 3], [1], [1]]);
  });

  it("includes all cases in a run that tries all", () => {
    vi.stubEnv("HERM_TEST_THIRD", "all");
    expect(third([0, 1, 2], 1)).toEqual([0, 1, 2]);
  });
});

describe("the commit that selects a third", () => {
  it("is HEAD's parent, or HEAD with changes, even in a shallow clone", () => {
    const folder = emptyFolder();
    const git = gitIn(folder);
    git("init", "--quiet");
    const commits = ["one", "two"].map((name) => {
      writeFileSync(join(folder, name), "");
      git("add", ".");
      git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-m", `parent 1\n\nparent 2`);
      return BigInt(`0x${git("rev-parse", "HEAD").trim()}`);
    });
    expect(commitBefore(folder)).toBe(commits[0]);
    const shallow = join(emptyFolder(), "clone");
    git("clone", "--quiet", "--depth", "1", `file://${folder}`, shallow);
    expect(commitBefore(shallow)).toBe(commits[0]);
    writeFileSync(join(folder, "three"), "");
    expect(commitBefore(folder)).toBe(commits[1]);
  });

  it("is missing outside of git, which selects the first third", () => {
    expect(commitBefore(emptyFolder())).toBe(0n);
  });
});

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "herm-third-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function gitIn(cwd: string) {
  return (...words: string[]) => execFileSync("git", words, { cwd, encoding: "utf8" });
}
