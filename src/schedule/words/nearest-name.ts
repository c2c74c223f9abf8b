import { askWhetherMeant, editDistance } from "../../near-misses.js";
import { scheduleNames } from "./tokens.js";

const otherWords = (
  "every each at on and in of the between from until minute minutes hour hours hourly day daily week weekly " +
  "month monthly months quarter quarterly year yearly annually weekday weekdays weekend weekends utc past"
).split(" ");

/** The hint with the nearest word, if one is near. */
export function nearestName(word: string): string | undefined {
  const typed = word.toLowerCase();
  if (typed.length < 3 || typed.length > 12) return undefined;
  const allowed = typed.length > 5 ? 2 : 1;
  let nearest: { name: string; distance: number } | undefined;
  for (const name of [...otherWords, ...scheduleNames]) {
    const distance = editDistance(typed, name);
    if (distance > 0 && distance <= allowed && distance < (nearest?.distance ?? Infinity)) {
      nearest = { name, distance };
    }
  }
  return nearest && askWhetherMeant([`"${nearest.name}"`]);
}
