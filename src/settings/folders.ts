import { isAbsolute, join, resolve } from "node:path";
import { exampleProfile, localProfile } from "./profile-name.js";

/** What says where herm's folders are. */
export interface FolderPlaces {
  readonly env: { readonly [name: string]: string | undefined };
  readonly cwd: string;
  readonly home: string;
}

/** Where settings and keys are kept. */
export function configFolder(places: FolderPlaces): string {
  return folderOf(places, "CONFIG", ".config");
}

/** Where all else is kept: incidents, the history, the local server's data. */
export function dataFolder(places: FolderPlaces): string {
  return folderOf(places, "DATA", join(".local", "share"));
}

/** The data that a built-in profile uses. */
export function localDataFile(dataDir: string, profile = localProfile): string {
  return join(dataDir, profile === exampleProfile ? "example.db" : "dev.db");
}

function folderOf(places: FolderPlaces, kind: "CONFIG" | "DATA", fallback: string): string {
  const own = places.env[`HERM_${kind}_DIR`];
  if (own) return resolve(places.cwd, own);
  const shared = places.env[`XDG_${kind}_HOME`];
  // The XDG specification has relative paths ignored.
  if (shared && isAbsolute(shared)) return join(shared, "herm");
  return join(places.home, fallback, "herm");
}
