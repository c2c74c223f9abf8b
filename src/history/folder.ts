import { randomInt } from "node:crypto";
import { rmdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { ignoreErrors } from "../files/file-error.js";
import type { PrivateFiles } from "../files/private-files.js";
import type { ChangeHead } from "./change.js";

export interface HistoryStorage {
  files: PrivateFiles;
  dataDir: string;
}

interface StoredChange {
  id: string;
  path: string;
  /** When it was created, or later if the clock was set back, because it only determines the order. */
  at: Date;
  undoes: string | undefined;
}

/** Limits of the history, beyond which the oldest changes are deleted. */
const mostChanges = 10_000;
const mostBytes = 256 * 1024 * 1024;
const mostForgotten = 50_000;
/** The number of changes between two checks of the limits. */
const lookEvery = 64;

const fileName =
  /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z\.(c_[a-z2-9]{6})(?:\.(c_[a-z2-9]{6}))?\.jsonl$/;

/** The latest time that such a name can express. */
const lastMs = Date.parse("9999-12-31T23:59:59.999Z");

/** Letters and digits that can't be confused with each other. */
const alphabet = "abcdefghjkmnpqrstuvwxyz23456789";

export function historyFolder({ dataDir }: Pick<HistoryStorage, "dataDir">): string {
  return join(dataDir, "history");
}

/**
 * The path of a new change: `history/2026-10/20261004T101112123Z.c_7f3kq9.jsonl`; an undo appends the id of the undone
 * change. Names decide the order, so the new one sorts last, whatever the clock. Throws FileError if the folder can't
 * be read.
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

/** Lists the files of all changes, newest first. Throws FileError if the folder can't be read, or is a link. */
export function listStored(storage: HistoryStorage): StoredChange[] {
  return [...storedNewestFirst(storage)];
}

/** Lists the newest files, and every file with the lock of a running or killed sender. */
export function listRecent(storage: HistoryStorage, mostNewest: number): StoredChange[] {
  let remaining = mostNewest;
  return monthsOf(storage).flatMap((folder) => {
    const names = storage.files.names(folder).toSorted().reverse();
    const locks = new Set(names.filter((name) => name.endsWith(".lock")));
    return names
      .filter((name) => name.endsWith(".jsonl") && (remaining-- > 0 || locks.has(`${name}.lock`)))
      .flatMap((name) => storedAt(folder, name));
  });
}

function* storedNewestFirst(storage: HistoryStorage): Generator<StoredChange> {
  for (const folder of monthsOf(storage))
    for (const name of storage.files.names(folder).toSorted().reverse()) yield* storedAt(folder, name);
}

export function isChangeId(text: string): boolean {
  return /^c_[a-z2-9]{6}$/.test(text);
}

/** An id that no change here has. If the history can't be read, writing to it fails and reports that. */
export function newChangeId(storage: HistoryStorage): string {
  let names = "";
  ignoreErrors(() => {
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
 * Removes the oldest changes if they are too many or too large, but never the newest, nor those still being sent or
 * undone. Never throws; skips files that can't be removed.
 */
export function forgetOldestChanges(
  storage: HistoryStorage,
  { most = mostChanges, bytes = mostBytes, every = lookEvery } = {},
): void {
  ignoreErrors(() => {
    const count = namesOfChanges(storage).length;
    // With concurrent commands, the count may skip an exact multiple.
    if (count % every !== 0 && count <= most + every) return;
    const stored = listStored(storage);
    const old = tooMany(stored, { most, bytes });
    const needed = neededOf(storage, stored, new Set(old.map(({ id }) => id)));
    const going = old.filter(({ id }) => !needed.has(id));
    if (going.length === 0) return;
    // Also removes a killed sender's lock.
    for (const { path } of going)
      for (const file of [path, `${path}.lock`]) ignoreErrors(() => rmSync(file, { force: true }));
    const ids = [...forgottenIds(storage), ...going.map(({ id }) => id)];
    storage.files.write(forgottenPath(storage), ids.slice(-mostForgotten).join("\n"));
    // Only empty folders are removed.
    for (const folder of monthsOf(storage)) ignoreErrors(() => rmdirSync(folder));
  });
}

/** Ids of old changes that are still in progress, and of undos that can still be finished, with the undone changes. */
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

function isDone(fileText: string): boolean {
  const count = (lines: RegExp) => fileText.match(lines)?.length ?? 0;
  return count(/^\{"item":/gm) === count(/^\{"outcome":.*"result":"done"/gm);
}

export function wasForgotten(storage: HistoryStorage, id: string): boolean {
  return forgottenIds(storage).includes(id);
}

export function forgottenIds(storage: HistoryStorage): string[] {
  return (storage.files.read(forgottenPath(storage)) ?? "").split("\n").filter(isChangeId);
}

function forgottenPath(storage: HistoryStorage): string {
  return join(historyFolder(storage), "forgotten");
}

function tooMany(
  stored: readonly StoredChange[],
  { most, bytes }: { most: number; bytes: number },
): readonly StoredChange[] {
  let total = 0;
  const first = stored.findIndex(({ path }, at) => {
    total += statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    return at >= most || (at > 0 && total > bytes);
  });
  return first === -1 ? [] : stored.slice(first);
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
