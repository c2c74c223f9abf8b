import { lstat, realpath } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Mistakes, RecordError } from "../mistake.js";
import { isFolder } from "../read/folder.js";
import { isMissing, noSuchFile, readUnlinked, TextFileError } from "../read/text-file.js";
import { mostRecordBytes, type RecordReading, readRecord } from "./read.js";

export const recordName = "herm.lock.yaml";

export interface RecordFile {
  path: string;
  shown: string;
}

/** `reading` is undefined if there is no file. */
export interface FoundRecord {
  file: RecordFile;
  reading: RecordReading | undefined;
}

/** The record for a set of manifests, or the place for a new one. */
export interface RecordChoice {
  found?: FoundRecord;
  /** Where adopt creates it; undefined if there is a record already, or more than one possible place. */
  place?: RecordFile | undefined;
  /** The record beside the manifests, if a flag overrides it. */
  passedOver?: RecordFile | undefined;
}

function namedRecord(flag: string, cwd: string): RecordFile {
  return { path: resolve(cwd, flag), shown: flag };
}

/** Finds the record for a set: the flag's, or the one beside the given manifests. Throws RecordError; adds mistakes. */
export async function chooseRecord(
  given: readonly string[],
  {
    flag,
    cwd,
    mayBeMany = false,
    mistakes,
  }: { flag?: string | undefined; cwd: string; mayBeMany?: boolean | undefined; mistakes: Mistakes },
): Promise<RecordChoice> {
  const places = await placesBeside(given, cwd);
  const isThere = await Promise.all(places.map(({ path }) => exists(path)));
  const present = places.filter((_, at) => isThere[at]);
  if (flag !== undefined) {
    const file = namedRecord(flag, cwd);
    const passedOver = present.find(({ path }) => path !== file.path);
    return { found: { file, reading: await readRecordNow(file) }, passedOver };
  }
  const readings = await Promise.all(present.map(readRecordNow));
  const [file, second] = present;
  if (file === undefined) return { place: places.length === 1 ? places[0] : undefined };
  if (second !== undefined && !mayBeMany) {
    mistakes.add({
      position: { file: second.shown, line: 1, column: 1 },
      message: `${file.shown} is also a record, but all files must share one`,
      suggestion: "apply them separately, or name one with --record",
      isOutside: true,
    });
  }
  return { found: { file, reading: readings[0] } };
}

/** Reads a record strictly; undefined if there is no file. Throws RecordError. */
export async function readRecordNow({ path, shown }: RecordFile): Promise<RecordReading | undefined> {
  const mistakes = new Mistakes();
  try {
    const reading = readRecord({ file: shown, text: await readUnlinked(path, mostRecordBytes) }, mistakes);
    if (mistakes.all.length > 0) throw new RecordError(mistakes.all);
    return reading;
  } catch (error) {
    if (!(error instanceof TextFileError)) throw error;
    const { line, column, message } = error;
    if (message === noSuchFile) return undefined;
    throw new RecordError([{ position: { file: shown, line, column }, message, isOutside: true }]);
  }
}

/** Returns a record's path in each folder that is given, or contains a given file. */
async function placesBeside(given: readonly string[], cwd: string): Promise<RecordFile[]> {
  const places = new Map<string, RecordFile>();
  for (const path of given) {
    if (path === "-") continue;
    const folder = (await isFolder(resolve(cwd, path))) ? path : dirname(path);
    const real = await realpath(resolve(cwd, folder)).catch(() => resolve(cwd, folder));
    if (!places.has(real)) {
      places.set(real, { path: resolve(cwd, folder, recordName), shown: join(folder, recordName) });
    }
  }
  return [...places.values()];
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    (error: unknown) => !isMissing(error),
  );
}
