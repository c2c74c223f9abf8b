import type { ActualAutomation } from "../plan-item.js";
import type { Survey } from "../survey.js";
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
export function settleRecord(record: AutomationRecord, surveys: readonly Survey[]): Unsettled[] {
  const read = new Map(
    surveys.filter(({ error }) => error === undefined).map((survey) => [survey.target.deploymentId, survey]),
  );
  for (const entry of record.deletions) {
    const survey = read.get(entry.deploymentId);
    if (survey === undefined) continue;
    const isThere = survey.actual.some(({ automation_id }) => automation_id === entry.automationId);
    if (isThere) record.removeDeletion(entry);
    else record.remove(entry);
  }
  return record.makings.flatMap((making) => {
    const survey = read.get(making.deploymentId);
    return survey === undefined ? [] : settleMaking(record, { making, survey });
  });
}

function settleMaking(
  record: AutomationRecord,
  { making, survey }: { making: Making; survey: Survey },
): Unsettled[] {
  const { deploymentId, name, print } = making;
  const named = survey.actual.filter(
    (automation) =>
      automation.name === name && record.entryOf(deploymentId, automation.automation_id) === undefined,
  );
  // Not read whole: another time.
  if (named.some(({ instructions }) => instructions === undefined)) return [];
  const made = named.filter((automation) => printOfActual(automation) === print);
  record.removeMaking(making);
  const [only] = made;
  if (only !== undefined && made.length === 1) {
    record.add({ deploymentId, automationId: only.automation_id, key: keyOf(making) });
  }
  return made.length > 1 ? [{ ...making, ids: made.map(({ automation_id }) => automation_id) }] : [];
}

function printOfActual({ name, schedule, instructions = "" }: ActualAutomation): string {
  return printOf({ name, schedule, instructions });
}
