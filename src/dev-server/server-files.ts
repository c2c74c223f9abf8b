import { join, resolve } from "node:path";

/** Files that are nobody else's, safely read and written: `PrivateFiles` of src/files is one. */
export interface FilesOfServer {
  ensureFolder(path: string): void;
  read(path: string): string | undefined;
  write(path: string, text: string): void;
  withLock<T>(
    path: string,
    work: () => T | Promise<T>,
    options?: { waitMs?: number; signal?: AbortSignal; what?: string },
  ): Promise<T>;
}

export interface ServerFiles {
  data: string;
  /** A private folder beside the data, since the data's own may be anybody's. */
  folder: string;
  /** The random key, if none is given by HERM_DEV_KEY. */
  key: string;
  /** The address, key and pid of who serves the data now. */
  owner: string;
  /** Locked while the data is opened, or put aside. */
  opening: string;
  log: string;
}

/** The data file's absolute path, and those of what belongs to it. */
export function serverFiles(dataFile: string): ServerFiles {
  const data = resolve(dataFile);
  const folder = `${data}.server`;
  return {
    data,
    folder,
    key: join(folder, "key"),
    owner: join(folder, "owner.json"),
    opening: join(folder, "opening"),
    log: join(folder, "log"),
  };
}
