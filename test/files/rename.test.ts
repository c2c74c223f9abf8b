import fs, { readFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { createPrivateFiles } from "../../src/files/private-files.js";
import { self } from "../settings/self.js";
import { freshFolder } from "../settings/spawn-writer.js";

/** From now until the test ends, this many renames fail, as on Windows while the file is being read. */
function failRenames(count: number, code: string): void {
  const { renameSync } = fs;
  const replace = (rename: typeof renameSync) => {
    fs.renameSync = rename;
    syncBuiltinESMExports();
  };
  onTestFinished(() => replace(renameSync));
  let left = count;
  replace((from, to) => {
    left -= 1;
    if (left >= 0) throw Object.assign(new Error(`${code}: rename`), { code });
    renameSync(from, to);
  });
}

describe("a file locked by another program that reads it", () => {
  const files = createPrivateFiles(self);

  it.each(["EPERM", "EACCES", "EBUSY"])("is replaced once the other program finishes (%s)", (code) => {
    const path = join(freshFolder(), "own", "file");
    files.write(path, "old");
    failRenames(3, code);
    files.write(path, "new");
    expect(readFileSync(path, "utf8")).toBe("new");
  });

  it("stays unchanged after a second, with the real reason reported", () => {
    const path = join(freshFolder(), "own", "file");
    files.write(path, "old");
    failRenames(1000, "EPERM");
    expect(() => files.write(path, "new")).toThrow(/file can't be written \(EPERM\)$/);
    expect(readFileSync(path, "utf8")).toBe("old");
  });

  it("is given up at once after any other error", () => {
    const path = join(freshFolder(), "own", "file");
    files.write(path, "old");
    failRenames(1, "EXDEV");
    expect(() => files.write(path, "new")).toThrow(/\(EXDEV\)$/);
  });
});
