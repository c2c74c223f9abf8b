import fs from "node:fs";
import fsPromises from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { onTestFinished } from "vitest";

/** Whether a close can be made to fail here: the path of an open file is Linux's to tell. */
export const canFailClose = fs.existsSync("/proc/self/fd");

const { closeSync } = fs;
const { open } = fsPromises;

/**
 * From now on until the test ends, or this is called anew, the `failing`th close of a file below one of the folders fails, or
 * each of such a path, with EIO, as NFS and quotas give it for what was written before: the file is closed all the same. Gives
 * the paths of those that were closed, which grow.
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
        // Of one that is closed already it is -1.
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
