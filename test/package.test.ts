import { execFile } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startServer, temporaryFolder } from "./support/harness.js";
import { hasBothDrivers } from "./support/projects.js";

const root = join(import.meta.dirname, "..");
const run = promisify(execFile);
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** The files that the registry would get. */
let packed: { folder: string; tarball: string; paths: string[]; size: number };

// npm won't start without a home.
const npm = (words: string[], home: string) =>
  run("npm", words, { cwd: root, env: { ...process.env, HOME: home } });

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "herm-package-"));
  const words = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder];
  const [{ filename, files, size }] = JSON.parse((await npm(words, folder)).stdout);
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

/** npm without a registry or its cache. */
const offline = () => ["--offline", "--no-audit", "--no-fund", "--cache", temporaryFolder()];

function sizeOf(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

/** Runs the package's command on a Node without its own SQL driver. */
async function herm(command: string, words: readonly string[]) {
  const without = hasBothDrivers ? { NODE_OPTIONS: "--no-experimental-sqlite" } : {};
  const env = { PATH: process.env.PATH, HOME: temporaryFolder(), ...without };
  try {
    const done = await run(process.execPath, [command, ...words], { env });
    return { code: 0, ...done };
  } catch (error) {
    return error;
  }
}

describe("the package", () => {
  it("contains only used files, in less than 1 MB", () => {
    const known =
      /^(dist\/(cli|api)\/.+\.(cjs|js|d\.ts|json)|dist\/man\/man[17]\/herm[\w-]*\.[17]|bin\/herm\.cjs)$/;
    expect(packed.paths.filter((path) => !known.test(path)).sort()).toEqual([
      "CHANGELOG.md",
      "LICENSE",
      "README.md",
      "dist/THIRD-PARTY-NOTICES.txt",
      "dist/sbom.cdx.json",
      "package.json",
      "src/api/CLIENT.md",
    ]);
    expect(packed.size).toBeLessThan(1_000_000);
  });

  it("installs only itself, in less than 4 MB, and runs no install script", async () => {
    const project = temporaryFolder();
    writeFileSync(join(project, "package.json"), "{}");
    await npm(["install", "--prefix", project, ...offline(), packed.tarball], project);
    const listed = JSON.parse(readFileSync(join(project, "node_modules", ".package-lock.json"), "utf8"));
    expect(Object.keys(listed.packages)).toEqual(["node_modules/herm-cli"]);
    expect(sizeOf(join(project, "node_modules"))).toBeLessThan(4_000_000);
    const scripts = ["preinstall", "install", "postinstall", "prepare"];
    expect(scripts.filter((name) => name in manifest.scripts)).toEqual([]);
  });

  it("puts its man pages where man finds them under npm's prefix", async () => {
    expect(manifest.man.filter((path: string) => !packed.paths.includes(path))).toEqual([]);
    const prefix = temporaryFolder();
    await npm(["install", "--global", "--prefix", prefix, ...offline(), packed.tarball], prefix);
    for (const path of manifest.man) {
      const linked = join(prefix, "share", path.replace(/^dist\//, ""));
      expect(readFileSync(linked)).toEqual(readFileSync(join(root, path)));
    }
  });

  it("lists every bundled package, with its licence", () => {
    const notices = readFileSync(join(root, "dist", "THIRD-PARTY-NOTICES.txt"), "utf8");
    const names = [...notices.matchAll(/^(\S+) \d\S* \([\w.-]+\)$/gm)].map(([, name]) => name);
    expect(names).toEqual(expect.arrayContaining(["chalk", "commander", "conf", "cronstrue", "eventsource"]));
  });

  it.each([
    ["globally", "lib", false, "npm install --global libsql"],
    ["in a project", "project", true, "npm install libsql"],
    ["by npx", "_npx/0123456789abcdef", true, "npx --package libsql --package herm-cli herm"],
  ])(
    "works without an SQL driver if installed %s, and says how to add one",
    async (_, place, isProject, remedy) => {
      const { home } = await installWithoutDriver();
      const folder = join(home, place);
      mkdirSync(folder, { recursive: true });
      renameSync(join(home, "node_modules"), join(folder, "node_modules"));
      if (isProject) writeFileSync(join(folder, "package.json"), "{}");
      // As in npm's `.bin`.
      const command = join(home, "herm");
      symlinkSync(join(folder, "node_modules", "herm-cli", "bin", "herm.cjs"), command);
      expect(await herm(command, ["schedule", "explain", "@daily", "-o", "json"])).toMatchObject({ code: 0 });
      const stderr = `error: the local server needs libsql on this version of Node; to add it: ${remedy}\n`;
      expect(await herm(command, ["dev", "--memory", "--port", "0"])).toMatchObject({ code: 1, stderr });
      expect(await herm(command, ["--local", "automations", "list"])).toMatchObject({
        code: 1,
        stderr: expect.stringContaining(remedy),
      });
    },
  );

  it.runIf(hasBothDrivers)("runs the local server with Node's own SQLite, without a warning", async () => {
    const { command } = await installWithoutDriver();
    const home = temporaryFolder();
    const env = { PATH: process.env.PATH, HOME: home };
    const call = (...words: string[]) => run(process.execPath, [command, "--local", ...words], { env });
    try {
      expect((await call("automations", "list", "-o", "json")).stdout).toBe("[]\n");
      expect(await call("automations", "list", "-o", "json")).toMatchObject({ stderr: "" });
    } finally {
      await run(process.execPath, [command, "dev", "stop"], { env });
    }
  });
});

describe("the client in the package", () => {
  const page = () => readFileSync(join(root, "src", "api", "CLIENT.md"), "utf8");
  const examples = (language: string) =>
    [...page().matchAll(/^```(\w+)\n(.*?)^```$/gms)].flatMap(([, name, code]) =>
      name === language ? code : [],
    );

  /** tsc's output for the page's examples and the consumer above, which it compiles to modules in the folder. */
  async function compile(home: string, options: object, files = ["use.ts", "page.ts"]): Promise<string> {
    writeFileSync(join(home, "package.json"), '{"type":"module"}');
    writeFileSync(join(home, "page.ts"), examples("ts").join(""));
    writeFileSync(join(home, "use.ts"), consumer);
    // Checks our types, not those of TypeScript itself.
    const checked = { strict: true, skipLibCheck: false, skipDefaultLibCheck: true };
    const compilerOptions = { target: "ES2022", types: [], ...checked, ...options };
    writeFileSync(join(home, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
    const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
    const failed = (failure: { stdout: string }) => failure;
    return (await run(process.execPath, [tsc, "-p", home]).catch(failed)).stdout;
  }

  it.each([
    ["bundler", { module: "ESNext", moduleResolution: "bundler", lib: ["ES2022", "DOM"] }],
    [
      "nodenext, with Node's types",
      {
        module: "NodeNext",
        lib: ["ES2022"],
        types: ["node"],
        typeRoots: [join(root, "node_modules", "@types")],
      },
    ],
  ])("has types that compile under %s", async (_, options) => {
    const { home } = await installWithoutDriver();
    expect(await compile(home, options)).toBe("");
  });

  it("has types that compile without those of the web or Node", async () => {
    const { home } = await installWithoutDriver();
    writeFileSync(join(home, "bare.ts"), bare);
    expect(await compile(home, { module: "NodeNext", lib: ["ES2022"] }, ["use.ts", "bare.ts"])).toBe("");
  });

  /** The output of the examples, which use the local server. */
  async function printed(home: string, words: readonly string[]): Promise<string> {
    const server = await startServer();
    const { url } = await server.listen();
    const env = { HERM_API_URL: url, HERM_API_KEY: server.apiKey };
    return (await run(process.execPath, words, { cwd: home, env })).stdout;
  }

  const whole =
    /^Weekly video variations req_\w+ .+ GMT\nWeekly video variations null\nsearch\ncompleted \nWorking \n(.*\n)+no such automation\nDELETE http:.+\n$/;

  it("has types for nodenext with the web's, and runs the examples on its page", async () => {
    const { home } = await installWithoutDriver();
    expect(await compile(home, { module: "NodeNext", lib: ["ES2022", "DOM"] })).toBe("");
    expect(await printed(home, ["page.js"])).toMatch(whole);
  });

  it("requires only web APIs", async () => {
    const { home } = await installWithoutDriver();
    writeFileSync(join(home, "page.ts"), examples("ts").join(""));
    writeFileSync(join(home, "web.mjs"), web);
    const options = { entryPoints: [join(home, "page.ts")], outfile: join(home, "page.mjs") };
    // It refuses every import of a Node module.
    await build({ ...options, bundle: true, format: "esm", platform: "neutral", target: "es2022" });
    expect(await printed(home, ["--experimental-vm-modules", "web.mjs"])).toMatch(whole);
  });

  it("loads in CommonJS as its page describes", async () => {
    const { home } = await installWithoutDriver();
    const [code = ""] = examples("cjs");
    // Below 20.19, there is only import().
    const isRequired = "require_module" in process.features;
    writeFileSync(join(home, "use.cjs"), isRequired ? code : code.replace("require(", "await import("));
    const { stdout } = await run(process.execPath, [join(home, "use.cjs")]);
    expect(stdout).toBe("true\n");
  });

  it("keeps the name of every class", async () => {
    const exported = await import(join(root, "dist", "api", "index.js"));
    const classes = Object.entries<{ name: string }>(exported).filter(
      ([, value]) => typeof value === "function",
    );
    expect(classes.length).toBeGreaterThan(20);
    expect(classes.filter(([name, value]) => name !== "default" && value.name !== name)).toEqual([]);
  });

  it("documents every error on its page", () => {
    const errors = readFileSync(join(root, "src", "api", "errors.ts"), "utf8");
    const names = [...errors.matchAll(/^export class (\w+)/gm)].map(([, name = ""]) => name);
    expect(names.filter((name) => !page().includes(`\`${name}\``))).toEqual([]);
  });
});

/** Each wrong line must be refused, so that a type that became `any` is noticed. */
const consumer = `
import Herm, { ApiError, type AttemptInfo, type Automation, type FetchLike } from "herm-cli";
import type { HermOptions, RunOptions, RunOutcome } from "herm-cli";

const fetch: FetchLike | undefined = undefined;
const onAttempt = ({ method, url, status, delayMs }: AttemptInfo) => [method, url, status, delayMs];
const options: HermOptions = { apiKey: "k", maxRetries: 0, fetch, onAttempt };
const herm = new Herm(options);
export async function names(deployment_id: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of herm.automations.list(deployment_id)) names.push(name ?? "");
  const wanted = { name: "A", schedule: "0 9 * * *", instructions: "hi" };
  const made: Automation = await herm.automations.create(deployment_id, wanted);
  // @ts-expect-error the id is a string
  const id: number = made.automation_id;
  const { data, requestId, headers } = await herm.automations.get(deployment_id, made.automation_id).withResponse();
  names.push(data.recent_runs[0]?.run_id ?? requestId ?? headers.get("x") ?? "");
  const first = await herm.automations.list(deployment_id).withResponse();
  if (first.data.hasNextPage()) names.push(first.data.data[0]?.name ?? "");
  // @ts-expect-error a run has several
  herm.automations.run(deployment_id, made.automation_id).withResponse();
  // @ts-expect-error a schedule is missing
  await herm.automations.create(deployment_id, { name: "A", instructions: String(id) });
  return names;
}
export async function said(deployment_id: string, automation_id: string): Promise<string> {
  const headers = { "x-trace": "1" };
  const onEvent: RunOptions["onEvent"] = (event) => event.type === "token" && event.delta;
  const options = { headers, maxRetries: 0, onEvent };
  const outcome: RunOutcome = await herm.automations.run(deployment_id, automation_id, options);
  const page = await herm.automations.list(deployment_id).catch(() => undefined);
  let text = outcome.question ?? String((await page?.getNextPage())?.data.length);
  for await (const event of await herm.deployments.events.stream(deployment_id, {}, { lastEventId: "evt_1" })) {
    if (event.type === "token") text += event.delta;
    else if (event.type === undefined) text += event.event + event.data;
    // @ts-expect-error only a token has it
    else text += event.delta;
  }
  return text;
}
// @ts-expect-error for tests alone
new Herm({ sleep: async () => undefined });
// @ts-expect-error the command's
herm.automations.get("dep_1", "auto_1", { beforeResend: async () => undefined });
// @ts-expect-error the command's
herm.deployments.events.open("dep_1");
export const statusOf = (error: unknown): number => (error instanceof ApiError ? error.status : 0);
`;

/** If neither the web's types nor Node's are there, the client's types don't add them. */
const bare = `
import { Herm } from "herm-cli";

// @ts-expect-error no such global
export type Signal = AbortSignal;
// @ts-expect-error no such global
export type Address = URL;
export const got = new Herm().deployments.get("dep_1", { signal: { aborted: false } });
`;

/** Runs a module without anything from Node, except the variables with the server's address. */
const web = `
import { readFileSync } from "node:fs";
import vm from "node:vm";
const names = ["AbortController", "Event", "EventTarget", "MessageEvent", "TextDecoder", "TextEncoder", "URL",
  "URLSearchParams", "clearTimeout", "console", "fetch", "performance", "setTimeout"];
const globals = Object.fromEntries(names.map((name) => [name, globalThis[name]]));
const context = vm.createContext({ ...globals, process: { env: process.env } });
const page = new vm.SourceTextModule(readFileSync("page.mjs", "utf8"), { context });
await page.link(() => undefined);
await page.evaluate();
`;
