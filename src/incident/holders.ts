import { isSameApi } from "./identity.js";
import { type BrokenIncident, IncidentFolder, type IncidentPlaces } from "./incident-folder.js";
import type { ApiIdentity } from "./ledger-lines.js";
import { isOwn } from "./ledger-state.js";
import { incidentKey } from "./names.js";

/** The open incident that has an automation paused, as far as its ledger knows, and since when. */
export interface Holder {
  incident: string;
  since: string;
}

export interface Holders {
  /** By `<deployment>/<automation>`; of several incidents the one that paused it last. */
  byItem: Map<string, Holder>;
  /** Ledgers that can't be read: what they hold isn't known. */
  broken: BrokenIncident[];
}

/** What the open incidents of a data folder hold of an API, one of them left out. */
export function readHolders(
  places: IncidentPlaces,
  { api, except }: { api: ApiIdentity; except?: string | undefined },
): Holders {
  const { known, broken } = new IncidentFolder(places).listOpen();
  const byItem = new Map<string, Holder>();
  for (const { state } of known) {
    const { incident, target } = state.head;
    const isLeftOut = except !== undefined && incidentKey(incident) === incidentKey(except);
    if (isLeftOut || !isSameApi(target, api)) continue;
    for (const [key, item] of state.items) {
      const since = item.pausedAt ?? item.line.at;
      if (isOwn(item) && since >= (byItem.get(key)?.since ?? "")) byItem.set(key, { incident, since });
    }
  }
  return { byItem, broken };
}
