import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { makeFolders } from "../files/folders.js";

export interface CompiledCode {
  code: Buffer;
  pieces: readonly string[];
}

export interface CodeCacheOptions {
  /** Created if it is missing, for its owner only. */
  folder: string;
  /** One per build, Node version and architecture, because V8 trusts code of the right length. */
  name: string;
  uid: number;
  pid: number;
}

/** Maximum number of files: enough for the commands that a user runs, and those of the previous version. */
const mostFiles = 32;
const writableByOthers = 0o022;

/**
 * Caches compiled code in the user's cache folder for a faster start. Because this code will run, the folder and file
 * must belong to this user, and nobody else may write to them. V8 crashes on a damaged file, so each contains its
 * content twice, and is used only if both halves are equal. Never throws, because a start without it is only slower.
 */
export class CodeCache {
  constructor(private readonly options: CodeCacheOptions) {}

  read(): CompiledCode | undefined {
    const { folder, name } = this.options;
    try {
      if (!this.#isOurs(lstatSync(folder))) return undefined;
      const file = openSync(join(folder, name), constants.O_RDONLY | constants.O_NOFOLLOW);
      try {
        return this.#isOurs(fstatSync(file)) ? parse(readFileSync(file)) : undefined;
      } finally {
        closeSync(file);
      }
    } catch {
      return undefined;
    }
  }

  write({ code, pieces }: CompiledCode): void {
    const { folder, name, pid } = this.options;
    const temporary = join(folder, `${name}.${pid}.tmp`);
    try {
      makeFolders(folder, 0o700);
      if (!this.#isOurs(lstatSync(folder))) return;
      const half = Buffer.concat([Buffer.from(`${pieces.join(" ")}\n`), code]);
      writeFileSync(temporary, Buffer.concat([half, half]), { flag: "wx", mode: 0o600 });
      renameSync(temporary, join(folder, name));
      this.#prune();
    } catch {
      remove(temporary);
    }
  }

  /** Removes earlier versions' files, the oldest first. */
  #prune(): void {
    const { folder } = this.options;
    const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
    const aged = files
      .map((entry) => ({ file: join(folder, entry.name), at: statSync(join(folder, entry.name)).mtimeMs }))
      .sort((a, b) => b.at - a.at);
    for (const { file } of aged.slice(mostFiles)) remove(file);
  }

  #isOurs({ uid, mode }: Stats): boolean {
    return uid === this.options.uid && (mode & writableByOthers) === 0;
  }
}

function remove(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // The old file is left, which does no harm.
  }
}

function parse(content: Buffer): CompiledCode | undefined {
  const middle = content.length / 2;
  if (!Number.isInteger(middle) || !content.subarray(0, middle).equals(content.subarray(middle)))
    return undefined;
  const lineEnd = content.indexOf(10);
  if (lineEnd === -1 || lineEnd >= middle) return undefined;
  return {
    pieces: content.toString("latin1", 0, lineEnd).split(" "),
    code: content.subarray(lineEnd + 1, middle),
  };
}
