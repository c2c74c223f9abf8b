/**
 * Builds dist-binary/: executables with the command and Bun in them, for machines without Node. `herm` is this
 * platform's; with `--all` or `--platform <name>` there is `herm-<platform>` of each. Written into a temporary folder
 * and renamed. The parts are in .build/.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { compile } from "./.build/bun.mjs";
import { root } from "./.build/esbuild-options.mjs";
import { wanted } from "./.build/platforms.mjs";
import { parts, runtimeNotices } from "./.build/runtime-notices.mjs";
import { billOfMaterials, ofRuntime } from "./.build/sbom.mjs";

const folder = join(root, "dist-binary");
const fresh = `${folder}.${process.pid}.tmp`;

async function build(executables) {
  const notices = runtimeNotices();
  for (const { platform, file } of executables) {
    compile({ entry: "bin/standalone.ts", outfile: join(fresh, file), platform });
  }
  const bytes = executables.map(({ file }) => readFileSync(join(fresh, file)));
  const sums = executables.map(({ file }, at) => `${sha256(bytes[at])}  ${file}\n`);
  writeFileSync(join(fresh, "SHA256SUMS"), sums.join(""));
  const ofPackages = readFileSync(join(root, "dist", "THIRD-PARTY-NOTICES.txt"), "utf8");
  writeFileSync(join(fresh, "THIRD-PARTY-NOTICES.txt"), `${ofPackages}\n${notices}`);
  const { components } = JSON.parse(readFileSync(join(root, "dist", "sbom.cdx.json"), "utf8"));
  writeFileSync(join(fresh, "sbom.cdx.json"), billOfMaterials([...components, ...parts.map(ofRuntime)]));
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
  for (const [at, { platform, file }] of executables.entries()) {
    const size = `dist-binary/${file}  ${megabytes(bytes[at])}`;
    // Packing takes longer than building: it is tried for what a release gets.
    const packed = file.includes(platform) ? `, ${megabytes(await promisify(gzip)(bytes[at]))} packed` : "";
    process.stdout.write(`${size}${packed}\n`);
  }
}

function sha256(bytes) {
  return createHash("sha256").update(bytes).digest("hex");
}

function megabytes({ length }) {
  return `${(length / 1e6).toFixed(1)} MB`;
}

try {
  const executables = wanted(process.argv.slice(2));
  mkdirSync(fresh);
  await build(executables);
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
