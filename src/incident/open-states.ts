import { isSameApi } from "./identity.js";
import { type BrokenIncident, IncidentFolder, type IncidentPlaces } from "./incident-folder.js";
import type { ApiIdentity } from "./ledger-lines.js";
import type { LedgerState } from "./ledger-state.js";
import { incidentKey } from "./names.js";

/** What the open incidents of a data folder say that are of one API, one of them left out. */
export function readOpenStates(
  places: IncidentPlaces,
  { api, except }: { api: ApiIdentity; except?: string },
): { states: LedgerState[]; broken: BrokenIncident[] } {
  const { known, broken } = new IncidentFolder(places).listOpen();
  const states = known
    .map(({ state }) => state)
    .filter(
      ({ head: { incident, target } }) =>
        (except === undefined || incidentKey(incident) !== incidentKey(except)) && isSameApi(target, api),
    );
  return { states, broken };
}
