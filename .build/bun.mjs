/** Bun as a compiler: an executable of an entry, with everything in it. */
import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { signedAdHoc } from "./adhoc-signature.mjs";
import { closedRuntime } from "./closed-runtime.mjs";
import { root } from "./esbuild-options.mjs";
import { fetchedBun, isFetched } from "./fetch-bun.mjs";
import { platforms, thisPlatform } from "./platforms.mjs";
import { namedForWindows } from "./windows-version.mjs";

const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const kept = join(root, "node_modules", ".cache", "herm-binary");

/** Bytecode of everything, so that little is parsed at the start; names stay, for errors. */
const small = ["--minify-syntax", "--minify-whitespace", "--bytecode"];

/** A command reads only the pieces that it imports, and compiles nothing to machine code in its first moments (bin/standalone.ts). */
const quick = ["--format=esm", "--splitting", "--compile-jit-policy=10"];

/** What common commands run, which then lies together: written by .build/bytecode-order.mjs. */
export const orderFile = join(root, ".build", "bytecode.order");

/** A folder's own settings are its owner's, not this command's. */
const closed = ["dotenv", "bunfig", "tsconfig", "package-json"].map(
  (name) => `--no-compile-autoload-${name}`,
);

/** Whether `compile` has what it needs for this machine, and won't fetch it. */
export function canCompile() {
  return isFetched(thisPlatform(), kept);
}

/** The Bun of this machine, as a program that runs TypeScript, fetched where it isn't there yet. */
export function ownBun() {
  return fetchedBun(thisPlatform(), kept);
}

/**
 * Makes an executable of a platform. This machine's Bun compiles; the platform's is what goes into it, closed. An open
 * one is for what Bun records of a run when a variable of its own says so (BUN_BYTECODE_ORDER_OUT).
 */
export function compile({ entry, outfile, platform = thisPlatform(), isOpen = false, flags = [] }) {
  const compiler = ownBun();
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
      ...quick,
      `--bytecode-order=${orderFile}`,
      ...closed,
      ...flags,
      "--external=libsql",
      entry,
      `--outfile=${outfile}`,
    ],
    { cwd: root, stdio: ["ignore", "ignore", "inherit"] },
  );
  const label = labels[platform.split("-", 1)[0]];
  if (label !== undefined) writeFileSync(outfile, label(readFileSync(outfile)));
}

/** What a system reads of a program, where Bun leaves what was its own. */
const labels = {
  darwin: (program) => signedAdHoc(program, "herm"),
  windows: (program) => namedForWindows(program, "herm", manifest),
};

/**
 * Writes the source maps of an entry's executable, one for each piece, their sources named from the root. They aren't kept
 * in what is shipped, where they would cost time at every start; made again from the same sources they are the same.
 */
export function writeMapsOf({ entry, folder }) {
  mkdirSync(dirname(folder), { recursive: true });
  const fresh = mkdtempSync(`${folder}.`);
  try {
    const outfile = join(fresh, "herm");
    compile({ entry, outfile, flags: ["--sourcemap=external"] });
    rmSync(outfile);
    for (const name of readdirSync(fresh)) {
      const map = JSON.parse(readFileSync(join(fresh, name), "utf8"));
      writeFileSync(join(fresh, name), JSON.stringify({ ...map, sourcesContent: undefined }));
    }
    renameSync(fresh, folder);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}
