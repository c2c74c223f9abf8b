import { randomInt } from "node:crypto";
import { rmdirSync, rmSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { ifPossible } from "../files/file-error.js";
import type { PrivateFiles } from "../files/private-files.js";
import type { ChangeHead } from "./change.js";

export interface HistoryStorage {
  files: PrivateFiles;
  dataDir: string;
}

/** A change's file, by its name. */
export interface StoredChange {
  id: string;
  path: string;
  /** When it was made, or later where the clock was put back: it tells the order alone. */
  at: Date;
  /** The change that it takes back. */
  undoes: string | undefined;
}

/** What is kept at most; the oldest go. */
const mostChanges = 10_000;
const mostBytes = 256 * 1024 * 1024;
/** So many that went are known by their ids. */
const mostForgotten = 50_000;
/** Sizes are looked at once in so many changes. */
const sizesEvery = 64;

const fileName =
  /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z\.(c_[a-z2-9]{6})(?:\.(c_[a-z2-9]{6}))?\.jsonl$/;

/** A later one has no name of this form. */
const lastMs = Date.parse("9999-12-31T23:59:59.999Z");

/** Letters and digits that can't be taken for another. */
const alphabet = "abcdefghjkmnpqrstuvwxyz23456789";

export function historyFolder({ dataDir }: Pick<HistoryStorage, "dataDir">): string {
  return join(dataDir, "history");
}

/**
 * Where a new change is kept: `history/2026-10/20261004T101112123Z.c_7f3kq9.jsonl`, of an undo with the id of what it takes back
 * behind its own. Names tell the order, so this one comes after all that are there, whatever the clock says. Throws FileError
 * where the folder can't be read.
 */
export function newPathOfChange(
  storage: HistoryStorage,
  { id, at, undoes = "" }: Pick<ChangeHead, "id" | "at" | "undoes">,
): string {
  const [newest] = storedNewestFirst(storage);
  const afterNewestMs = newest === undefined ? 0 : newest.at.getTime() + 1;
  const time = new Date(Math.min(Math.max(Date.parse(at), afterNewestMs), lastMs)).toISOString();
  const parts = [time.replaceAll(/[-:.]/g, ""), id, ...(isChangeId(undoes) ? [undoes] : []), "jsonl"];
  return join(historyFolder(storage), time.slice(0, "2026-10".length), parts.join("."));
}

/** Every change's file, newest first. Throws FileError where the folder can't be read, or is a link. */
export function listStored(storage: HistoryStorage): StoredChange[] {
  return [...storedNewestFirst(storage)];
}

/** The newest changes' files, so many, and all others beside which their sender's lock lies, at work or killed. */
export function listLately(storage: HistoryStorage, mostNewest: number): StoredChange[] {
  let remaining = mostNewest;
  return monthsOf(storage).flatMap((folder) => {
    const names = new Set(storage.files.names(folder));
    return [...names]
      .toSorted()
      .reverse()
      .flatMap((name) => storedAt(folder, name))
      .filter(({ path }) => remaining-- > 0 || names.has(`${basename(path)}.lock`));
  });
}

function* storedNewestFirst(storage: HistoryStorage): Generator<StoredChange> {
  for (const folder of monthsOf(storage))
    for (const name of storage.files.names(folder).toSorted().reverse()) yield* storedAt(folder, name);
}

/** Whether a text is made as the ids of changes are. */
export function isChangeId(text: string): boolean {
  return /^c_[a-z2-9]{6}$/.test(text);
}

/** An id that no change here has. A history that can't be read can't be written either, which is told when it is. */
export function newChangeId(storage: HistoryStorage): string {
  let names = "";
  ifPossible(() => {
    names = namesOfChanges(storage).join();
  });
  for (;;) {
    const letters = Array.from({ length: 6 }, () => alphabet[randomInt(alphabet.length)]);
    const id = `c_${letters.join("")}`;
    if (!names.includes(id)) return id;
  }
}

function namesOfChanges(storage: HistoryStorage): string[] {
  const names = monthsOf(storage).flatMap((folder) => storage.files.names(folder));
  return names.filter((name) => name.endsWith(".jsonl"));
}

/**
 * Takes away the oldest changes where there are too many, or they are too large together; never the newest, nor what is still
 * being sent or taken back. Never throws: what can't be taken away stays.
 */
export function forgetOldestChanges(
  storage: HistoryStorage,
  { most = mostChanges, bytes = mostBytes, every = sizesEvery } = {},
): void {
  ifPossible(() => {
    const count = namesOfChanges(storage).length;
    const isDue = count % every === 0;
    if (!isDue && count <= most) return;
    const stored = listStored(storage);
    const old = tooMany(stored, { most, bytes: isDue ? bytes : Number.POSITIVE_INFINITY });
    const needed = neededOf(storage, stored, new Set(old.map(({ id }) => id)));
    const going = old.filter(({ id }) => !needed.has(id));
    if (going.length === 0) return;
    // With the lock of a killed sender.
    for (const { path } of going)
      for (const file of [path, `${path}.lock`]) ifPossible(() => rmSync(file, { force: true }));
    const ids = [...forgottenIds(storage), ...going.map(({ id }) => id)];
    storage.files.write(forgottenPath(storage), ids.slice(-mostForgotten).join("\n"));
    // Only those that are empty go.
    for (const folder of monthsOf(storage)) ifPossible(() => rmdirSync(folder));
  });
}

/** Of old changes those that are being sent, and an undo that can still be finished with what it takes back. */
function neededOf(
  storage: HistoryStorage,
  stored: readonly StoredChange[],
  old: ReadonlySet<string>,
): ReadonlySet<string> {
  return new Set(
    stored.flatMap(({ id, undoes = "", path }) => {
      if (!old.has(id) && !old.has(undoes)) return [];
      const isSent = storage.files.lockState(path) === "held";
      return isSent || (undoes !== "" && !isDone(storage.files.read(path) ?? "")) ? [id, undoes] : [];
    }),
  );
}

/** Whether all that a change sent was done. */
function isDone(fileText: string): boolean {
  const count = (lines: RegExp) => fileText.match(lines)?.length ?? 0;
  return count(/^\{"item":/gm) === count(/^\{"outcome":.*"result":"done"/gm);
}

/** Whether a change was here and isn't kept any more. */
export function wasForgotten(storage: HistoryStorage, id: string): boolean {
  return forgottenIds(storage).includes(id);
}

/** Those of changes that were here, oldest first. */
export function forgottenIds(storage: HistoryStorage): string[] {
  return (storage.files.read(forgottenPath(storage)) ?? "").split("\n").filter(isChangeId);
}

function forgottenPath(storage: HistoryStorage): string {
  return join(historyFolder(storage), "forgotten");
}

/** Of those that are over the bounds, some more: a look at everything isn't needed again soon. */
function tooMany(
  stored: readonly StoredChange[],
  { most, bytes }: { most: number; bytes: number },
): readonly StoredChange[] {
  const byNumber = stored.length > most ? Math.ceil(most * 0.98) : stored.length;
  if (bytes === Number.POSITIVE_INFINITY) return stored.slice(byNumber);
  let total = 0;
  const bySize = stored.findIndex(({ path }, at) => {
    total += statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    return at > 0 && total > bytes;
  });
  return stored.slice(bySize === -1 ? byNumber : Math.min(bySize, byNumber));
}

function storedAt(folder: string, name: string): StoredChange[] {
  const [, year, month, day, hours, minutes, seconds, ms, id, undoes] = fileName.exec(name) ?? [];
  if (id === undefined) return [];
  const at = new Date(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}.${ms}Z`);
  return Number.isNaN(at.getTime()) ? [] : [{ id, path: join(folder, name), at, undoes }];
}

function monthsOf(storage: HistoryStorage): string[] {
  const folder = historyFolder(storage);
  const months = storage.files.names(folder).filter((name) => /^\d{4}-\d\d$/.test(name));
  return months
    .toSorted()
    .reverse()
    .map((name) => join(folder, name));
}
