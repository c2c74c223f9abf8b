import { randomBytes } from "node:crypto";
import { existsSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ignoreErrors, withFileErrors } from "./file-error.js";
import { ancestorFolders } from "./folders.js";
import { makeFolders } from "./make-folders.js";

/** The least that a file takes: an empty one goes onto a full disk. */
const probeBytes = 4096;

/**
 * Writes a file into a folder, which need not be there yet, and leaves nothing of it; `mode` is that of folders it makes.
 * Throws FileError, which names `shown`: the folder, or what is to be written there.
 */
export function tryWriting(
  folder: string,
  { mode, shown = folder }: { mode?: number; shown?: string } = {},
): void {
  const missing = ancestorFolders(folder).filter((each) => !existsSync(each));
  const file = join(folder, `.herm.${randomBytes(8).toString("hex")}.tmp`);
  try {
    withFileErrors(shown, shown === folder ? "can't be created" : "can't be written", () =>
      makeFolders(folder, mode),
    );
    withFileErrors(shown, "can't be written", () =>
      writeFileSync(file, Buffer.alloc(probeBytes), { flag: "wx" }),
    );
  } finally {
    ignoreErrors(() => rmSync(file));
    // Folders that were never made, or have something of somebody else's in them by now, stay.
    for (const each of missing) ignoreErrors(() => rmdirSync(each));
  }
}
