import { statSync } from "node:fs";
import { ifPossible } from "../files/file-error.js";
import { IncidentFolder } from "../incident/incident-folder.js";
import type { LedgerPlace } from "../incident/ledger.js";
import { readEveryLine } from "../incident/ledger-part.js";
import { incidentKey } from "../incident/names.js";
import type { Change } from "./change.js";
import { type HistoryPlace, listStored, placeIncidentChange } from "./folder.js";
import { type LedgerChange, ledgerChanges } from "./ledger-changes.js";

/**
 * What the incidents of a data folder paused and resumed, newest first by their clocks: each command line a change, read from
 * the ledgers, which are the record of it. The first of an incident has the incident's name as its id, the second `INC-42/2`.
 * A ledger that nobody wrote to `since` isn't read; one that can't be read is passed over: `incidents list` tells why.
 */
export function incidentChanges(place: HistoryPlace, since?: Date): LedgerChange[] {
  return new IncidentFolder(place)
    .places()
    .filter((ledger) => since === undefined || wasWrittenSince(ledger, since))
    .flatMap((ledger) => changesAt(place, ledger))
    .toSorted((one, other) => Date.parse(other.at) - Date.parse(one.at));
}

/** The change of that id; undefined if there is none. */
export function incidentChange(place: HistoryPlace, id: string): Change | undefined {
  const [name = ""] = id.split("/");
  const folder = new IncidentFolder(place);
  // What can't be a name isn't one.
  if (!/^[\w.-]+$/.test(name) || !folder.isKnown(name)) return undefined;
  const isWanted = (change: Change) => incidentKey(change.id) === incidentKey(id);
  const found = changesAt(place, folder.placeOf(name)).find(isWanted);
  return found && withoutPlace(found);
}

/** Takes down where the commands of a ledger stand that came in now: after all that is here. Never throws. */
export function placeImported(place: HistoryPlace, ledger: LedgerPlace, at: Date): void {
  ifPossible(() => {
    const known = new Set(listStored(place).map(({ id }) => id));
    for (const { place: id, incident } of changesAt(place, ledger))
      if (id !== undefined && !known.has(id))
        placeIncidentChange(place, { id, at: at.toISOString(), incident });
  });
}

/** As a change is told. */
export function withoutPlace({ place: _place, ...change }: LedgerChange): Change {
  return change;
}

function changesAt({ files }: HistoryPlace, ledger: LedgerPlace): LedgerChange[] {
  try {
    return ledgerChanges(readEveryLine(files, ledger));
  } catch {
    return [];
  }
}

function wasWrittenSince({ path }: LedgerPlace, since: Date): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.mtime ?? since) >= since;
}
