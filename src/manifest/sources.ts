import { readdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { Readable } from "node:stream";
import type { Mistakes } from "./mistake.js";
import { readTextFile, readTextStream, TextFileError } from "./text-file.js";

/** A manifest's text, before it is understood. */
export interface Source {
  /** As it is named in messages. */
  file: string;
  /** Where `instructions_file` starts from. */
  folder: string;
  text: string;
}

export interface SourceOptions {
  cwd: string;
  stdin: Readable;
  signal: AbortSignal;
}

export interface Sources {
  read: Source[];
  /** Every file, as it is named in messages: those that can't be read as well. */
  files: string[];
}

const mostFiles = 1000;
/** What all files together may hold: far more than a fleet's automations take, and it fits into memory. */
const mostCharacters = 32 * 1024 * 1024;
const isManifestName = (name: string) => !name.startsWith(".") && /\.(ya?ml|json)$/i.test(name);

/**
 * Reads what `-f` names: files, folders (their `.yaml`, `.yml` and `.json` files, not those of folders in them) and `-` for
 * stdin; each once. What can't be read goes to `mistakes`.
 */
export async function readSources(
  paths: readonly string[],
  options: SourceOptions & { mistakes: Mistakes },
): Promise<Sources> {
  const reader = new SourceReader(options);
  for (const path of paths) await reader.add(path);
  return { read: [...reader.sources.values()], files: [...reader.files] };
}

class SourceReader {
  /** By path, so that a file that is given twice counts once. */
  readonly sources = new Map<string, Source>();
  readonly files = new Set<string>();
  readonly #options: SourceOptions;
  readonly #mistakes: Mistakes;
  #characters = 0;

  constructor({ mistakes, ...options }: SourceOptions & { mistakes: Mistakes }) {
    this.#options = options;
    this.#mistakes = mistakes;
  }

  async add(path: string): Promise<void> {
    if (path !== "-" && (await isFolder(resolve(this.#options.cwd, path)))) await this.#addFolder(path);
    else await this.#addFile(path);
  }

  async #addFolder(path: string): Promise<void> {
    const names = (await readdir(resolve(this.#options.cwd, path))).filter(isManifestName).sort();
    if (names.length === 0) this.#mistakes.addToFile(path, "the folder holds no .yaml, .yml or .json file");
    if (names.length > mostFiles) {
      this.#mistakes.addToFile(path, `the folder holds ${names.length} manifests; ${mostFiles} at most`);
      return;
    }
    for (const name of names) await this.#addFile(join(path, name));
  }

  async #addFile(file: string): Promise<void> {
    const path = file === "-" ? "-" : resolve(this.#options.cwd, file);
    if (this.sources.has(path)) return;
    const shown = file === "-" ? "stdin" : file;
    this.files.add(shown);
    try {
      const text = await this.#read(path);
      this.#characters += text.length;
      if (this.#characters > mostCharacters)
        throw new TextFileError("is more than 32 MiB with those before it");
      this.sources.set(path, { file: shown, folder: path === "-" ? this.#options.cwd : dirname(path), text });
    } catch (error) {
      if (!(error instanceof TextFileError)) throw error;
      const { line, column, message } = error;
      this.#mistakes.add({ place: { file: shown, line, column }, message });
    }
  }

  #read(path: string): Promise<string> {
    const { stdin, signal } = this.#options;
    return path === "-" ? readTextStream(stdin, signal) : readTextFile(path);
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
