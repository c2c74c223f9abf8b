import { dirname, join, resolve } from "node:path";
import { type FilePosition, Mistakes } from "../mistake.js";
import { noSuchFile, readUnlinked, realNamedPath, TextFileError } from "../read/text-file.js";
import { mostRecordBytes, type RecordReading, readRecord } from "./read.js";

export interface DeclaredRecord {
  path: string;
  position: FilePosition;
  folder: string;
}

export interface RecordFile {
  path: string;
  shown: string;
  /** The manifest's line that names it; absent where a flag does. */
  position?: FilePosition;
}

/**
 * Finds the one record of a set: the flag's, else the manifests', which must lie in their repository. Mistakes go to
 * `mistakes`.
 */
export async function chooseRecord(
  declared: readonly DeclaredRecord[],
  { flag, cwd, mistakes }: { flag?: string | undefined; cwd: string; mistakes: Mistakes },
): Promise<RecordFile | undefined> {
  if (flag !== undefined) return { path: resolve(cwd, flag), shown: flag };
  const files = new Map<string, RecordFile>();
  for (const each of declared) {
    const found = await fileOf(each, mistakes);
    if (found === undefined) continue;
    const [other] = files.values();
    if (other !== undefined && !files.has(found.path)) {
      const message = `the record is ${other.shown} in another file, and all files share one`;
      mistakes.add({
        position: each.position,
        message,
        suggestion: "apply them separately, or give --record",
      });
    }
    if (!files.has(found.path)) files.set(found.path, found);
  }
  const [first] = files.values();
  return first;
}

/** Reads the record that a flag alone names. Throws ManifestError. */
export async function readNamedRecord(
  flag: string,
  cwd: string,
): Promise<{ file: RecordFile; reading: RecordReading | undefined }> {
  const file = { path: resolve(cwd, flag), shown: flag };
  return { file, reading: await readRecordNow(file) };
}

/** Reads a record by itself. Throws ManifestError. */
export async function readRecordNow(file: RecordFile): Promise<RecordReading | undefined> {
  const mistakes = new Mistakes();
  const reading = await readRecordAt(file, mistakes);
  mistakes.throwIfAny();
  return reading;
}

/** Reads a record strictly; undefined where there is no file. Mistakes go to `mistakes`. */
export async function readRecordAt(
  { path, shown, position }: RecordFile,
  mistakes: Mistakes,
): Promise<RecordReading | undefined> {
  try {
    return readRecord({ file: shown, text: await readUnlinked(path, mostRecordBytes) }, mistakes);
  } catch (error) {
    if (!(error instanceof TextFileError)) throw error;
    const { line, column, message } = error;
    if (message === noSuchFile) return undefined;
    const isInside = line > 1 || column > 1 || position === undefined;
    mistakes.add({
      position: isInside ? { file: shown, line, column } : position,
      message: isInside ? message : `${shown} ${message}`,
      isOutside: isInside,
    });
    return undefined;
  }
}

async function fileOf(
  { path, position, folder }: DeclaredRecord,
  mistakes: Mistakes,
): Promise<RecordFile | undefined> {
  if (/^([/\\~]|[A-Za-z]:)/.test(path)) {
    mistakes.add({ position, message: "record is a path relative to the manifest" });
    return undefined;
  }
  const shown = position.file === "stdin" ? path : join(dirname(position.file), path);
  try {
    return { path: await realNamedPath(resolve(folder, path), folder), shown, position };
  } catch (error) {
    if (!(error instanceof TextFileError)) throw error;
    const isMissing = error.message === noSuchFile;
    mistakes.add({
      position,
      message: `${shown} ${isMissing ? "is in a folder that doesn't exist" : error.message}`,
    });
    return undefined;
  }
}
