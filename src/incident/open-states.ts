import type { HistoryStorage } from "../history/folder.js";
import { incidentKey } from "../history/incident-files.js";
import type { ApiIdentity } from "../history/incident-lines.js";
import { isSameApi } from "./identity.js";
import { type BrokenIncident, IncidentFolder } from "./incident-folder.js";
import type { LedgerState } from "./ledger-state.js";

export function readOpenStates(
  storage: HistoryStorage,
  { api, except }: { api: ApiIdentity; except?: string },
): { states: LedgerState[]; broken: BrokenIncident[] } {
  const { known, broken } = new IncidentFolder(storage).listOpen();
  const states = known
    .map(({ state }) => state)
    .filter(
      ({ head: { incident, target } }) =>
        (except === undefined || incidentKey(incident) !== incidentKey(except)) && isSameApi(target, api),
    );
  return { states, broken };
}
