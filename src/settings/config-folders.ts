import { isAbsolute, join, resolve } from "node:path";
import { exampleProfile, localProfile } from "./profile-name.js";

export interface FolderEnvironment {
  readonly env: { readonly [name: string]: string | undefined };
  readonly cwd: string;
  readonly home: string;
}

export function configFolder(environment: FolderEnvironment): string {
  return folderOf(environment, "CONFIG", ".config");
}

/** The folder of all other data: incidents, history, local servers. */
export function dataFolder(environment: FolderEnvironment): string {
  return folderOf(environment, "DATA", join(".local", "share"));
}

export function localDataFile(dataDir: string, profile = localProfile): string {
  return join(dataDir, profile === exampleProfile ? "example.db" : "dev.db");
}

function folderOf(environment: FolderEnvironment, kind: "CONFIG" | "DATA", fallback: string): string {
  const own = environment.env[`HERM_${kind}_DIR`];
  if (own) return resolve(environment.cwd, own);
  const shared = environment.env[`XDG_${kind}_HOME`];
  // The XDG specification ignores relative paths.
  if (shared && isAbsolute(shared)) return join(shared, "herm");
  return join(environment.home, fallback, "herm");
}
