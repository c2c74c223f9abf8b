import { knownNames } from "./word-tokens.js";

const otherWords = (
  "every each at on and in of the between from until minute minutes hour hours hourly day daily week weekly " +
  "month monthly months quarter quarterly year yearly annually weekday weekdays weekend weekends utc past"
).split(" ");

/** The word that somebody may have meant, as a hint; nothing when none is near. */
export function nearestName(word: string): string | undefined {
  const typed = word.toLowerCase();
  if (typed.length < 3 || typed.length > 12) return undefined;
  const allowed = typed.length > 5 ? 2 : 1;
  let nearest: { name: string; distance: number } | undefined;
  for (const name of [...otherWords, ...knownNames]) {
    const distance = editDistance(typed, name);
    if (distance > 0 && distance <= allowed && distance < (nearest?.distance ?? Infinity)) {
      nearest = { name, distance };
    }
  }
  return nearest && `did you mean "${nearest.name}"?`;
}

/** Insertions, deletions, replacements and swaps of neighbours that lead from one word to the other. */
function editDistance(from: string, to: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const isSame = from[row - 1] === to[column - 1];
      const isSwap = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      const best = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (isSame ? 0 : 1),
        isSwap ? (beforePrevious[column - 2] ?? Infinity) + 1 : Infinity,
      );
      current.push(best);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous.at(-1) ?? 0;
}
