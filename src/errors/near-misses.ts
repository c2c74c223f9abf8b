/** Up to three names that contain the text, or whose edit distance is within a third of its length, closest first. */
export function nearMisses(typed: string, names: readonly string[]): string[] {
  const typedText = typed.toLowerCase();
  const limit = Math.max(1, Math.floor(typedText.length / 3));
  return [...new Set(names)]
    .map((name) => ({ name, distance: distanceTo(typedText, name.toLowerCase(), limit) }))
    .filter(({ distance }) => distance <= limit)
    .sort((one, other) => one.distance - other.distance)
    .slice(0, 3)
    .map(({ name }) => name);
}

export function askWhetherMeant(near: readonly string[]): string | undefined {
  return near.length === 0 ? undefined : `did you mean ${near.join(" or ")}?`;
}

/** Suggests the closest of our own words, which need no quotes. */
export function didYouMean(typed: string, words: readonly string[]): string | undefined {
  const near = nearMisses(typed, words);
  const least = editDistance(typed, near[0] ?? "");
  return askWhetherMeant(near.filter((word) => editDistance(typed, word) === least));
}

/** Suggests only the nearest word. */
export function didYouMeanOne(typed: string, words: readonly string[]): string | undefined {
  return askWhetherMeant(nearMisses(typed, words).slice(0, 1));
}

function distanceTo(typedText: string, name: string, limit: number): number {
  const asPart = typedText.length > 2 && name.includes(typedText) ? limit : limit + 1;
  if (Math.abs(typedText.length - name.length) > limit) return asPart;
  return Math.min(asPart, editDistance(typedText, name));
}

/** Counts insertions, deletions, replacements and swaps of neighbours. */
export function editDistance(from: string, to: string): number {
  // Skips equal beginnings and ends, because long and nearly equal texts would take too long.
  const shorter = Math.min(from.length, to.length);
  let start = 0;
  while (start < shorter && from[start] === to[start]) start += 1;
  let end = 0;
  while (end < shorter - start && from.at(-1 - end) === to.at(-1 - end)) end += 1;
  return distanceBetween(from.slice(start, from.length - end), to.slice(start, to.length - end));
}

function distanceBetween(from: string, to: string): number {
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
