import type { LockState } from "../files/lock.js";
import type { Change } from "./change.js";
import { forgottenIds, type HistoryPlace, listStored } from "./folder.js";
import { incidentKeys, type LedgerPlace, placeOfIncident } from "./incident-files.js";
import { parseChange, parseChanges, parseLine } from "./parse.js";

/** A change by its place in the order. */
export interface PlacedChange {
  id: string;
  /** When it was made, or later where the clock was put back: it tells the order alone. */
  at: Date;
  path: string;
  isOfIncident: boolean;
  /** `elsewhere`: another data folder wrote it in a ledger that is shared. */
  origin: "here" | "imported" | "elsewhere";
  /** Undefined where it can't be read, or is gone by now. */
  read(): Change | undefined;
}

/** `at` is by its clock. */
interface Unplaced extends PlacedChange {
  /** Of an incident's command the change after which it came; "": the first of all. */
  after?: string | undefined;
}

/**
 * The changes of a data folder in the order in which they came in, oldest first. A command of an incident tells after which one
 * it came, so that the clock may be put back; where that isn't known its clock tells. Throws FileError where the folder can't be
 * read.
 */
export function changesInOrder(place: HistoryPlace): PlacedChange[] {
  const stored: Unplaced[] = plainInOrder(place);
  const commands = incidentKeys(place).flatMap((key) => commandsOf(place, placeOfIncident(place, key)));
  const known = new Set(["", ...[...stored, ...commands].map(({ id }) => id)]);
  const strays = commands.filter(({ after }) => after === undefined || !known.has(after));
  const gone = new Set(strays.length === 0 ? [] : forgottenIds(place));
  const byClock = [...stored, ...strays.map((each) => (gone.has(each.after ?? "") ? each : ofOthers(each)))];
  byClock.sort((one, other) => one.at.getTime() - other.at.getTime());
  const next = new Map<string, Unplaced[]>();
  for (const command of commands.toSorted((one, other) => other.at.getTime() - one.at.getTime())) {
    const { after } = command;
    if (after !== undefined) next.set(after, [...(next.get(after) ?? []), command]);
  }
  const nextTo = (id: string) => next.get(id) ?? [];
  const order = new Map<string, PlacedChange>();
  const open = [...byClock.reverse(), ...nextTo("")];
  let ms = 0;
  for (let each = open.pop(); each !== undefined; each = open.pop()) {
    const { after: _after, ...placed } = each;
    const { id, origin, at } = placed;
    if (order.has(id)) continue;
    ms = Math.max(ms, at.getTime());
    order.set(id, { ...placed, at: new Date(ms) });
    open.push(...nextTo(id).map((later) => (origin === "elsewhere" ? ofOthers(later) : later)));
  }
  return [...order.values()];
}

/** The same without those of incidents. */
export function plainInOrder(place: HistoryPlace): PlacedChange[] {
  return listStored(place)
    .reverse()
    .map(({ id, path, at }) => {
      const read = () => readFileOf(place, path, parseChange);
      return { id, at, path, isOfIncident: false, origin: "here", read };
    });
}

/** The newest change that was sent or came in here; "" where there is none. Throws FileError as `changesInOrder`. */
export function newestChange(place: HistoryPlace): string {
  return changesInOrder(place).findLast(({ origin }) => origin !== "elsewhere")?.id ?? "";
}

/** The change of a file, as `parse` reads it; undefined where that has none, or the file was forgotten meanwhile. */
export function readFileOf(
  { files }: HistoryPlace,
  path: string,
  parse: (text: string, lock: LockState) => Change | undefined,
): Change | undefined {
  const read = (lock: LockState) => {
    const text = files.read(path);
    return text === undefined ? undefined : parse(text, lock);
  };
  const change = read("held");
  if (change === undefined || change.is_over) return change;
  const lock = files.lockState(path);
  // It may have been closed meanwhile.
  return lock === "held" ? change : read(lock);
}

function ofOthers(command: Unplaced): Unplaced {
  return { ...command, origin: "elsewhere" };
}

const headLines = /^\{"(?:change|imported)":[^\n]*/gm;

/** The commands of an incident, by their first lines; none where it can't be read: `incidents list` tells why. */
function commandsOf({ files }: HistoryPlace, { path, isBeside }: LedgerPlace): Unplaced[] {
  const textOf = () => {
    try {
      return (isBeside ? files.readShared(path) : files.read(path)) ?? "";
    } catch {
      return "";
    }
  };
  let changes: readonly Change[] | undefined;
  const readOne = (id: string) => {
    changes ??= parseChanges(textOf(), files.lockState(path));
    return changes.find((change) => change.id === id);
  };
  let imported = { left: 0, after: "" };
  return (textOf().match(headLines) ?? []).flatMap((text): Unplaced[] => {
    const line = parseLine(text);
    if (line === undefined) return [];
    if ("imported" in line) imported = { left: line.imported, after: line.after ?? "" };
    if (!("change" in line)) return [];
    const { change: id, at } = line;
    const isImported = imported.left > 0;
    // Of the first in a ledger elsewhere nobody knows in which folder it was.
    const own = line.after === "" && isBeside ? undefined : line.after;
    const command: Unplaced = {
      ...{ id, path, isOfIncident: true, at: new Date(at), read: () => readOne(id) },
      ...{ origin: isImported ? "imported" : "here", after: isImported ? imported.after : own },
    };
    imported = { left: imported.left - 1, after: id };
    return [command];
  });
}
