import { realpath } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Readable } from "node:stream";
import type { Mistakes } from "../mistake.js";
import { looksLikeRecord, mostRecordBytes } from "../record/read.js";
import { isFolder, listFolder, mostFiles } from "./folder.js";
import { noSuchFile, readTextFile, readTextStream, TextFileError, TooLargeError } from "./text-file.js";

/** A manifest's text, before parsing. */
export interface Source {
  file: string;
  /** The base folder of `instructions_file`. */
  folder: string;
  /** Empty for a record. */
  text: string;
  isRecord: boolean;
  /** The folder in which it was found, as it was given. */
  foundIn?: string;
  /** True if the file itself was given, perhaps in addition to its folder. */
  isGiven: boolean;
  what?: string;
}

export interface SourceOptions {
  cwd: string;
  stdin: Readable;
  signal: AbortSignal;
  isRecursive: boolean;
  /** Files of `--values`, which don't count as a folder's manifests. */
  valueFiles: readonly string[];
}

export type Sources = Pick<SourceReader, "sources" | "files" | "skippedFolders">;

/** Maximum number of characters in all files together: far more than a fleet needs, but few enough for memory. */
const mostCharacters = 256 * 1024 * 1024;

/** Reads the arguments of `-f`, each file once: files, folders, and `-` for stdin. Adds mistakes to `mistakes`. */
export async function readSources(
  paths: readonly string[],
  options: SourceOptions & { mistakes: Mistakes },
): Promise<Sources> {
  const reader = new SourceReader(options);
  for (const path of paths) await reader.add(path);
  return reader;
}

/** Reads the arguments of `--values`, in order. Adds mistakes to `mistakes`. */
export async function readValueSources(options: SourceOptions & { mistakes: Mistakes }): Promise<Source[]> {
  const reader = new SourceReader(options);
  const found: Source[] = [];
  for (const path of options.valueFiles) {
    const source = await reader.addFile(path);
    if (source !== undefined) found.push({ ...source, what: "a values file" });
  }
  return found;
}

class SourceReader {
  /** Sources by their real paths. */
  readonly sources = new Map<string, Source>();
  /** Files to be read, as given. */
  readonly files = new Set<string>();
  readonly skippedFolders = new Set<string>();
  #characters = 0;

  constructor(private readonly options: SourceOptions & { mistakes: Mistakes }) {}

  async add(path: string): Promise<void> {
    if (path !== "-" && (await isFolder(resolve(this.options.cwd, path)))) await this.#addFolder(path);
    else await this.#addManifest(path);
  }

  /** Refuses a link in another folder, from which the same text would name other instructions files. */
  async #addManifest(file: string, foundIn?: string): Promise<void> {
    const source = await this.addFile(file, foundIn);
    if (source === undefined || file === "-" || source.file === file) return;
    const folder = dirname(resolve(this.options.cwd, file));
    if ((await realPath(folder)) === (await realPath(source.folder))) return;
    const message = `this is ${source.file} through a link in another folder: give only one of them`;
    this.options.mistakes.add({ position: { file, line: 1, column: 1 }, message, isOutside: true });
  }

  async #addFolder(path: string): Promise<void> {
    const contents = await listFolder(path, this.options).catch(() => undefined);
    if (contents === undefined) return this.options.mistakes.addToFolder(path, "the folder can't be read");
    const { cwd, valueFiles } = this.options;
    const ofValues = new Set(valueFiles.map((file) => resolve(cwd, file)));
    const files = contents.files.filter((file) => !ofValues.has(resolve(cwd, file)));
    const { skipped, unreadable } = contents;
    for (const folder of unreadable) this.options.mistakes.addToFolder(folder, "the folder can't be read");
    for (const folder of skipped) this.skippedFolders.add(folder);
    if (files.length === 0 && unreadable.length === 0) {
      const others = skipped.length === 0 ? "" : "; subfolders do: to read them, add --recursive";
      this.options.mistakes.addToFolder(path, `the folder has no .yaml, .yml or .json file${others}`);
    }
    if (files.length > mostFiles) {
      return this.options.mistakes.addToFolder(path, `the folder has more than ${mostFiles} manifests`);
    }
    for (const file of files) await this.#addManifest(file, path);
  }

  /** Reads a file once; undefined if it is unreadable. */
  async addFile(file: string, foundIn?: string): Promise<Source | undefined> {
    const path = file === "-" ? "-" : resolve(this.options.cwd, file);
    const real = file === "-" ? file : await realPath(path);
    const known = this.sources.get(real);
    if (known !== undefined) {
      known.foundIn ??= foundIn;
      known.isGiven ||= foundIn === undefined;
      return known;
    }
    const shown = file === "-" ? "stdin" : file;
    this.files.add(shown);
    try {
      const text = await this.#read(path, foundIn);
      const isRecord = looksLikeRecord(text);
      if (!isRecord) this.#characters += text.length;
      if (this.#characters > mostCharacters)
        throw new TextFileError(`brings the total over ${mostCharacters / 1024 / 1024} MiB`);
      const folder = path === "-" ? this.options.cwd : dirname(path);
      const isGiven = foundIn === undefined;
      const source: Source = {
        ...{ file: shown, folder, foundIn, isGiven },
        text: isRecord ? "" : text,
        isRecord,
      };
      this.sources.set(real, source);
      return source;
    } catch (error) {
      if (!(error instanceof TextFileError)) throw error;
      const { line, column, message } = error;
      const isGlob = message === noSuchFile && /[*?]/.test(file);
      const suggestion = isGlob ? "globs aren't expanded: pass the folder, or each file" : undefined;
      const position = { file: shown, line, column };
      this.options.mistakes.add({ position, message, suggestion, isOutside: true });
      return undefined;
    }
  }

  async #read(path: string, foundIn: string | undefined): Promise<string> {
    const { stdin, signal } = this.options;
    if (path === "-") return readTextStream(stdin, signal);
    try {
      return await readTextFile(path);
    } catch (error) {
      if (!(error instanceof TooLargeError) || foundIn === undefined) throw error;
      // A record may be larger than a manifest, but only its kind matters here.
      const text = await readTextFile(path, mostRecordBytes).catch(() => "");
      if (looksLikeRecord(text)) return text;
      throw error;
    }
  }
}

const realPath = (path: string) => realpath(path).catch(() => path);
