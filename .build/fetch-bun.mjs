/** Fetches Bun from npm when it is needed, and keeps it, so that not every clone has to install it. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { bunVersion, platforms } from "./platforms.mjs";

/** Returns a platform's Bun below `kept`; fetches it if it is missing. Throws if its checksum is wrong. */
export function fetchedBun(platform, kept) {
  const { bun, integrity } = platforms[platform];
  const file = fileOf(platform, kept);
  if (!existsSync(file)) fetchProgram({ name: `@oven/${bun}`, version: bunVersion, integrity }, file);
  return file;
}

/** True if a platform's Bun has been fetched. */
export function isFetched(platform, kept) {
  return Object.hasOwn(platforms, platform) && existsSync(fileOf(platform, kept));
}

function fileOf(platform, kept) {
  return join(kept, bunVersion, platforms[platform].bun);
}

/**
 * Writes the program from a package, `bin/bun` or `bin/bun.exe`, to `file`. It is fetched, checked and unpacked beside
 * `file` and renamed at the end, so that `file` is always complete.
 * @public for its test, which calls it in another process
 */
export function fetchProgram({ name, version, integrity }, file) {
  mkdirSync(join(file, ".."), { recursive: true });
  const folder = mkdtempSync(`${file}.`);
  try {
    const archive = fetchArchive(`${name}@${version}`, folder);
    const algorithm = integrity.split("-", 1)[0];
    const found = `${algorithm}-${createHash(algorithm).update(readFileSync(archive)).digest("base64")}`;
    if (found !== integrity) {
      throw new Error(
        `${name}@${version} isn't what it should be: its checksum is ${found} instead of ${integrity}`,
      );
    }
    execFileSync("tar", ["-xzf", archive], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
    const bin = join(folder, "package", "bin");
    renameSync(join(bin, readdirSync(bin)[0]), file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** npm checks the archive against the registry's checksum, and handles mirrors, proxies and its own cache. */
function fetchArchive(spec, folder) {
  try {
    execFileSync("npm", ["pack", spec, "--loglevel=error"], {
      cwd: folder,
      stdio: ["ignore", "ignore", "inherit"],
      shell: process.platform === "win32",
    });
  } catch {
    throw new Error(`npm couldn't fetch ${spec}`);
  }
  return join(folder, readdirSync(folder)[0]);
}
