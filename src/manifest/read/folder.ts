import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { tryJson } from "../../api/json.js";
import { isInside } from "../../files/folders.js";
import { readTextFile } from "./text-file.js";

/** Contents of a folder that `-f` names; paths begin as the folder was given. */
export interface FolderContents {
  files: string[];
  /** Folders in it that are not read, although they hold manifests. */
  skipped: string[];
  unreadable: string[];
}

/** Most files of all folders: far more than a fleet has deployments. */
export const mostFiles = 10_000;
/** Most files and folders to look at for manifests in folders that are not read. */
const mostLookedAt = 5_000;

export const hasManifestName = (name: string) => /\.(ya?ml|json)$/i.test(name);
/** True for names that never are manifests, whatever they hold. */
const isIgnored = (name: string) => name.startsWith(".") || name === "node_modules";

/**
 * Lists a folder's manifests, with `isRecursive` also those of folders in it. Links to folders, dot files and
 * `node_modules` don't count. Throws the system's error for a path that can't be resolved.
 */
export async function listFolder(
  path: string,
  { cwd, isRecursive }: { cwd: string; isRecursive: boolean },
): Promise<FolderContents> {
  const lister = new FolderLister(cwd, await realpath(resolve(cwd, path)));
  await lister.list(path, isRecursive);
  return { files: lister.files, skipped: lister.skipped, unreadable: lister.unreadable };
}

class FolderLister {
  readonly files: string[] = [];
  readonly skipped: string[] = [];
  readonly unreadable: string[] = [];
  #lookedAt = 0;

  /** `top`: the folder that was given, without links. */
  constructor(
    private readonly cwd: string,
    private readonly top: string,
  ) {}

  async list(path: string, isRecursive: boolean): Promise<void> {
    const entries = await this.#entriesOf(path).catch(() => undefined);
    if (entries === undefined) this.unreadable.push(path);
    for (const entry of entries ?? []) {
      const inner = join(path, entry.name);
      if (isRecursive && entry.isDirectory()) await this.list(inner, isRecursive);
      else if (hasManifestName(entry.name)) this.files.push(inner);
      else if (await this.#isSkippedFolder(inner, entry)) this.skipped.push(inner);
      if (this.files.length > mostFiles) return;
    }
  }

  async #entriesOf(path: string): Promise<Dirent[]> {
    const entries = await readdir(resolve(this.cwd, path), { withFileTypes: true });
    return entries
      .filter(({ name }) => !isIgnored(name))
      .sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  async #isSkippedFolder(path: string, entry: Dirent): Promise<boolean> {
    if (entry.isDirectory()) return this.#holdsManifests(path);
    if (!entry.isSymbolicLink() || !(await isFolder(resolve(this.cwd, path)))) return false;
    const real = await realpath(resolve(this.cwd, path));
    return real !== this.top && !isInside(real, this.top) && this.#holdsManifests(path);
  }

  /** Counts a folder that can't be listed, or holds too much, as yes: what is pruned is gone. */
  async #holdsManifests(path: string): Promise<boolean> {
    const entries = await this.#entriesOf(path).catch(() => undefined);
    if (entries === undefined) return true;
    for (const entry of entries) {
      this.#lookedAt += 1;
      if (this.#lookedAt > mostLookedAt) return true;
      const inner = join(path, entry.name);
      const holds = entry.isDirectory()
        ? await this.#holdsManifests(inner)
        : hasManifestName(entry.name) &&
          (await readTextFile(resolve(this.cwd, inner)).then(looksLikeManifest, () => false));
      if (holds) return true;
    }
    return false;
  }
}

export async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/**
 * True for text with one of `manifestKeys` at its top, found without parsing: for files that are not read, or can't be.
 */
export function looksLikeManifest(text: string): boolean {
  const anyKey = `["']?(${manifestKeys.join("|")})["']?`;
  if (new RegExp(`^${anyKey}[ \\t]*:`, "m").test(text)) return true;
  if (!text.trimStart().startsWith("{")) return false;
  const parsed = tryJson(text);
  const keys = parsed === undefined ? undefined : Object.keys(parsed as object);
  return keys === undefined ? new RegExp(`${anyKey}\\s*:`).test(text) : keys.some(isManifestKey);
}

const manifestKeys: readonly unknown[] = ["automations", "removed", "leaving"];

export function isManifestKey(key: unknown): boolean {
  return manifestKeys.includes(key);
}
