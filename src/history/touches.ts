import { mayBeChanged } from "../fleet/outcome.js";
import type { Touch } from "../fleet/touch.js";
import { IncidentFolder } from "../incident/incident-folder.js";
import type { Change } from "./change.js";
import { type HistoryPlace, listStored, type StoredChange } from "./folder.js";
import { changesAt } from "./incident-changes.js";
import { parseChange } from "./parse.js";
import { readFileOf } from "./read.js";
import { touchOf } from "./touch.js";

const textLines = /^\{"text":.*\n/gm;
const maySwitch = /"enabled":|"act":"(?:pause|resume)"/;

/** A file's name says when its change began. */
const longestChangeMs = 60 * 60 * 1000;

/**
 * What was changed with this data folder, in the order of the record, oldest first; of incidents what was sent from here.
 * `sinceMs`, `onlySwitches`: what is older, or is neither a pause nor a resume, isn't wanted, and may be there all the same;
 * `ofIncidents`: whether theirs are wanted. Throws FileError where the folder can't be read.
 */
export function touchesOf(
  place: HistoryPlace,
  { sinceMs = Number.NEGATIVE_INFINITY, onlySwitches = false, ofIncidents = true } = {},
): Touch[] {
  const fromMs = sinceMs - longestChangeMs;
  const ledgers = new Map<string, readonly Change[]>();
  return listStored(place)
    .filter(({ at, incident }) => at.getTime() >= fromMs && (ofIncidents || incident === undefined))
    .reverse()
    .flatMap((stored) => {
      const change = changeOf({ place, ledgers, onlySwitches }, stored);
      return change === undefined ? [] : touchesIn(change);
    });
}

interface Reading {
  place: HistoryPlace;
  ledgers: Map<string, readonly Change[]>;
  onlySwitches: boolean;
}

function changeOf(
  { place, ledgers, onlySwitches }: Reading,
  { id, path, incident, isImported }: StoredChange,
): Change | undefined {
  if (incident === undefined) {
    return readFileOf(place, path, (text, lock) => {
      // Instructions, most of a file, tell nothing here.
      return onlySwitches && !maySwitch.test(text)
        ? undefined
        : parseChange(text.replaceAll(textLines, ""), lock);
    });
  }
  if (isImported) return undefined;
  const known = ledgers.get(incident) ?? changesAt(place, new IncidentFolder(place).placeOf(incident));
  ledgers.set(incident, known);
  return known.find((change) => change.id === id);
}

function touchesIn({ items, incident, at: begun }: Change): Touch[] {
  return items.flatMap((item) => {
    const { deployment_id: deploymentId, automation_id: automationId, at = begun, served_at } = item;
    const change = touchOf(item);
    if (change === undefined || automationId === null || !mayBeChanged(item)) return [];
    const touch = { deploymentId, automationId, change, incident, at: new Date(at) };
    return [served_at === undefined ? touch : { ...touch, servedAt: new Date(served_at) }];
  });
}
