import { existsSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../errors.js";
import { namesIn } from "../files/owned-files.js";
import { type HistoryPlace, historyFolder } from "./folder.js";

/** Where an incident's file is kept. `isBeside`: in a folder of anybody's, given by `--ledger`. */
export interface LedgerPlace {
  path: string;
  isBeside: boolean;
}

/** Files are `<name>.jsonl`; `<name>.link` holds the path of one elsewhere. */
export function incidentsFolder(place: Pick<HistoryPlace, "dataDir">): string {
  return join(historyFolder(place), "incidents");
}

/** Where an incident's file is, or would be. Throws UsageError for what can't be a name, FileError where the history is a link. */
export function placeOfIncident(place: HistoryPlace, name: string): LedgerPlace {
  const key = incidentKey(checkIncidentName(name));
  const linked = place.files.read(join(incidentsFolder(place), `${key}.link`))?.trimEnd();
  if (linked !== undefined) return { path: linked, isBeside: true };
  return { path: ownPathOfIncident(place, key), isBeside: false };
}

/** Where it is kept unless it is kept elsewhere. */
export function ownPathOfIncident(place: Pick<HistoryPlace, "dataDir">, name: string): string {
  return join(incidentsFolder(place), `${incidentKey(name)}.jsonl`);
}

/** The keys of all incidents that a data folder knows. */
export function incidentKeys(place: HistoryPlace): string[] {
  const folder = incidentsFolder(place);
  const names = (existsSync(folder) ? namesIn(folder) : []).flatMap(
    (file) => /^([a-z0-9][a-z0-9._-]{0,63})\.(?:jsonl|link)$/.exec(file)?.[1] ?? [],
  );
  return [...new Set(names)].sort();
}

/** Throws UsageError unless the text can name an incident (src/incident/README.md, "Names and ledgers"). */
export function checkIncidentName(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text)) return text;
  throw new UsageError(`${JSON.stringify(text)} can't name an incident`, {
    hint: "up to 64 letters, digits, dots, dashes and underscores, the first a letter or digit: INC-42",
  });
}

/** Names are compared without case; this is what is compared. */
export function incidentKey(name: string): string {
  return name.toLowerCase();
}

/** A name from date and time, in UTC: `20251201-031502`; with a number behind it where that is taken. */
export function makeIncidentName(now: Date, isTaken: (name: string) => boolean): string {
  const [date = "", time = ""] = now.toISOString().split("T");
  return freeName(`${date.replaceAll("-", "")}-${time.slice(0, 8).replaceAll(":", "")}`, isTaken);
}

/** This name, with a number behind it where it is taken. */
export function freeName(base: string, isTaken: (name: string) => boolean): string {
  for (let count = 1; ; count += 1) {
    const name = count === 1 ? base : `${base.slice(0, 60)}-${count}`;
    if (!isTaken(name)) return name;
  }
}
