/** Bun as a compiler: an executable of an entry, with everything in it. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { signedAdHoc } from "./adhoc-signature.mjs";
import { root } from "./esbuild-options.mjs";
import { fetchedBun, isFetched } from "./fetch-bun.mjs";
import { platforms, thisPlatform } from "./platforms.mjs";

const kept = join(root, "node_modules", ".cache", "herm-binary");

/** Bytecode of everything, so that little is parsed at the start; names stay, for errors. */
const small = ["--minify-syntax", "--minify-whitespace", "--bytecode", "--format=cjs"];

/** A folder's own settings are its owner's, not this command's. */
const closed = ["dotenv", "bunfig", "tsconfig", "package-json"].map(
  (name) => `--no-compile-autoload-${name}`,
);

/** Whether `compile` has what it needs for this machine, and won't fetch it. */
export function canCompile() {
  return isFetched(thisPlatform(), kept);
}

/** Makes an executable of a platform. This machine's Bun compiles; the platform's is what goes into it. */
export function compile({ entry, outfile, platform = thisPlatform() }) {
  const compiler = fetchedBun(thisPlatform(), kept);
  const runtime = fetchedBun(platform, kept);
  execFileSync(
    compiler,
    [
      "build",
      "--compile",
      `--target=${platforms[platform].target}`,
      `--compile-executable-path=${runtime}`,
      ...small,
      ...closed,
      "--external=libsql",
      entry,
      `--outfile=${outfile}`,
    ],
    { cwd: root, stdio: ["ignore", "ignore", "inherit"] },
  );
  if (platform.startsWith("darwin")) writeFileSync(outfile, signedAdHoc(readFileSync(outfile), "herm"));
}
