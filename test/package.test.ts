import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "./support/harness.js";

const root = join(import.meta.dirname, "..");
const run = promisify(execFile);
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** The package as it stands in a user's node_modules, without the optional SQL driver. */
function installWithoutDriver(): string {
  const folder = join(temporaryFolder(), "node_modules", "herm-cli");
  mkdirSync(folder, { recursive: true });
  for (const part of ["bin", "dist", "package.json"]) {
    cpSync(join(root, part), join(folder, part), { recursive: true });
  }
  return folder;
}

async function herm(folder: string, words: readonly string[]) {
  const env = { PATH: process.env.PATH, HOME: temporaryFolder() };
  try {
    const done = await run(process.execPath, [join(folder, "bin", "herm.cjs"), ...words], { env });
    return { code: 0, ...done };
  } catch (error) {
    return error;
  }
}

describe("the package", () => {
  it("holds what is used and nothing else, in less than 1 MB", async () => {
    const packing = await run("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { cwd: root });
    const [{ files, size }] = JSON.parse(packing.stdout);
    const paths: string[] = files.map(({ path }: { path: string }) => path);
    const known = /^(dist\/(cli|api)\/.+\.(cjs|js|d\.ts|json)|bin\/herm\.cjs)$/;
    expect(paths.filter((path) => !known.test(path)).sort()).toEqual([
      "CHANGELOG.md",
      "LICENSE",
      "README.md",
      "dist/THIRD-PARTY-NOTICES.txt",
      "package.json",
    ]);
    expect(size).toBeLessThan(1_000_000);
  });

  it("installs nothing but the optional SQL driver and runs nothing at a user's", () => {
    expect(manifest.dependencies).toBeUndefined();
    expect(Object.keys(manifest.optionalDependencies)).toEqual(["libsql"]);
    const scripts = ["preinstall", "install", "postinstall", "prepare"];
    expect(scripts.filter((name) => name in manifest.scripts)).toEqual([]);
  });

  it("names every package that it bundles, with its licence", () => {
    const notices = readFileSync(join(root, "dist", "THIRD-PARTY-NOTICES.txt"), "utf8");
    const names = [...notices.matchAll(/^(\S+) \d\S* \([\w.-]+\)$/gm)].map(([, name]) => name);
    expect(names).toEqual(expect.arrayContaining(["chalk", "commander", "conf", "cronstrue", "eventsource"]));
  });

  it("works without the SQL driver, and says what the local server needs", async () => {
    const folder = installWithoutDriver();
    expect(await herm(folder, ["schedule", "explain", "@daily", "-o", "json"])).toMatchObject({ code: 0 });
    const remedy = "(libsql) isn't there: npm install --global --include=optional herm-cli brings it";
    const dev = await herm(folder, ["dev", "--memory", "--port", "0"]);
    expect(dev).toMatchObject({ code: 1, stderr: expect.stringContaining(remedy) });
    const local = await herm(folder, ["--local", "automations", "list"]);
    expect(local).toMatchObject({ code: 1, stderr: expect.stringContaining(remedy) });
  });

  it("is imported as the client by its name", async () => {
    const folder = installWithoutDriver();
    const home = join(folder, "..", "..");
    writeFileSync(
      join(home, "use.mjs"),
      'import Herm from "herm-cli"; console.log(typeof new Herm({ apiKey: "k" }).automations.list);',
    );
    expect(await run(process.execPath, [join(home, "use.mjs")])).toMatchObject({ stdout: "function\n" });
  });
});
