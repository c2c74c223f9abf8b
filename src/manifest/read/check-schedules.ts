import { type ReadItemSchedule, refusedZone, scheduleMistake } from "../item-schedule.js";
import type { Mistakes } from "../mistake.js";
import { spreadMistake } from "../spread.js";
import { plainText } from "../values/variables.js";
import type { ManifestItem } from "./manifest.js";

/** Finds mistakes in schedules, zones and spreads that are the same for every deployment. */
export function checkSchedules(
  items: readonly ManifestItem[],
  {
    mistakes,
    readSchedule,
    isOffline = false,
  }: { mistakes: Mistakes; readSchedule: ReadItemSchedule; isOffline?: boolean | undefined },
): void {
  for (const { schedule, tz, spread } of items) {
    const text = schedule && plainText(schedule);
    const zone = tz && plainText(tz);
    const isKnown = text !== undefined && (tz === undefined || zone !== undefined);
    const reading = isKnown ? readSchedule({ text, zone }) : undefined;
    const refused =
      reading === undefined && zone !== undefined
        ? refusedZone(readSchedule, zone)
        : reading?.ok === false
          ? reading
          : undefined;
    // Without a zone the server may have the very same text: that shows when its automations are read.
    const isMistake = tz !== undefined || (isOffline && refused?.never === undefined);
    const length = spread && plainText(spread);
    const mistake =
      refused !== undefined && isMistake
        ? scheduleMistake(refused, { schedule, tz })
        : length && spreadMistake({ text: length, position: spread.position }, reading);
    if (mistake) mistakes.add(mistake);
  }
}
