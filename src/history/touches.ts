import { mayBeChanged } from "../fleet/outcome.js";
import type { Touch } from "../fleet/touch.js";
import type { Change } from "./change.js";
import type { HistoryPlace } from "./folder.js";
import { changesInOrder, type PlacedChange, plainInOrder, readFileOf } from "./order.js";
import { parseChange } from "./parse.js";
import { touchOf } from "./touch.js";

const textLines = /^\{"text":.*\n/gm;
const maySwitch = /"enabled":|"act":"(?:pause|resume)"/;

/** Its place in the order says when a change began. */
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
  const wanted = ofIncidents ? changesInOrder(place) : plainInOrder(place);
  return wanted
    .filter(({ at, origin }) => at.getTime() >= fromMs && origin === "here")
    .flatMap((placed) => {
      const change = placed.isOfIncident ? placed.read() : readAlone(place, placed, onlySwitches);
      return change === undefined ? [] : touchesIn(change);
    });
}

function readAlone(place: HistoryPlace, { path }: PlacedChange, onlySwitches: boolean): Change | undefined {
  return readFileOf(place, path, (text, lock) => {
    // Instructions, most of a file, tell nothing here.
    if (onlySwitches && !maySwitch.test(text)) return undefined;
    return parseChange(text.replaceAll(textLines, ""), lock);
  });
}

function touchesIn({ items, incident, at: begun }: Change): Touch[] {
  return items.flatMap((item) => {
    const { deployment_id, automation_id, at = begun, served_at } = item;
    const change = touchOf(item);
    if (change === undefined || automation_id === null || !mayBeChanged(item)) return [];
    const touch = { deployment_id, automation_id, change, incident, at: new Date(at) };
    return [served_at === undefined ? touch : { ...touch, servedAt: new Date(served_at) }];
  });
}
