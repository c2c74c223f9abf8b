import { existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeFolders } from "../../src/files/folders.js";
import { temporaryFolder } from "../support/harness.js";

const modeOf = (path: string) => statSync(path).mode & 0o777;

describe("makeFolders", () => {
  it("creates missing folders with the mode, and leaves existing ones unchanged", () => {
    const root = temporaryFolder();
    mkdirSync(join(root, "there"), { mode: 0o755 });
    makeFolders(join(root, "there", "a", "b"), 0o700);
    makeFolders(join(root, "there", "a", "b"), 0o711);
    expect(["there", "there/a", "there/a/b"].map((path) => modeOf(join(root, path)))).toEqual([
      0o755, 0o700, 0o700,
    ]);
  });

  it("follows links to folders", () => {
    const root = temporaryFolder();
    mkdirSync(join(root, "real"));
    symlinkSync(join(root, "real"), join(root, "link"));
    makeFolders(join(root, "link", "a"));
    expect(existsSync(join(root, "real", "a"))).toBe(true);
  });

  it("reports a file that's in the way", () => {
    const file = join(temporaryFolder(), "file");
    writeFileSync(file, "");
    expect(() => makeFolders(join(file, "a", "b"))).toThrow("ENOTDIR");
  });

  it.skipIf(!existsSync("/proc/self"))("stops trying if no folder can be created", () => {
    expect(() => makeFolders("/proc/self/herm/a")).toThrow("ENOENT");
  });
});
