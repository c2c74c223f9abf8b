import fs from "node:fs";
import fsPromises from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { onTestFinished } from "vitest";

/** True if a close can be made to fail here: only Linux reports the path of an open file. */
export const canFailClose = fs.existsSync("/proc/self/fd");

const { closeSync } = fs;
const { open } = fsPromises;

/**
 * From now until the test ends, or this is called again, the `failing`th close of a file below one of the folders
 * fails, or every close of a matching path, with EIO, like NFS and quotas for earlier writes; the file is closed all
 * the same. Returns the growing list of closed paths.
 */
export function failClose(folders: readonly string[], failing: number | RegExp): string[] {
  const paths: string[] = [];
  const fails = (file: number) => {
    const path = fs.readlinkSync(`/proc/self/fd/${file}`);
    if (!folders.some((folder) => path.startsWith(folder))) return false;
    const count = paths.push(path);
    return typeof failing === "number" ? count === failing : failing.test(path);
  };
  replaceCloses({
    closeSync: (file) => {
      const isFailing = fails(file);
      closeSync(file);
      if (isFailing) throw ioError();
    },
    open: async (...given) => {
      const handle = await open(...given);
      const close = handle.close.bind(handle);
      handle.close = async () => {
        // It is -1 for a file that is already closed.
        const isFailing = handle.fd !== -1 && fails(handle.fd);
        await close();
        if (isFailing) throw ioError();
      };
      return handle;
    },
  });
  onTestFinished(() => replaceCloses({ closeSync, open }));
  return paths;
}

function replaceCloses({ closeSync, open }: Pick<typeof fs, "closeSync"> & Pick<typeof fsPromises, "open">) {
  fs.closeSync = closeSync;
  fsPromises.open = open;
  syncBuiltinESMExports();
}

function ioError(): Error {
  return Object.assign(new Error("EIO: i/o error, close"), { code: "EIO", syscall: "close" });
}
