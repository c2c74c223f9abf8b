/**
 * Builds dist/: the command as lazily loaded CJS files, the client as one ESM file with its types.
 * esbuild splits only ESM, so the command is split as ESM first and each piece is then turned into CJS,
 * which starts faster. Written into a temporary folder and renamed; does nothing when no input has changed.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(fileURLToPath(import.meta.url));
const dist = join(root, "dist");

function inputsHash() {
  const hash = createHash("sha256").update(process.version);
  const files = readdirSync(join(root, "src"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  for (const file of [
    ...files.sort(),
    join(root, ".build.mjs"),
    join(root, "package.json"),
    join(root, "package-lock.json"),
  ]) {
    hash.update(file.slice(root.length)).update("\0").update(readFileSync(file)).update("\0");
  }
  return hash.digest("hex");
}

/** What every call runs, and what most do: each group and what it imports at once lie in one file, without what is in an earlier one. */
const groups = {
  base: ["main", "system-context", "help/print-help"],
  core: [
    "program",
    "report",
    "api/client",
    ...["list", "get", "pause", "resume", "trigger"].map((name) => `commands/automations/${name}`),
    ...["list", "show", "watch"].map((name) => `commands/runs/${name}`),
    ...["events", "deployments/list", "schedule/explain"].map((name) => `commands/${name}`),
  ],
};

/** What is large and seldom needed keeps files of its own: the local server, and the libraries that write or ask. */
const seldom =
  /^src\/dev-server\/|node_modules\/(?!(commander|get-east-asian-width|croner|cronstrue|eventsource|eventsource-parser|chalk)\/)/;

/** The file that each piece goes into: a group's, `rest`, or one of its own. */
function filesOfPieces(outputs) {
  const fixed = (path) =>
    outputs[path].imports
      .filter(({ kind, external }) => kind === "import-statement" && !external)
      .map((each) => each.path);
  const files = new Map();
  for (const [group, names] of Object.entries(groups)) {
    const queue = names.map((name) =>
      Object.keys(outputs).find((path) => outputs[path].entryPoint === `src/${name}.ts`),
    );
    for (const path of queue) {
      if (files.has(path)) continue;
      files.set(path, group);
      queue.push(...fixed(path));
    }
  }
  const isSmall = (path) => outputs[path].bytes < 1_000 && fixed(path).every((each) => files.has(each));
  const isSeldom = (path) => Object.keys(outputs[path].inputs).some((source) => seldom.test(source));
  const others = Object.keys(outputs).filter((path) => !files.has(path));
  const small = new Set(others.filter(isSmall));
  for (const path of others) files.set(path, small.has(path) ? "core" : isSeldom(path) ? "own" : "rest");
  return Object.fromEntries([...files].map(([path, file]) => [basename(path), file]));
}

/** Writes the command's pieces; returns the files that they were made from. */
async function buildCommand(esbuild, outdir) {
  const split = await esbuild.build({
    absWorkingDir: root,
    entryPoints: { main: "src/main.ts", "system-context": "src/system-context.ts" },
    outdir,
    outExtension: { ".js": ".cjs" },
    chunkNames: "[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20.17",
    external: ["libsql"],
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "none",
    write: false,
    metafile: true,
    logLevel: "warning",
  });
  mkdirSync(outdir, { recursive: true });
  const { outputs } = split.metafile;
  const files = filesOfPieces(outputs);
  const packs = { base: [], core: [], rest: [] };
  for (const file of split.outputFiles) {
    const { code } = await esbuild.transform(file.text, {
      format: "cjs",
      platform: "node",
      target: "node20.17",
      supported: { "dynamic-import": false },
      minifySyntax: true,
      minifyWhitespace: true,
      logLevel: "error",
    });
    const name = basename(file.path);
    const pack = files[name];
    const reference = pack === "own" ? 'require("./start.cjs").load' : "require";
    const linked = code.replace(/require\("\.\/([\w-]+)\.cjs"\)/g, (call, each) => {
      const target = files[`${each}.cjs`];
      return target === "own" ? call : `${reference}("${target}/${each}")`;
    });
    if (pack === "own") writeFileSync(file.path, linked);
    else packs[pack].push(`"${pack}/${name.replace(/\.cjs$/, "")}"(module, exports, require) {\n${linked}}`);
  }
  for (const [pack, pieces] of Object.entries(packs)) {
    writeFileSync(join(outdir, `${pack}.js`), `({\n${pieces.join(",\n")}\n})\n`);
  }
  const sources = Object.entries(outputs).map(([path, { inputs }]) => {
    const name = basename(path);
    return [files[name] === "own" ? name : `${files[name]}/${basename(path, ".cjs")}`, Object.keys(inputs)];
  });
  writeFileSync(join(dirname(outdir), ".pieces.json"), JSON.stringify(Object.fromEntries(sources)));
  await buildStart(esbuild, outdir);
  writeFileSync(join(outdir, "package.json"), '{"type":"commonjs"}\n');
  return Object.keys(split.metafile.inputs);
}

/** What loads the pieces. */
async function buildStart(esbuild, outdir) {
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: { start: "src/start.ts" },
    outdir,
    outExtension: { ".js": ".cjs" },
    define: { BUILD_ID: JSON.stringify(stamp.slice(0, 16)) },
    bundle: true,
    format: "cjs",
    platform: "node",
    target: "node20.17",
    minifySyntax: true,
    minifyWhitespace: true,
    logLevel: "warning",
  });
}

async function buildClient(esbuild, outdir) {
  const { metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: { index: "src/api/index.ts" },
    outdir,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20.17",
    metafile: true,
    logLevel: "warning",
  });
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const options = ["--emitDeclarationOnly", "--declaration", "--target", "ES2022", "--module", "NodeNext"];
  options.push("--strict", "--skipLibCheck", "--outDir", outdir, "--rootDir", "src/api");
  execFileSync(process.execPath, [tsc, ...options, "src/api/index.ts"], { cwd: root, stdio: "inherit" });
  return Object.keys(metafile.inputs);
}

/** The licence of every package that something was bundled from. Throws for one that has none. */
function thirdPartyNotices(inputs) {
  const folders = new Set();
  for (const input of inputs) {
    const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (found !== null) folders.add(found[1]);
  }
  const notices = [...folders].map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    const file = readdirSync(join(root, folder)).find((each) => /^licen[cs]e/i.test(each));
    if (file === undefined) throw new Error(`${name} is bundled and brings no licence text`);
    const text = readFileSync(join(root, folder, file), "utf8")
      .replaceAll("\r\n", "\n")
      .trim();
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  const rule = `\n${"-".repeat(78)}\n\n`;
  return `herm-cli contains code of these packages.\n${rule}${notices.sort().join(rule)}`;
}

const stamp = inputsHash();
const stampFile = join(dist, ".inputs");
if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) process.exit(0);

const esbuild = await import("esbuild");
const fresh = `${dist}.${process.pid}.tmp`;
const old = `${dist}.${process.pid}.old`;
try {
  const inCommand = await buildCommand(esbuild, join(fresh, "cli"));
  const inClient = await buildClient(esbuild, join(fresh, "api"));
  writeFileSync(join(fresh, "THIRD-PARTY-NOTICES.txt"), thirdPartyNotices([...inCommand, ...inClient]));
  writeFileSync(join(fresh, ".inputs"), stamp);
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(fresh, dist);
} finally {
  rmSync(fresh, { recursive: true, force: true });
  rmSync(old, { recursive: true, force: true });
}
