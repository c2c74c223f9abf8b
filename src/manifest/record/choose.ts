import { dirname, join, resolve } from "node:path";
import { type FilePlace, Mistakes } from "../mistake.js";
import { checkNamedPlace, nothingThere, readUnlinked, TextFileError } from "../read/text-file.js";
import { mostRecordBytes, type RecordReading, readRecord } from "./read.js";

/** A record that a manifest names. */
export interface DeclaredRecord {
  path: string;
  place: FilePlace;
  /** Where the path starts from. */
  folder: string;
}

/** Where the record is, or will be. */
export interface RecordPlace {
  /** Absolute. */
  path: string;
  /** As it is named in messages. */
  shown: string;
  /** Where a manifest names it; absent where a flag does. */
  place?: FilePlace;
}

/**
 * The one record of a set: what the flag names, else what the manifests do, which is looked for in their repository only.
 * What is wrong goes to `mistakes`.
 */
export async function chooseRecord(
  declared: readonly DeclaredRecord[],
  { flag, cwd, mistakes }: { flag?: string | undefined; cwd: string; mistakes: Mistakes },
): Promise<RecordPlace | undefined> {
  if (flag !== undefined) return { path: resolve(cwd, flag), shown: flag };
  const places = new Map<string, RecordPlace>();
  for (const each of declared) {
    const found = await placeOf(each, mistakes);
    if (found === undefined) continue;
    const [other] = places.values();
    if (other !== undefined && !places.has(found.path)) {
      const message = `the record is ${other.shown} in another file, and all files share one`;
      mistakes.add({ place: each.place, message, suggestion: "apply them separately, or give --record" });
    }
    if (!places.has(found.path)) places.set(found.path, found);
  }
  const [first] = places.values();
  return first;
}

/** The record that a flag alone names. Throws ManifestError for what is wrong with it. */
export async function readNamedRecord(
  flag: string,
  cwd: string,
): Promise<{ place: RecordPlace; reading: RecordReading | undefined }> {
  const place = { path: resolve(cwd, flag), shown: flag };
  return { place, reading: await readRecordNow(place) };
}

/** Reads a record by itself. Throws ManifestError for what is wrong with it. */
export async function readRecordNow(place: RecordPlace): Promise<RecordReading | undefined> {
  const mistakes = new Mistakes();
  const reading = await readRecordAt(place, mistakes);
  mistakes.throwIfAny();
  return reading;
}

/** Reads a record strictly; nothing where there is no such file. What is wrong goes to `mistakes`. */
export async function readRecordAt(
  { path, shown, place }: RecordPlace,
  mistakes: Mistakes,
): Promise<RecordReading | undefined> {
  try {
    const text = await readUnlinked(path, mostRecordBytes);
    return text === undefined ? undefined : readRecord({ file: shown, text }, mistakes);
  } catch (error) {
    if (!(error instanceof TextFileError)) throw error;
    const { line, column, message } = error;
    const isInside = line > 1 || column > 1 || place === undefined;
    mistakes.add({
      place: isInside ? { file: shown, line, column } : place,
      message: isInside ? message : `${shown} ${message}`,
      isOutside: isInside,
    });
    return undefined;
  }
}

async function placeOf(
  { path, place, folder }: DeclaredRecord,
  mistakes: Mistakes,
): Promise<RecordPlace | undefined> {
  if (/^([/\\~]|[A-Za-z]:)/.test(path)) {
    mistakes.add({ place, message: "record is a path relative to the manifest" });
    return undefined;
  }
  const shown = place.file === "stdin" ? path : join(dirname(place.file), path);
  try {
    return { path: await checkNamedPlace(resolve(folder, path), folder), shown, place };
  } catch (error) {
    if (!(error instanceof TextFileError)) throw error;
    const isMissing = error.message === nothingThere;
    mistakes.add({
      place,
      message: `${shown} ${isMissing ? "is in a folder that doesn't exist" : error.message}`,
    });
    return undefined;
  }
}
