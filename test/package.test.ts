import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "./support/harness.js";

const root = join(import.meta.dirname, "..");
const run = promisify(execFile);
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** What the registry would be given. */
let packed: { folder: string; tarball: string; paths: string[]; size: number };

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "herm-package-"));
  const words = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder];
  const [{ filename, files, size }] = JSON.parse((await run("npm", words, { cwd: root })).stdout);
  const paths = files.map(({ path }: { path: string }) => path);
  packed = { folder, tarball: join(folder, filename), paths, size };
});
afterAll(() => rmSync(packed.folder, { recursive: true, force: true }));

/** A folder with the packed package in its node_modules, without the optional SQL driver. */
async function installWithoutDriver(): Promise<{ home: string; command: string }> {
  const home = temporaryFolder();
  mkdirSync(join(home, "node_modules"));
  await run("tar", ["-xzf", packed.tarball, "-C", home]);
  const folder = join(home, "node_modules", "herm-cli");
  renameSync(join(home, "package"), folder);
  return { home, command: join(folder, "bin", "herm.cjs") };
}

async function herm(command: string, words: readonly string[]) {
  const env = { PATH: process.env.PATH, HOME: temporaryFolder() };
  try {
    const done = await run(process.execPath, [command, ...words], { env });
    return { code: 0, ...done };
  } catch (error) {
    return error;
  }
}

describe("the package", () => {
  it("holds what is used and nothing else, in less than 1 MB", () => {
    const known =
      /^(dist\/(cli|api)\/.+\.(cjs|js|d\.ts|json)|dist\/man\/man[17]\/herm[\w-]*\.[17]|bin\/herm\.cjs)$/;
    expect(packed.paths.filter((path) => !known.test(path)).sort()).toEqual([
      "CHANGELOG.md",
      "LICENSE",
      "README.md",
      "dist/THIRD-PARTY-NOTICES.txt",
      "package.json",
    ]);
    expect(packed.size).toBeLessThan(1_000_000);
  });

  it("installs nothing but the optional SQL driver and runs nothing at a user's", () => {
    expect(manifest.dependencies).toBeUndefined();
    expect(Object.keys(manifest.optionalDependencies)).toEqual(["libsql"]);
    const scripts = ["preinstall", "install", "postinstall", "prepare"];
    expect(scripts.filter((name) => name in manifest.scripts)).toEqual([]);
  });

  it("puts its man pages where man looks for those of npm's prefix", async () => {
    expect(manifest.man.filter((path: string) => !packed.paths.includes(path))).toEqual([]);
    const prefix = temporaryFolder();
    const quiet = ["--offline", "--omit=optional", "--no-audit", "--no-fund", "--cache", temporaryFolder()];
    await run("npm", ["install", "--global", "--prefix", prefix, ...quiet, packed.tarball]);
    for (const path of manifest.man) {
      const linked = join(prefix, "share", path.replace(/^dist\//, ""));
      expect(readFileSync(linked)).toEqual(readFileSync(join(root, path)));
    }
  });

  it("names every package that it bundles, with its licence", () => {
    const notices = readFileSync(join(root, "dist", "THIRD-PARTY-NOTICES.txt"), "utf8");
    const names = [...notices.matchAll(/^(\S+) \d\S* \([\w.-]+\)$/gm)].map(([, name]) => name);
    expect(names).toEqual(expect.arrayContaining(["chalk", "commander", "conf", "cronstrue", "eventsource"]));
  });

  it("works without the SQL driver, and says what the local server needs", async () => {
    const { command } = await installWithoutDriver();
    expect(await herm(command, ["schedule", "explain", "@daily", "-o", "json"])).toMatchObject({ code: 0 });
    const remedy = "(libsql) isn't there: npm install --global --include=optional herm-cli brings it";
    const dev = await herm(command, ["dev", "--memory", "--port", "0"]);
    expect(dev).toMatchObject({ code: 1, stderr: expect.stringContaining(remedy) });
    const local = await herm(command, ["--local", "automations", "list"]);
    expect(local).toMatchObject({ code: 1, stderr: expect.stringContaining(remedy) });
  });

  it("is imported as the client by its name", async () => {
    const { home } = await installWithoutDriver();
    writeFileSync(
      join(home, "use.mjs"),
      'import Herm from "herm-cli"; console.log(typeof new Herm({ apiKey: "k" }).automations.list);',
    );
    expect(await run(process.execPath, [join(home, "use.mjs")])).toMatchObject({ stdout: "function\n" });
  });

  it("has types that stand beside Node's", async () => {
    const { home } = await installWithoutDriver();
    writeFileSync(join(home, "use.mts"), consumer);
    const compilerOptions = {
      target: "ES2022",
      module: "NodeNext",
      strict: true,
      noEmit: true,
      types: ["node"],
      typeRoots: [join(root, "node_modules", "@types")],
    };
    writeFileSync(join(home, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["use.mts"] }));
    const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
    const checked = await run(process.execPath, [tsc, "-p", home]).catch((failure: unknown) => failure);
    expect(checked).toMatchObject({ stdout: "" });
  });
});

/** Each line that is wrong must be refused, so that a type which became `any` is seen. */
const consumer = `
import Herm, { ApiError, type Automation, type FetchLike, type HermOptions } from "herm-cli";

const fetch: FetchLike | undefined = undefined;
const options: HermOptions = { apiKey: "k", maxRetries: 0, fetch };
const herm = new Herm(options);
export async function names(deploymentId: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of herm.automations.list(deploymentId)) names.push(name ?? "");
  const wanted = { name: "A", schedule: "0 9 * * *", instructions: "hi" };
  const made: Automation = await herm.automations.create(deploymentId, wanted);
  // @ts-expect-error the id is a string
  const id: number = made.automation_id;
  // @ts-expect-error a schedule is missing
  await herm.automations.create(deploymentId, { name: "A", instructions: String(id) });
  return names;
}
export const statusOf = (error: unknown): number => (error instanceof ApiError ? error.status : 0);
`;
