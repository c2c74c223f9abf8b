import type { LockState } from "../files/lock.js";
import type { Change } from "./change.js";
import { forgottenIds, type HistoryStorage, listStored } from "./folder.js";
import { incidentKeys, type LedgerLocation, locateLedger } from "./incident-files.js";
import { parseChange, parseChanges, parseLines } from "./parse.js";

export interface OrderedChange {
  id: string;
  /** The time of its creation, later where the clock was put back: it gives only the order. */
  at: Date;
  path: string;
  isOfIncident: boolean;
  /** `elsewhere`: another data folder wrote it in a ledger that is shared. */
  origin: "here" | "imported" | "elsewhere";
  read(): Change | undefined;
}

interface UnorderedChange extends OrderedChange {
  /** The change before an incident's command; "": it is the first of all. */
  after?: string | undefined;
}

/**
 * All changes of a data folder, in the order in which they came in, oldest first. An incident's command names the one
 * before it, so that the clock may be put back; where that isn't known its clock decides. Throws FileError where the
 * folder can't be read.
 */
export function changesInOrder(storage: HistoryStorage): OrderedChange[] {
  const stored: UnorderedChange[] = plainInOrder(storage);
  const commands = incidentKeys(storage).flatMap((key) => commandsOf(storage, locateLedger(storage, key)));
  const known = new Set(["", ...[...stored, ...commands].map(({ id }) => id)]);
  const unanchored = commands.filter(({ after }) => after === undefined || !known.has(after));
  const gone = new Set(unanchored.length === 0 ? [] : forgottenIds(storage));
  const byClock = [
    ...stored,
    ...unanchored.map((each) => (gone.has(each.after ?? "") ? each : ofOthers(each))),
  ];
  byClock.sort((one, other) => one.at.getTime() - other.at.getTime());
  const next = new Map<string, UnorderedChange[]>();
  for (const command of commands.toSorted((one, other) => other.at.getTime() - one.at.getTime())) {
    const { after } = command;
    if (after !== undefined) next.set(after, [...(next.get(after) ?? []), command]);
  }
  const nextTo = (id: string) => next.get(id) ?? [];
  const order = new Map<string, OrderedChange>();
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

export function plainInOrder(storage: HistoryStorage): OrderedChange[] {
  return listStored(storage)
    .reverse()
    .map(({ id, path, at }) => {
      const read = () => readFileOf(storage, path, parseChange);
      return { id, at, path, isOfIncident: false, origin: "here", read };
    });
}

/** The id of the newest change that was sent or imported here, or "". Throws FileError as `changesInOrder`. */
export function newestChange(storage: HistoryStorage): string {
  return changesInOrder(storage).findLast(({ origin }) => origin !== "elsewhere")?.id ?? "";
}

/** Reads a file's change with `parse`; undefined where it has none, or was forgotten meanwhile. */
export function readFileOf(
  { files }: HistoryStorage,
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
  // The change may have been closed between the two readings.
  return lock === "held" ? change : read(lock);
}

function ofOthers(command: UnorderedChange): UnorderedChange {
  return { ...command, origin: "elsewhere" };
}

const headLines = /^\{"(?:change|imported)":[^\n]*/gm;

/** The commands of an incident, by their first lines; none where it can't be read, which `incidents list` reports. */
function commandsOf(
  { files }: HistoryStorage,
  { path, isOutsideDataDir }: LedgerLocation,
): UnorderedChange[] {
  const textOf = () => {
    try {
      return (isOutsideDataDir ? files.readShared(path) : files.read(path)) ?? "";
    } catch {
      return "";
    }
  };
  let changes: readonly Change[] | undefined;
  const readOne = (id: string) => {
    changes ??= parseChanges(textOf(), files.lockState(path));
    return changes.find((change) => change.id === id);
  };
  let imported = { remaining: 0, after: "" };
  const heads = textOf().match(headLines) ?? [];
  return parseLines(heads.join("\n")).flatMap((line): UnorderedChange[] => {
    if (line === undefined) return [];
    if ("imported" in line) imported = { remaining: line.imported, after: line.after ?? "" };
    if (!("change" in line)) return [];
    const { change: id, at } = line;
    const isImported = imported.remaining > 0;
    // The first command of a ledger elsewhere may be from another data folder: nothing is known to come before it.
    const own = line.after === "" && isOutsideDataDir ? undefined : line.after;
    const command: UnorderedChange = {
      ...{ id, path, isOfIncident: true, at: new Date(at), read: () => readOne(id) },
      ...{ origin: isImported ? "imported" : "here", after: isImported ? imported.after : own },
    };
    imported = { remaining: imported.remaining - 1, after: id };
    return [command];
  });
}
