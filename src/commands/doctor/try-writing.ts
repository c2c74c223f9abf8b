import { randomBytes } from "node:crypto";
import { existsSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { explain } from "../../files/file-error.js";
import { upwards } from "../../files/folders.js";
import { makeFolders } from "../../files/make-folders.js";

/** As much as a file of herm's own takes at least: an empty one goes onto a full disk. */
const probeBytes = 4096;

/** Writes a file into a folder, which need not be there yet, and leaves nothing of it. Throws FileError. */
export function tryWriting(folder: string): void {
  const missing = upwards(folder).filter((each) => !existsSync(each));
  const file = join(folder, `.doctor.${randomBytes(8).toString("hex")}.tmp`);
  try {
    explain(folder, "can't be made", () => makeFolders(folder, 0o700));
    explain(folder, "can't be written", () => writeFileSync(file, Buffer.alloc(probeBytes), { flag: "wx" }));
  } finally {
    rmSync(file, { force: true });
    for (const each of missing) removeIfEmpty(each);
  }
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // It was never made, or somebody else has put something there meanwhile.
  }
}
