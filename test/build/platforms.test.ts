import { execFile } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { isFetched } from "../../.build/fetch-bun.mjs";
import { platforms, wanted } from "../../.build/platforms.mjs";

const root = join(import.meta.dirname, "..", "..");
const names = Object.keys(platforms);

describe("the choice of executables to build", () => {
  it("defaults to this platform, with the command's name", () => {
    expect(wanted([], "linux-x64")).toEqual([{ platform: "linux-x64", file: "herm" }]);
    expect(wanted([], "windows-x64")).toEqual([{ platform: "windows-x64", file: "herm.exe" }]);
  });

  it("with --platform is a single executable, named after its platform", () => {
    expect(wanted(["--platform", "linux-arm64"], "linux-x64")).toEqual([
      { platform: "linux-arm64", file: "herm-linux-arm64" },
    ]);
  });

  it("includes every executable with --all", () => {
    expect(wanted(["--all"], "linux-x64").map(({ file }) => file)).toEqual([
      "herm-linux-x64",
      "herm-linux-arm64",
      "herm-linux-x64-musl",
      "herm-darwin-arm64",
      "herm-darwin-x64",
      "herm-windows-x64.exe",
    ]);
  });

  it.each([
    ["--everything"],
    ["--platform"],
    ["--all", "linux-x64"],
    ["--platform", "linux-x64", "linux-arm64"],
  ])("fails with a usage error for %s %s %s", (...words) => {
    expect(() => wanted(words, "linux-x64")).toThrow(/^usage: npm run build:binary/);
  });

  it.each([[[]], [["--all"]]])("fails on an unsupported machine with the arguments %j", (words) => {
    expect(() => wanted(words, "freebsd-x64")).toThrow("no executable is built for freebsd-x64");
    expect(isFetched("freebsd-x64", root)).toBe(false);
  });
});

it("an unknown --platform lists the known ones, and builds no executable", async () => {
  const folder = join(root, "dist-binary");
  const modified = () => (existsSync(folder) ? statSync(folder).mtimeMs : undefined);
  const before = modified();
  const run = promisify(execFile)(process.execPath, [".build-binary.mjs", "--platform", "toString"], {
    cwd: root,
  });
  await expect(run).rejects.toMatchObject({
    code: 1,
    stdout: "",
    stderr: `no executable is built for toString; for these: ${names.join(", ")}\n`,
  });
  expect(modified()).toBe(before);
});

it("every Bun is pinned by its own SHA-512", () => {
  const checksums = Object.values(platforms).map(({ integrity }) => integrity);
  expect(new Set(checksums).size).toBe(names.length);
  for (const each of checksums) expect(Buffer.from(each.replace(/^sha512-/, ""), "base64")).toHaveLength(64);
});
