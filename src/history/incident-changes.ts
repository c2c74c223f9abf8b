import { statSync } from "node:fs";
import { ifPossible } from "../files/file-error.js";
import { IncidentFolder } from "../incident/incident-folder.js";
import type { LedgerPlace } from "../incident/ledger.js";
import { readEveryLine } from "../incident/ledger-part.js";
import type { Change } from "./change.js";
import { type HistoryPlace, listStored, placeIncidentChange } from "./folder.js";
import { ledgerChanges } from "./ledger-changes.js";

/** A command of an incident. */
type IncidentChange = Change & { incident: string };

/**
 * What the incidents of a data folder paused and resumed, newest first by their clocks: each command line a change, read from
 * the ledgers, which are the record of it. A ledger that nobody wrote to `since` isn't read; one that can't be read is passed
 * over: `incidents list` tells why.
 */
export function incidentChanges(place: HistoryPlace, since?: Date): IncidentChange[] {
  return new IncidentFolder(place)
    .places()
    .filter((ledger) => since === undefined || wasWrittenSince(ledger, since))
    .flatMap((ledger) => changesAt(place, ledger))
    .toSorted((one, other) => Date.parse(other.at) - Date.parse(one.at));
}

/** The change of that id, of this incident or of any; undefined if there is none. */
export function incidentChange(place: HistoryPlace, id: string, incident?: string): Change | undefined {
  const folder = new IncidentFolder(place);
  const ledgers = incident === undefined ? folder.places() : [folder.placeOf(incident)];
  for (const ledger of ledgers) {
    const found = changesAt(place, ledger).find((change) => change.id === id);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Takes down where the commands of a ledger stand that came in now: after all that is here. Never throws. */
export function placeImported(place: HistoryPlace, ledger: LedgerPlace, at: Date): void {
  ifPossible(() => {
    const known = new Set(listStored(place).map(({ id }) => id));
    for (const { id, incident } of changesAt(place, ledger))
      if (!known.has(id))
        placeIncidentChange(place, { id, at: at.toISOString(), incident, isImported: true });
  });
}

/** The commands that a ledger tells of; none where it can't be read. */
export function changesAt({ files }: HistoryPlace, ledger: LedgerPlace): IncidentChange[] {
  try {
    const isHeld = files.lockState(ledger.path) === "held";
    const changes = ledgerChanges(readEveryLine(files, ledger));
    return changes.map((change, at) => {
      const isUnderWay = isHeld && at === changes.length - 1;
      return change.is_over || isUnderWay ? change : { ...change, is_over: true, was_killed: true };
    });
  } catch {
    return [];
  }
}

function wasWrittenSince({ path }: LedgerPlace, since: Date): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.mtime ?? since) >= since;
}
