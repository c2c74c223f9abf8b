import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const memory = "/dev/shm";
const enoughBytes = 1_000_000_000;

/**
 * Puts the temporary folders of all tests into memory if the system has a folder for that, because making and removing
 * them on a disk took a third of the tests' time.
 */
export default function setup(): (() => void) | undefined {
  const folder = folderInMemory();
  if (folder === undefined) return undefined;
  process.env.TMPDIR = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

/**
 * A new folder in memory with enough space for the tests, in which files can be executed, unlike in a container;
 * undefined: none.
 */
function folderInMemory(): string | undefined {
  let folder: string | undefined;
  try {
    const { bavail, bsize } = statfsSync(memory);
    if (bavail * bsize < enoughBytes) return undefined;
    folder = mkdtempSync(join(memory, "herm-"));
    // Tests also run processes of other users in it.
    chmodSync(folder, 0o711);
    const program = join(folder, "runs");
    writeFileSync(program, "#!/bin/sh\n", { mode: 0o700 });
    execFileSync(program);
    return folder;
  } catch {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    return undefined;
  }
}
