/**
 * Builds dist/: the command as lazily loaded CJS files, the client as one ESM file with its types, their source maps,
 * the man pages, and what is bundled: its licences and an SBOM. Written into a temporary folder and renamed; does nothing when no input has changed. The parts are
 * in .build/.
 */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./.build/esbuild-options.mjs";
import { inputsHash } from "./.build/inputs-hash.mjs";

const dist = join(root, "dist");
const stamp = inputsHash();
const stampFile = join(dist, ".inputs");
if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) process.exit(0);

const { buildCommand } = await import("./.build/command.mjs").catch((error) => {
  const [, missing] = /^Cannot find package '(.+?)'/.exec(error.message) ?? [];
  if (missing === undefined) throw error;
  console.error(`${missing} isn't installed; to install what builds herm: npm ci --include=dev`);
  process.exit(1);
});
const { buildClient } = await import("./.build/client.mjs");
const { buildManPages } = await import("./.build/man-pages.mjs");
const { packagesOf, thirdPartyNotices } = await import("./.build/notices.mjs");
const { billOfMaterials, ofPackage } = await import("./.build/sbom.mjs");
const fresh = `${dist}.${process.pid}.tmp`;
const old = `${dist}.${process.pid}.old`;
try {
  const inCommand = await buildCommand(fresh);
  const [inClient] = await Promise.all([buildClient(fresh), buildManPages(fresh)]);
  const packages = packagesOf([...inCommand, ...inClient]);
  writeFileSync(join(fresh, "THIRD-PARTY-NOTICES.txt"), thirdPartyNotices(packages));
  writeFileSync(join(fresh, "sbom.cdx.json"), billOfMaterials(packages.map(ofPackage)));
  writeFileSync(join(fresh, ".inputs"), stamp);
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(fresh, dist);
} finally {
  rmSync(fresh, { recursive: true, force: true });
  rmSync(old, { recursive: true, force: true });
}
