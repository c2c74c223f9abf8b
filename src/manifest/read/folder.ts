import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { tryJson } from "../../api/json.js";
import { isInside } from "../../files/folders.js";
import { readTextFile, TooLargeError } from "./text-file.js";

/** Maximum number of files in all folders, far more than a fleet has deployments. */
export const mostFiles = 10_000;
/** Maximum number of files and folders to search for manifests in folders that aren't read. */
const mostLookedAt = 5_000;

export const hasManifestName = (name: string) => /\.(ya?ml|json)$/i.test(name);
/** True for the names of files that are never manifests, whatever their content. */
const isIgnored = (name: string) => name.startsWith(".") || name === "node_modules";

/**
 * Lists a folder's manifests, with `isRecursive` also those of its subfolders. Skips links to folders, dot files and
 * `node_modules`. Paths start with the given folder. Throws the system's error for a path that can't be resolved.
 */
export async function listFolder(
  folder: string,
  { cwd, isRecursive }: { cwd: string; isRecursive: boolean },
) {
  const top = await realpath(resolve(cwd, folder));
  const files: string[] = [];
  /** Subfolders that aren't read although they contain manifests. */
  const skipped: string[] = [];
  const unreadable: string[] = [];
  let lookedAt = 0;
  await list(folder);
  return { files, skipped, unreadable };

  async function list(path: string): Promise<void> {
    const entries = await entriesOf(path);
    if (entries === undefined) unreadable.push(path);
    for (const entry of entries ?? []) {
      const inner = join(path, entry.name);
      if (isRecursive && entry.isDirectory()) await list(inner);
      else if (hasManifestName(entry.name)) files.push(inner);
      else if (await isSkippedFolder(inner, entry)) skipped.push(inner);
      if (files.length > mostFiles) return;
    }
  }

  /** Lists the relevant entries, sorted by name; undefined if that fails. */
  async function entriesOf(path: string): Promise<Dirent[] | undefined> {
    const entries = await readdir(resolve(cwd, path), { withFileTypes: true }).catch(() => undefined);
    return entries
      ?.filter(({ name }) => !isIgnored(name))
      .sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  async function isSkippedFolder(path: string, entry: Dirent): Promise<boolean> {
    if (entry.isDirectory()) return holdsManifests(path);
    if (!entry.isSymbolicLink() || !(await isFolder(resolve(cwd, path)))) return false;
    const real = await realpath(resolve(cwd, path));
    return real !== top && !isInside(real, top) && holdsManifests(path);
  }

  /** True if a folder contains manifests, or if that can't be ruled out, because pruning is irreversible. */
  async function holdsManifests(path: string): Promise<boolean> {
    for (const entry of (await entriesOf(path)) ?? [undefined]) {
      lookedAt += 1;
      if (entry === undefined || lookedAt > mostLookedAt) return true;
      const inner = join(path, entry.name);
      const isManifest = () => readTextFile(resolve(cwd, inner)).then(looksLikeManifest, () => false);
      if (entry.isDirectory() && (await holdsManifests(inner))) return true;
      if (!entry.isDirectory() && hasManifestName(entry.name) && (await isManifest())) return true;
    }
    return false;
  }
}

/** Lists the manifests in a folder that aren't in `read`, by path or real path; an unreadable file counts as one. */
export async function unreadManifests(
  folder: string,
  { read, ...options }: { cwd: string; isRecursive: boolean; read: ReadonlySet<string> },
): Promise<string[]> {
  const { files } = await listFolder(folder, options);
  const unread: string[] = [];
  for (const file of files) {
    const path = resolve(options.cwd, file);
    if (read.has(path) || read.has(await realpath(path).catch(() => path))) continue;
    const isManifest = await readTextFile(path).then(
      looksLikeManifest,
      (error: unknown) => !(error instanceof TooLargeError),
    );
    if (isManifest) unread.push(file);
  }
  return unread;
}

export async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** True for text with one of `manifestKeys` at the top level; doesn't parse, so that it works for unreadable files. */
export function looksLikeManifest(text: string): boolean {
  const anyKey = `["']?(${manifestKeys.join("|")})["']?`;
  if (new RegExp(`^${anyKey}[ \\t]*:`, "m").test(text)) return true;
  if (!text.trimStart().startsWith("{")) return false;
  const parsed = tryJson(text);
  const keys = parsed === undefined ? undefined : Object.keys(parsed as object);
  return keys === undefined ? new RegExp(`${anyKey}\\s*:`).test(text) : keys.some(isManifestKey);
}

/** `leaving` is obsolete; a file with it is read in order to report that. */
const manifestKeys: readonly unknown[] = ["automations", "removed", "leaving"];

export function isManifestKey(key: unknown): boolean {
  return manifestKeys.includes(key);
}
