import { existsSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../errors/cli-errors.js";
import { namesIn } from "../files/owned-files.js";
import { type HistoryStorage, historyFolder } from "./folder.js";

/** The location of an incident's file. `isOutsideDataDir`: in the folder that `--ledger` names. */
export interface LedgerLocation {
  path: string;
  isOutsideDataDir: boolean;
}

/** Files are `<name>.jsonl`; `<name>.link` contains the path of a file elsewhere. */
export function incidentsFolder(storage: Pick<HistoryStorage, "dataDir">): string {
  return join(historyFolder(storage), "incidents");
}

/**
 * Locates an incident's file, which may not exist. Throws UsageError for a bad name, FileError for a linked history.
 */
export function locateLedger(storage: HistoryStorage, name: string): LedgerLocation {
  const key = incidentKey(checkIncidentName(name));
  const linked = storage.files.read(join(incidentsFolder(storage), `${key}.link`))?.trimEnd();
  if (linked !== undefined) return { path: linked, isOutsideDataDir: true };
  return { path: ownLedgerPath(storage, key), isOutsideDataDir: false };
}

export function ownLedgerPath(storage: Pick<HistoryStorage, "dataDir">, name: string): string {
  return join(incidentsFolder(storage), `${incidentKey(name)}.jsonl`);
}

export function incidentKeys(storage: HistoryStorage): string[] {
  const folder = incidentsFolder(storage);
  const names = (existsSync(folder) ? namesIn(folder) : []).flatMap(
    (file) => /^([a-z0-9][a-z0-9._-]{0,63})\.(?:jsonl|link)$/.exec(file)?.[1] ?? [],
  );
  return [...new Set(names)].sort();
}

/** Throws UsageError unless the text can name an incident (src/incident/README.md, "Names and ledgers"). */
export function checkIncidentName(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text)) return text;
  throw new UsageError(`${JSON.stringify(text)} isn't a valid incident name`, {
    hint: "up to 64 letters, digits, dots, dashes and underscores, starting with a letter or digit: INC-42",
  });
}

export function incidentKey(name: string): string {
  return name.toLowerCase();
}

/** Makes a name from the UTC date and time: `20251201-031502`, with a number appended if it is taken. */
export function makeIncidentName(now: Date, isTaken: (name: string) => boolean): string {
  const [date = "", time = ""] = now.toISOString().split("T");
  return freeName(`${date.replaceAll("-", "")}-${time.slice(0, 8).replaceAll(":", "")}`, isTaken);
}

export function freeName(base: string, isTaken: (name: string) => boolean): string {
  for (let count = 1; ; count += 1) {
    const name = count === 1 ? base : `${base.slice(0, 60)}-${count}`;
    if (!isTaken(name)) return name;
  }
}
