import { randomBytes } from "node:crypto";
import type { ServerFileAccess } from "./owner.js";

/** A key for a local server: it opens nothing else. */
export function newKey(): string {
  return `herm_dev_${randomBytes(24).toString("base64url")}`;
}

/** The key that is kept in the file; a new one is written there if there is none, or no whole one. */
export function loadOrCreateKey(files: ServerFileAccess, path: string): Promise<string> {
  return files.withLock(path, () => {
    const saved = files.read(path)?.trim();
    if (saved !== undefined && isKey(saved)) return saved;
    const key = newKey();
    files.write(path, `${key}\n`);
    return key;
  });
}

/** True for printable ASCII without spaces, which can be sent as a key. */
export function isKey(text: string): boolean {
  return /^[\x21-\x7e]{1,512}$/.test(text);
}
