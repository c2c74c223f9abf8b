/** Bun as a compiler: an executable of an entry, with everything in it. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { signedAdHoc } from "./adhoc-signature.mjs";
import { closedRuntime } from "./closed-runtime.mjs";
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

/**
 * Makes an executable of a platform. This machine's Bun compiles; the platform's is what goes into it, closed. An open
 * one is for what Bun records of a run when a variable of its own says so (BUN_BYTECODE_ORDER_OUT).
 */
export function compile({ entry, outfile, platform = thisPlatform(), isOpen = false, flags = [] }) {
  const compiler = fetchedBun(thisPlatform(), kept);
  const bun = fetchedBun(platform, kept);
  const runtime = isOpen ? bun : closedRuntime(bun);
  execFileSync(
    compiler,
    [
      "build",
      "--compile",
      `--target=${platforms[platform].target}`,
      `--compile-executable-path=${runtime}`,
      ...small,
      ...closed,
      ...flags,
      "--external=libsql",
      entry,
      `--outfile=${outfile}`,
    ],
    { cwd: root, stdio: ["ignore", "ignore", "inherit"] },
  );
  if (platform.startsWith("darwin")) writeFileSync(outfile, signedAdHoc(readFileSync(outfile), "herm"));
}

/**
 * Writes the source map of an entry's executable, its sources named from the root. It isn't kept in what is shipped, where
 * it would cost time at every start; made again from the same sources it is the same.
 */
export function writeMapOf({ entry, file }) {
  mkdirSync(dirname(file), { recursive: true });
  const folder = mkdtempSync(`${file}.`);
  try {
    compile({ entry, outfile: join(folder, "herm"), flags: ["--sourcemap=external"] });
    const map = JSON.parse(readFileSync(join(folder, "herm.map"), "utf8"));
    writeFileSync(file, JSON.stringify({ ...map, sourcesContent: undefined }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
