import type { ActualAutomation } from "../plan/plan-item.js";
import type { DeploymentState } from "../state/deployment-state.js";
import { type AutomationRecord, type Making, printOf } from "./automation-record.js";
import { keyOf } from "./key.js";

/** A create of which it can't be told which of several it made. */
export interface Unsettled extends Making {
  ids: string[];
}

/**
 * Finds out what became of creates and deletions that a killed command, or a lost answer, left open: by what is there.
 * Changes the record, and gives what can't be told, which is not taken for ours.
 */
export function settleRecord(record: AutomationRecord, states: readonly DeploymentState[]): Unsettled[] {
  const read = new Map(
    states.filter(({ error }) => error === undefined).map((state) => [state.target.deployment_id, state]),
  );
  for (const entry of record.deletions) {
    const state = read.get(entry.deployment_id);
    if (state === undefined) continue;
    const isThere = state.actual.some(({ automation_id }) => automation_id === entry.automation_id);
    if (isThere) record.removeDeletion(entry);
    else record.remove(entry);
  }
  return record.makings.flatMap((making) => {
    const state = read.get(making.deployment_id);
    return state === undefined ? [] : settleMaking(record, { making, state });
  });
}

function settleMaking(
  record: AutomationRecord,
  { making, state }: { making: Making; state: DeploymentState },
): Unsettled[] {
  const { deployment_id, name, print } = making;
  const named = state.actual.filter(
    (automation) =>
      automation.name === name && record.entryOf(deployment_id, automation.automation_id) === undefined,
  );
  // Not read whole: another time.
  if (named.some(({ instructions }) => instructions === undefined)) return [];
  const made = named.filter((automation) => printOfActual(automation) === print);
  record.removeMaking(making);
  const [only] = made;
  if (only !== undefined && made.length === 1) {
    record.add({ deployment_id, automation_id: only.automation_id, key: keyOf(making) });
  }
  return made.length > 1 ? [{ ...making, ids: made.map(({ automation_id }) => automation_id) }] : [];
}

function printOfActual({ name, schedule, instructions = "" }: ActualAutomation): string {
  return printOf({ name, schedule, instructions });
}
