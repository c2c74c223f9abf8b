import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { CodeCache } from "../../src/startup/code-cache.js";
import { commandFile, isExecutable } from "../support/command-file.js";
import { temporaryFolder } from "../support/harness.js";
import { spawnHerm } from "../support/spawn.js";

const uid = process.getuid?.() ?? 0;
/** Otherwise tests share one folder. */
const ownCache = { XDG_CACHE_HOME: undefined };
const compiled = { code: Buffer.from([1, 10, 0, 255, 32]), pieces: ["core/main", "core/list"] };

function inFolder({ owner = uid, name = "core-1" } = {}) {
  const folder = join(temporaryFolder(), "cache", "herm");
  const cache = new CodeCache({ folder, name, uid: owner, pid: 7 });
  return { folder, cache, file: join(folder, name) };
}

describe("cached code", () => {
  it("is read back as written, and is private", () => {
    const { cache, folder, file } = inFolder();
    expect(cache.read()).toBeUndefined();
    cache.write(compiled);
    expect(cache.read()).toEqual(compiled);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(["core-1"]);
  });

  it.each<[what: string, damage: (file: string, content: Buffer) => void]>([
    ["cut short", (file, content) => writeFileSync(file, content.subarray(0, -1))],
    ["half there", (file, content) => writeFileSync(file, content.subarray(0, content.length / 2))],
    ["changed in one byte", (file, content) => writeFileSync(file, content.fill(9, 3, 4))],
    ["empty", (file) => writeFileSync(file, "")],
    ["without a first line", (file) => writeFileSync(file, "xx")],
    ["writable by others", (file) => chmodSync(file, 0o622)],
    ["in a folder that others can write to", (file) => chmodSync(join(file, ".."), 0o770)],
    [
      "a link",
      (file) => {
        renameSync(file, `${file}.real`);
        symlinkSync(`${file}.real`, file);
      },
    ],
  ])("is not run if it is %s", (_what, damage) => {
    const { cache, file } = inFolder();
    cache.write(compiled);
    damage(file, readFileSync(file));
    expect(cache.read()).toBeUndefined();
  });

  it("is neither run nor overwritten if it belongs to another user", () => {
    const { folder, cache } = inFolder();
    cache.write(compiled);
    const foreign = new CodeCache({ folder, name: "core-1", uid: uid + 1, pid: 7 });
    expect(foreign.read()).toBeUndefined();
    foreign.write({ ...compiled, code: Buffer.from("other") });
    expect(cache.read()).toEqual(compiled);
  });

  it("is abandoned silently if it can't be saved", () => {
    const { cache, folder } = inFolder();
    mkdirSync(join(folder, ".."), { recursive: true });
    writeFileSync(folder, "a file");
    cache.write(compiled);
    expect(cache.read()).toBeUndefined();
  });

  it("is removed if it is from an earlier version, except for a few", () => {
    const { folder } = inFolder();
    for (let version = 1; version <= 40; version += 1) {
      new CodeCache({ folder, name: `core-${version}`, uid, pid: 7 }).write(compiled);
    }
    expect(readdirSync(folder).length).toBeLessThan(36);
    expect(readdirSync(folder)).toContain("core-40");
  });
});

// The executable contains its compiled code.
describe.skipIf(isExecutable)("the built command", () => {
  const cli = join(import.meta.dirname, "..", "..", "dist", "cli");

  it("names cached code by its source, since V8 checks only the length", () => {
    const hash = createHash("sha256");
    for (const pack of ["base", "core", "more", "rest"]) hash.update(readFileSync(join(cli, `${pack}.js`)));
    const start = readFileSync(join(cli, "start.cjs"), "utf8");
    expect(start.includes(`-${hash.digest("hex").slice(0, 16)}-`)).toBe(true);
  });

  it("reports mismatched files instead of ending silently", async () => {
    const copy = temporaryFolder();
    cpSync(join(cli, ".."), join(copy, "dist"), { recursive: true });
    cpSync(commandFile, join(copy, "bin", "herm.cjs"));
    cpSync(join(cli, "..", "..", "package.json"), join(copy, "package.json"));
    const core = join(copy, "dist", "cli", "core.js");
    writeFileSync(core, readFileSync(core, "latin1").replaceAll('\n"core/', '\n"c0re/'), "latin1");
    const env = { HOME: copy, PATH: process.env.PATH };
    const run = promisify(execFile)(
      process.execPath,
      [join(copy, "bin", "herm.cjs"), "config", "list", "-q"],
      {
        env,
      },
    );
    expect(await run.catch((error: unknown) => error)).toMatchObject({
      code: 1,
      stdout: "",
      stderr:
        "error: herm failed, and so did telling why: its files don't fit together\nhint: install it anew\n",
    });
  });

  it("caches each command's code separately, and none for unknown commands", async () => {
    const home = temporaryFolder();
    const files = () =>
      readdirSync(join(home, ".cache", "herm")).map((file) => file.replace(/-[0-9a-f]{16}-.*/, ""));
    await spawnHerm(["--help"], { home, env: ownCache });
    expect(files()).toEqual(["base"]);
    await spawnHerm(["config", "list", "-q"], { home, env: ownCache });
    await spawnHerm(["auto", "ls", "--help"], { home, env: ownCache });
    await spawnHerm(["auto", "../../x"], { home, env: ownCache });
    expect(files().sort()).toEqual([
      "base",
      "core-automations-list",
      "core-config-list",
      "core-none",
      "more-none",
      "rest-config-list",
      "rest-none",
    ]);
  });

  it.skipIf(!existsSync("/proc/self"))("still exits if its cache folder can't be created", async () => {
    expect(
      await spawnHerm(["config", "list", "-q"], { env: { XDG_CACHE_HOME: "/proc/self" } }),
    ).toMatchObject({
      code: 0,
      stderr: "",
    });
  });

  it("compiles once, prints the same with a cache, and survives damage", async () => {
    const home = temporaryFolder();
    const folder = join(home, ".cache", "herm");
    const run = () => spawnHerm(["schedule", "explain", "@daily", "-o", "json"], { home, env: ownCache });
    const { stdout: first } = await run();
    const kept = readdirSync(folder).map((file) => [file, statSync(join(folder, file)).ino]);
    expect(await run()).toMatchObject({ code: 0, stdout: first, stderr: "" });
    expect(readdirSync(folder).map((file) => [file, statSync(join(folder, file)).ino])).toEqual(kept);
    for (const [file] of kept) {
      const path = join(folder, String(file));
      const content = readFileSync(path);
      writeFileSync(path, content.fill(0, 5_000, 9_000));
    }
    expect(await run()).toMatchObject({ code: 0, stdout: first, stderr: "" });
  });
});
