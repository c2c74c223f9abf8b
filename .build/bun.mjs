/** Bun as a compiler, which makes one executable from an entry and everything that it imports. */
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

/** Bytecode for everything, in pieces, so that a command reads only what it imports. Keeps names, for errors. */
const bundled = {
  bytecode: true,
  minify: { syntax: true, whitespace: true },
  format: "esm",
  splitting: true,
  external: ["libsql"],
};

/**
 * Doesn't compile anything to machine code at first (bin/standalone.ts). Ignores settings in the working folder, which
 * are its owner's and not meant for this command.
 */
const started = {
  jitPolicy: 10,
  autoloadDotenv: false,
  autoloadBunfig: false,
  autoloadTsconfig: false,
  autoloadPackageJson: false,
};

/** True if `compile` has all that it needs for this machine, without fetching anything. */
export function canCompile() {
  return isFetched(thisPlatform(), kept);
}

/** This machine's Bun, as a program that runs TypeScript; fetched if it is missing. */
export function ownBun() {
  return fetchedBun(thisPlatform(), kept);
}

/** Makes the executable for a platform. This machine's Bun compiles it, and the platform's Bun goes into it. */
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
 * Writes the source maps for an entry's executable, one for each piece, with sources named from the root. They aren't
 * shipped, because they would cost time at every start; the same sources always produce the same maps.
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
