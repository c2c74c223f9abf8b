import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { CliError, codeOf, exitCodes, NotPossibleError } from "../errors/cli-errors.js";
import { collectGarbage } from "./environment.js";
import { findOwner, type ServerFileAccess, serverPaths } from "./owner.js";
import { openStore } from "./store/store.js";

/** Counts the objects in a data file without a server; throws DataFileBusyError, and CliError for a foreign file. */
export async function countData(dataFile: string): Promise<{ automations: number; runs: number }> {
  try {
    const store = await openStore(dataFile);
    const counts = store.counts();
    store.close();
    return counts;
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw refused(`${dataFile} isn't local server data (${codeOf(error)})`, error);
  }
}

/**
 * Renames a data file, so that the next server starts afresh, and removes earlier copies. Returns the new name. No
 * server can open the file meanwhile, because opening it needs the same lock. Throws what `countData` throws.
 */
export async function renameData(files: ServerFileAccess, dataFile: string, now: Date): Promise<string> {
  const renamed = nameOfCopy(dataFile, now);
  await files.withLock(serverPaths(dataFile).opening, () => rename(dataFile, renamed));
  await removeOlder(files, dataFile, renamed);
  return renamed;
}

/**
 * Restores the latest copy, and renames the current data; returns that data's new name, if there was any. Throws
 * NotPossibleError without a copy, and what `countData` throws.
 */
export async function restoreData(
  files: ServerFileAccess,
  dataFile: string,
  now: Date,
): Promise<string | undefined> {
  return files.withLock(serverPaths(dataFile).opening, async () => {
    const copy = copiesOf(dataFile).at(-1);
    if (copy === undefined) throw new NotPossibleError(`there is no reset of ${dataFile} to undo`);
    const renamed = existsSync(dataFile) ? nameOfCopy(dataFile, now) : undefined;
    if (renamed !== undefined) await rename(dataFile, renamed);
    await rename(copy, dataFile);
    return renamed;
  });
}

async function rename(path: string, target: string): Promise<void> {
  await countData(path);
  if (existsSync(target)) throw refused(`${target} already exists`);
  await collectGarbage();
  try {
    renameSync(path, target);
  } catch (error) {
    throw refused(`${path} can't be renamed (${codeOf(error)})`, error);
  }
}

function nameOfCopy(dataFile: string, now: Date): string {
  return `${dataFile}.${now.toISOString().replace(/[-:]|\.\d+/g, "")}.old`;
}

/** The copies that resets made, oldest first. */
function copiesOf(dataFile: string): string[] {
  const [folder, name] = [dirname(dataFile), basename(dataFile)];
  const isCopy = (each: string) =>
    each.startsWith(`${name}.`) && /^\d{8}T\d{6}Z\.old$/.test(each.slice(name.length + 1));
  return (existsSync(folder) ? readdirSync(folder) : [])
    .filter(isCopy)
    .sort()
    .map((each) => join(folder, each));
}

/** Deletes earlier copies, except one that a server still uses. */
async function removeOlder(files: ServerFileAccess, dataFile: string, renamed: string): Promise<void> {
  for (const path of copiesOf(dataFile)) {
    if (path === renamed || (await findOwner(files, path))) continue;
    for (const part of ["", "-wal", "-journal"]) rmSync(path + part, { force: true });
  }
}

function refused(message: string, cause?: unknown): CliError {
  return new CliError(message, exitCodes.unexpected, "file", { cause });
}
