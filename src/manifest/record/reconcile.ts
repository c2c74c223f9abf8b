import type { DeploymentState } from "../state/deployment-state.js";
import { type AutomationRecord, fingerprintOf, keyOf, type PendingCreate } from "./automation-record.js";

/** A create that may have produced any of several automations. */
interface AmbiguousCreate extends PendingCreate {
  ids: string[];
}

/**
 * Works out from the existing automations which creates and deletions took effect after a kill or a lost response.
 * Changes the record; returns creates that are still unknown, which don't count as ours.
 */
export function reconcileRecord(
  record: AutomationRecord,
  states: readonly DeploymentState[],
): AmbiguousCreate[] {
  const read = new Map(
    states.filter(({ error }) => error === undefined).map((state) => [state.target.deployment_id, state]),
  );
  for (const entry of record.pendingDeletions) {
    const state = read.get(entry.deployment_id);
    if (state === undefined || state.unknown?.has(entry.automation_id) === true) continue;
    const isThere = state.actual.some(({ automation_id }) => automation_id === entry.automation_id);
    if (isThere) record.removePendingDeletion(entry);
    else record.remove(entry);
  }
  return record.pendingCreates.flatMap((create) => {
    const state = read.get(create.deployment_id);
    return state === undefined ? [] : reconcileCreate(record, { create, state });
  });
}

function reconcileCreate(
  record: AutomationRecord,
  { create, state }: { create: PendingCreate; state: DeploymentState },
): AmbiguousCreate[] {
  const { deployment_id, name, fingerprint } = create;
  const named = state.actual.filter(
    (automation) =>
      automation.name === name && record.entryOf(deployment_id, automation.automation_id) === undefined,
  );
  // Not read in full, so it is left for the next time.
  if (named.some(({ instructions }) => instructions === undefined)) return [];
  const made = named.filter(
    ({ schedule, instructions = "" }) => fingerprintOf({ name, schedule, instructions }) === fingerprint,
  );
  record.removePendingCreate(create);
  const [only] = made;
  if (only !== undefined && made.length === 1) {
    record.add({ deployment_id, automation_id: only.automation_id, key: keyOf(create) });
  }
  return made.length > 1 ? [{ ...create, ids: made.map(({ automation_id }) => automation_id) }] : [];
}
