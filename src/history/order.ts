import type { LockState } from "../files/lock.js";
import type { Change } from "./change.js";
import { forgottenIds, type HistoryStorage, listStored } from "./folder.js";
import { incidentKeys, type LedgerLocation, locateLedger } from "./incident-files.js";
import { parseChange, parseChanges, parseLines } from "./parse.js";

export interface OrderedChange {
  id: string;
  /** When it was created, or later if the clock was set back, because it only determines the order. */
  at: Date;
  path: string;
  isOfIncident: boolean;
  /** `elsewhere`: written to a shared ledger from another data folder. */
  origin: "here" | "imported" | "elsewhere";
  read(): Change | undefined;
}

interface UnorderedChange extends OrderedChange {
  /** The change before an incident's command; "" if the command came first. */
  after?: string | undefined;
}

/**
 * Lists all changes in a data folder in order of arrival, oldest first. An incident's command names the change before
 * it, in case the clock was set back; if it doesn't, its time decides. Throws FileError if the folder can't be read.
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

/** The id of the newest change that was sent or imported here, or "". Throws what `changesInOrder` throws. */
export function newestChange(storage: HistoryStorage): string {
  return changesInOrder(storage).findLast(({ origin }) => origin !== "elsewhere")?.id ?? "";
}

/** Reads the change in a file with `parse`; undefined if there is none, or if it has been deleted since. */
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
  // The change may have ended between the two reads.
  return lock === "held" ? change : read(lock);
}

function ofOthers(command: UnorderedChange): UnorderedChange {
  return { ...command, origin: "elsewhere" };
}

const headLines = /^\{"(?:change|imported)":[^\n]*/gm;

/** An incident's commands, by their first lines; empty if its file can't be read, as `incidents list` reports. */
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
    // The first command in a ledger elsewhere may come from another data folder, so its predecessor is unknown.
    const own = line.after === "" && isOutsideDataDir ? undefined : line.after;
    const command: UnorderedChange = {
      ...{ id, path, isOfIncident: true, at: new Date(at), read: () => readOne(id) },
      ...{ origin: isImported ? "imported" : "here", after: isImported ? imported.after : own },
    };
    imported = { remaining: imported.remaining - 1, after: id };
    return [command];
  });
}
