import { join, resolve } from "node:path";

/** Files that are nobody else's, safely read and written: `PrivateFiles` of src/files is one. */
export interface ServerFileAccess {
  ensureFolder(path: string): void;
  read(path: string): string | undefined;
  write(path: string, text: string): void;
  withLock<T>(
    path: string,
    work: () => T | Promise<T>,
    options?: { waitMs?: number; signal?: AbortSignal; what?: string },
  ): Promise<T>;
}

export type ServerPaths = ReturnType<typeof serverPaths>;

/** The data file's absolute path, and those of what belongs to it. */
export function serverPaths(dataFile: string) {
  const data = resolve(dataFile);
  // Private, since the data's own may be anybody's.
  const folder = `${data}.server`;
  return {
    data,
    folder,
    /** The random key, if none is given by HERM_DEV_KEY. */
    key: join(folder, "key"),
    /** The address, key and pid of who serves the data now. */
    owner: join(folder, "owner.json"),
    /** Locked while the data is opened, or put aside. */
    opening: join(folder, "opening"),
    log: join(folder, "log"),
  };
}
