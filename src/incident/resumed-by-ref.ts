import { itemKey } from "../fleet/refs.js";
import type { ChangeRecord } from "../history/change.js";
import { incidentKey } from "../history/incident-files.js";
import type { LedgerState } from "./ledger-state.js";

/**
 * Notes in an incident's state what was resumed from here outside of it, by ref or for another incident, after it was
 * paused: the incident holds none of that any more. `changes`: as the history has them, oldest first.
 */
export function noteResumedByRef(state: LedgerState, changes: readonly ChangeRecord[]): void {
  const own = incidentKey(state.head.incident);
  for (const { change, incident, at, ...ids } of changes) {
    const item = state.items.get(itemKey(ids));
    if (item === undefined) continue;
    const isOwn = incident !== undefined && incidentKey(incident) === own;
    if (isOwn && change === "pause") item.isResumedByRef = false;
    const isLater = at.getTime() >= Date.parse(item.pausedAt ?? "");
    if (!isOwn && change === "resume" && isLater) item.isResumedByRef = true;
  }
}
