import { randomBytes } from "node:crypto";

/** A key for a local server: it opens nothing else. */
export function newKey(): string {
  return `herm_dev_${randomBytes(24).toString("base64url")}`;
}
