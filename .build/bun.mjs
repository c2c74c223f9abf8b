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
import { root } from "./esbuild-options.mjs";
import { fetchedBun, isFetched } from "./fetch-bun.mjs";
import { platforms, thisPlatform } from "./platforms.mjs";

const kept = join(root, "node_modules", ".cache", "herm-binary");

/** Bytecode of everything, in pieces, so that a command reads only what it imports; names stay, for errors. */
const bundled = {
  bytecode: true,
  minify: { syntax: true, whitespace: true },
  format: "esm",
  splitting: true,
  external: ["libsql"],
};

/**
 * Nothing is compiled to machine code in its first moments (bin/standalone.ts). A folder's own settings are its owner's,
 * not this command's.
 */
const started = {
  jitPolicy: 10,
  autoloadDotenv: false,
  autoloadBunfig: false,
  autoloadTsconfig: false,
  autoloadPackageJson: false,
};

/** Whether `compile` has what it needs for this machine, and won't fetch it. */
export function canCompile() {
  return isFetched(thisPlatform(), kept);
}

/** The Bun of this machine, as a program that runs TypeScript, fetched where it isn't there yet. */
export function ownBun() {
  return fetchedBun(thisPlatform(), kept);
}

/** Makes an executable of a platform. This machine's Bun compiles; the platform's is what goes into it. */
export function compile({ entry, outfile, platform = thisPlatform(), options = {} }) {
  const compiled = {
    ...started,
    target: platforms[platform].target,
    executablePath: fetchedBun(platform, kept),
    outfile,
  };
  const all = { ...bundled, ...options, entrypoints: [entry], compile: compiled };
  execFileSync(ownBun(), [join(root, ".build", "compile-in-bun.mjs"), JSON.stringify(all)], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (platform.startsWith("darwin-")) writeFileSync(outfile, signedAdHoc(readFileSync(outfile), "herm"));
}

/**
 * Writes the source maps of an entry's executable, one for each piece, their sources named from the root. They aren't kept
 * in what is shipped, where they would cost time at every start; made again from the same sources they are the same.
 */
export function writeMapsOf({ entry, folder }) {
  mkdirSync(dirname(folder), { recursive: true });
  const fresh = mkdtempSync(`${folder}.`);
  try {
    const outfile = join(fresh, "herm");
    compile({ entry, outfile, options: { sourcemap: "external" } });
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
