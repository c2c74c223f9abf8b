import { randomInt } from "node:crypto";
import { rmdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { ifPossible } from "../files/file-error.js";
import type { PrivateFiles } from "../files/private-files.js";
import { IncidentFolder } from "../incident/incident-folder.js";
import { incidentKey } from "../incident/names.js";
import type { ChangeHead } from "./change.js";

export interface HistoryPlace {
  files: PrivateFiles;
  dataDir: string;
}

/** A change's file, by its name. */
export interface StoredChange {
  id: string;
  path: string;
  /** When it was made, or later where the clock was put back: it tells the order alone. */
  at: Date;
  /** The key of the incident whose ledger has what is in it; the file itself is empty. */
  incident: string | undefined;
  /** Of an incident: its ledger was imported after that. */
  isImported: boolean;
}

/** What is in a file's name. */
type ChangeName = Pick<ChangeHead, "id" | "at"> & { incident?: string; isImported?: boolean };

/** What is kept at most; the oldest go. */
const mostChanges = 10_000;
const mostBytes = 256 * 1024 * 1024;
/** So many that went are known by their ids. */
const mostForgotten = 50_000;
/** Sizes are looked at once in so many changes. */
const sizesEvery = 64;

const fileName =
  /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z\.(c_[a-z2-9]{6})(?:\.(~?)([a-z0-9][a-z0-9._-]{0,63}))?\.jsonl$/;

/** A later one has no name of this form. */
const lastMs = Date.parse("9999-12-31T23:59:59.999Z");

/** Letters and digits that can't be taken for another. */
const alphabet = "abcdefghjkmnpqrstuvwxyz23456789";

export function historyFolder({ dataDir }: Pick<HistoryPlace, "dataDir">): string {
  return join(dataDir, "history");
}

/**
 * Where a new change is kept: `history/2026-10/20261004T101112123Z.c_7f3kq9.jsonl`. Names tell the order and what may not go,
 * so this one comes after all that are there, whatever the clock says. Throws FileError where the folder can't be read.
 */
export function newPathOfChange(place: HistoryPlace, { id, at, incident, isImported }: ChangeName): string {
  const [newest] = storedNewestFirst(place);
  const afterNewestMs = newest === undefined ? 0 : newest.at.getTime() + 1;
  const time = new Date(Math.min(Math.max(Date.parse(at), afterNewestMs), lastMs)).toISOString();
  const parts = [
    time.replaceAll(/[-:.]/g, ""),
    id,
    ...(incident === undefined ? [] : [`${isImported ? "~" : ""}${incidentKey(incident)}`]),
  ];
  return join(historyFolder(place), time.slice(0, "2026-10".length), `${parts.join(".")}.jsonl`);
}

/** Every change's file, newest first. Throws FileError where the folder can't be read, or is a link. */
export function listStored(place: HistoryPlace): StoredChange[] {
  return [...storedNewestFirst(place)];
}

/** Takes down where in the order a command of an incident stands. Never throws: without it its clock tells. */
export function placeIncidentChange(place: HistoryPlace, name: ChangeName & { incident: string }): void {
  ifPossible(() => place.files.write(newPathOfChange(place, name), ""));
}

/** The newest changes' files, so many, and all others beside which their sender's lock lies, at work or killed. */
export function listLately(place: HistoryPlace, mostNewest: number): StoredChange[] {
  let left = mostNewest;
  return monthsOf(place).flatMap((folder) => {
    const names = new Set(place.files.names(folder));
    const isWanted = (name: string) => left-- > 0 || names.has(`${name}.lock`);
    return [...names]
      .toSorted()
      .reverse()
      .filter(isWanted)
      .flatMap((name) => storedAt(folder, name));
  });
}

function* storedNewestFirst(place: HistoryPlace): Generator<StoredChange> {
  for (const folder of monthsOf(place))
    for (const name of place.files.names(folder).toSorted().reverse()) yield* storedAt(folder, name);
}

/** Whether a text is made as the ids of changes are. */
export function isChangeId(text: string): boolean {
  return /^c_[a-z2-9]{6}$/.test(text);
}

/** An id that no change here has. A history that can't be read can't be written either, which is told when it is. */
export function newChangeId(place: HistoryPlace): string {
  let names = "";
  ifPossible(() => {
    names = namesOfChanges(place).join();
  });
  for (;;) {
    const letters = Array.from({ length: 6 }, () => alphabet[randomInt(alphabet.length)]);
    const id = `c_${letters.join("")}`;
    if (!names.includes(id)) return id;
  }
}

function namesOfChanges(place: HistoryPlace): string[] {
  const names = monthsOf(place).flatMap((folder) => place.files.names(folder));
  return names.filter((name) => name.endsWith(".jsonl"));
}

/**
 * Takes away the oldest changes where there are too many, or they are too large together; never the newest, nor those of
 * an open incident. Never throws: what can't be taken away stays.
 */
export function forgetOldestChanges(
  place: HistoryPlace,
  { most = mostChanges, bytes = mostBytes, every = sizesEvery } = {},
): void {
  ifPossible(() => {
    const count = namesOfChanges(place).length;
    const isDue = count % every === 0;
    if (!isDue && count <= most) return;
    const stored = listStored(place);
    const going = tooMany(stored, { most, bytes: isDue ? bytes : Number.POSITIVE_INFINITY });
    if (going.length === 0) return;
    const open = openIncidents(place);
    const forgotten = going.filter(({ incident }) => incident === undefined || !open.has(incident));
    // With the lock of a killed sender.
    for (const { path } of forgotten)
      for (const file of [path, `${path}.lock`]) ifPossible(() => rmSync(file, { force: true }));
    const ids = [...forgottenIds(place), ...forgotten.map(({ id }) => id)];
    place.files.write(forgottenPath(place), ids.slice(-mostForgotten).join("\n"));
    // Only those that are empty go.
    for (const folder of monthsOf(place)) ifPossible(() => rmdirSync(folder));
  });
}

/** Whether a change was here and isn't kept any more. */
export function wasForgotten(place: HistoryPlace, id: string): boolean {
  return forgottenIds(place).includes(id);
}

function forgottenIds(place: HistoryPlace): string[] {
  return (place.files.read(forgottenPath(place)) ?? "").split("\n").filter(isChangeId);
}

function forgottenPath(place: HistoryPlace): string {
  return join(historyFolder(place), "forgotten");
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

function openIncidents(place: HistoryPlace): ReadonlySet<string> {
  const { known, broken } = new IncidentFolder(place).listOpen();
  // Whether one is open that can't be read nobody knows.
  const names = [...known.map(({ state }) => state.head.incident), ...broken.map(({ name }) => name)];
  return new Set(names.map(incidentKey));
}

function storedAt(folder: string, name: string): StoredChange[] {
  const [, year, month, day, hours, minutes, seconds, ms, id, tilde, incident] = fileName.exec(name) ?? [];
  if (id === undefined) return [];
  const at = new Date(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}.${ms}Z`);
  return Number.isNaN(at.getTime())
    ? []
    : [{ id, path: join(folder, name), at, incident, isImported: tilde === "~" }];
}

function monthsOf(place: HistoryPlace): string[] {
  const folder = historyFolder(place);
  const months = place.files.names(folder).filter((name) => /^\d{4}-\d\d$/.test(name));
  return months
    .toSorted()
    .reverse()
    .map((name) => join(folder, name));
}
