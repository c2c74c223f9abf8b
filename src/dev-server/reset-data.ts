import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { CliError, codeOf, exitCodes } from "../errors.js";
import { collectGarbage } from "./environment.js";
import { findOwner } from "./owner.js";
import { type ServerFileAccess, serverPaths } from "./server-files.js";
import { openStore } from "./store/store.js";

/**
 * Counts what is in a data file that no server has; throws DataFileBusyError, and CliError for what is no data of
 * ours.
 */
export async function countData(dataFile: string): Promise<{ automations: number; runs: number }> {
  try {
    const store = await openStore(dataFile);
    const counts = store.counts();
    store.close();
    return counts;
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw refused(`${dataFile} isn't data of the local server (${codeOf(error)})`, error);
  }
}

/**
 * Renames a data file, so that the next server begins anew, and removes what was put aside before. Gives back the new
 * name. Nobody else has it then: servers open it under the same lock. Throws as `countData`.
 */
export async function renameData(files: ServerFileAccess, dataFile: string, now: Date): Promise<string> {
  const { opening } = serverPaths(dataFile);
  const time = now.toISOString().replace(/[-:]|\.\d+/g, "");
  const renamed = `${dataFile}.${time}.old`;
  await files.withLock(opening, async () => {
    await countData(dataFile);
    if (existsSync(renamed)) throw refused(`${renamed} already exists`);
    await collectGarbage();
    try {
      renameSync(dataFile, renamed);
    } catch (error) {
      throw refused(`${dataFile} can't be renamed (${codeOf(error)})`, error);
    }
  });
  await removeOlder(files, dataFile, renamed);
  return renamed;
}

/** Deletes earlier copies, except one that a server still uses. */
async function removeOlder(files: ServerFileAccess, dataFile: string, renamed: string): Promise<void> {
  const [folder, name] = [dirname(dataFile), basename(dataFile)];
  for (const each of readdirSync(folder)) {
    const path = join(folder, each);
    const isOlder = each.startsWith(`${name}.`) && /^\d{8}T\d{6}Z\.old$/.test(each.slice(name.length + 1));
    if (!isOlder || path === renamed || (await findOwner(files, path))) continue;
    for (const part of ["", "-wal", "-journal"]) rmSync(path + part, { force: true });
  }
}

function refused(message: string, cause?: unknown): CliError {
  return new CliError(message, exitCodes.unexpected, "file", { cause });
}
