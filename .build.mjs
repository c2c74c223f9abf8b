/**
 * Builds dist/: the command as lazily loaded CJS files, the client as one ESM file with its types.
 * esbuild splits only ESM, so the command is split as ESM first and each piece is then turned into CJS,
 * which starts faster. Written into a temporary folder and renamed; does nothing when no input has changed.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
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
  for (const file of split.outputFiles) {
    const piece = await esbuild.transform(file.text, {
      format: "cjs",
      platform: "node",
      target: "node20.17",
      supported: { "dynamic-import": false },
      logLevel: "error",
    });
    writeFileSync(file.path, piece.code);
  }
  writeFileSync(join(outdir, "package.json"), '{"type":"commonjs"}\n');
  return Object.keys(split.metafile.inputs);
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
