import type { PrivateFiles } from "../files/private-files.js";
import { itemKey } from "../fleet/refs.js";
import type { PossibleChange } from "../history/change.js";
import type { HistoryStorage } from "../history/folder.js";
import { incidentKey, type LedgerLocation } from "../history/incident-files.js";
import type { ChangedLine } from "../history/incident-lines.js";
import { IncidentFolder } from "./incident-folder.js";
import { readLedger, withLedger } from "./ledger.js";
import type { LedgerState } from "./ledger-state.js";

/** Milliseconds to wait for another process that is writing a few lines. */
const waitMs = 2_000;

/**
 * Records changes made outside an incident in its ledger, if that is elsewhere and known to this data folder, so that
 * resumes from other data folders see them. Throws NotPossibleError or FileError if one can't be written.
 */
export async function updateLinkedLedgers(
  storage: HistoryStorage,
  changes: readonly PossibleChange[],
): Promise<void> {
  for (const [name, location] of new IncidentFolder(storage).links()) {
    const outside = changes.filter(
      ({ incident }) => incident === undefined || incidentKey(incident) !== incidentKey(name),
    );
    if (outside.length > 0) await updateLedger(storage, { name, location }, outside);
  }
}

async function updateLedger(
  { files }: HistoryStorage,
  { name, location }: { name: string; location: LedgerLocation },
  changes: readonly PossibleChange[],
): Promise<void> {
  if (linesFor(readIfThere(files, location), changes).length === 0) return;
  await withLedger(files, location, async (ledger) => ledger.write(linesFor(ledger.state, changes)), {
    waitMs,
    what: `incident ${name}`,
  });
}

function linesFor(state: LedgerState | undefined, changes: readonly PossibleChange[]): ChangedLine[] {
  // An incident that was closed for another reason may be reopened.
  if (state === undefined || state.closed?.why === "resumed") return [];
  return changes.map(toLine).filter((line) => state.items.has(itemKey(line)));
}

/** A ledger that can't be read needs no lines, because a resume can't use it either. */
function readIfThere(files: PrivateFiles, location: LedgerLocation): LedgerState | undefined {
  try {
    return readLedger(files, location);
  } catch {
    return undefined;
  }
}

function toLine({ deployment_id, automation_id, change, incident, at, by }: PossibleChange): ChangedLine {
  const ids = { deployment_id, automation_id };
  return { changed: change, at: at.toISOString(), ...ids, within: incident, by };
}
