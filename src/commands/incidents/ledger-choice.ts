import { resolve } from "node:path";
import type { Context } from "../../context.js";
import { UsageError } from "../../errors.js";
import { IncidentFolder } from "../../incident/incident-folder.js";
import { type LedgerPlace, readLedger } from "../../incident/ledger.js";
import { checkIncidentName, incidentKey, makeIncidentName } from "../../incident/names.js";

/** Which incident a command is about, and where its ledger is or will be. */
export interface LedgerChoice {
  incident: string;
  place: LedgerPlace;
  /** Nobody gave the name: it was made up, or read from the ledger. */
  isGiven: boolean;
}

export interface LedgerFlags {
  incident?: string | undefined;
  ledger?: string | undefined;
}

/** The ledger that the flags name; without a name one is made up. Throws UsageError for a bad name, or a ledger of another incident. */
export function chooseLedger(context: Context, { incident, ledger }: LedgerFlags): LedgerChoice {
  const folder = new IncidentFolder(context.settings);
  if (incident !== undefined) checkIncidentName(incident);
  if (ledger === undefined) {
    const name = incident ?? makeIncidentName(context.now(), (made) => folder.isKnown(made));
    return { incident: name, place: folder.placeOf(name), isGiven: incident !== undefined };
  }
  const path = resolve(context.settings.places.cwd, ledger);
  const known = readLedger(context.settings.files, { path, isBeside: true })?.head.incident;
  if (known !== undefined && incident !== undefined && incidentKey(known) !== incidentKey(incident)) {
    throw new UsageError(`${path} is the ledger of incident ${known}, not of ${incident}`);
  }
  const name = known ?? incident ?? makeIncidentName(context.now(), (made) => folder.isKnown(made));
  const own = folder.placeOf(name);
  const place = own.path === path ? own : { path, isBeside: true };
  return { incident: name, place, isGiven: incident !== undefined };
}

/** Lets the data folder know of a ledger elsewhere, so that `incidents` and `list` find it. Throws ConflictError where the name is taken. */
export function rememberLedger(context: Context, { incident, place }: LedgerChoice): void {
  if (place.isBeside) new IncidentFolder(context.settings).link(incident, place.path);
}
