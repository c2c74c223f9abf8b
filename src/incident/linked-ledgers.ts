import type { PrivateFiles } from "../files/private-files.js";
import { itemKey } from "../fleet/refs.js";
import type { Touch } from "../fleet/touch.js";
import type { HistoryPlace } from "../history/folder.js";
import { incidentKey, type LedgerPlace } from "../history/incident-files.js";
import type { TouchedLine } from "../history/incident-lines.js";
import { IncidentFolder } from "./incident-folder.js";
import { readLedger, withLedger } from "./ledger.js";
import type { LedgerState } from "./ledger-state.js";

/** So long for a ledger that another process writes to: as long as it may take to write a few lines. */
const waitMs = 2_000;

/**
 * Tells the ledgers elsewhere that this data folder knows what was touched outside their incidents, so that whoever
 * resumes by them with another data folder sees it. Throws NotPossibleError or FileError for one that can't be told.
 */
export async function tellLinkedLedgers(places: HistoryPlace, touches: readonly Touch[]): Promise<void> {
  for (const [name, place] of new IncidentFolder(places).links()) {
    const outside = touches.filter(
      ({ incident }) => incident === undefined || incidentKey(incident) !== incidentKey(name),
    );
    if (outside.length > 0) await tellLedger(places, { name, place }, outside);
  }
}

async function tellLedger(
  { files }: HistoryPlace,
  { name, place }: { name: string; place: LedgerPlace },
  touches: readonly Touch[],
): Promise<void> {
  if (linesFor(readIfThere(files, place), touches).length === 0) return;
  await withLedger(files, place, async (ledger) => ledger.write(linesFor(ledger.state, touches)), {
    waitMs,
    incident: name,
  });
}

function linesFor(state: LedgerState | undefined, touches: readonly Touch[]): TouchedLine[] {
  // One that was given up may be reopened.
  if (state === undefined || state.closed?.why === "resumed") return [];
  return touches.map(toLine).filter((line) => state.items.has(itemKey(line)));
}

/** Nobody resumes by a ledger that can't be read: nothing has to be told to it. */
function readIfThere(files: PrivateFiles, place: LedgerPlace): LedgerState | undefined {
  try {
    return readLedger(files, place);
  } catch {
    return undefined;
  }
}

function toLine({ deployment_id, automation_id, change, incident, at }: Touch): TouchedLine {
  return {
    touched: change,
    at: at.toISOString(),
    deployment_id,
    automation_id,
    within: incident,
  };
}
