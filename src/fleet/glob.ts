/**
 * Matches `*` with any text, `?` with one character, everything else with itself. Its time grows with the product of
 * both lengths at most, whatever a glob of somebody else's ledger holds: a pattern with forty stars would take years.
 */
export function globMatcher(glob: string): (text: string) => boolean {
  const pattern = Array.from(glob);
  return (text) => matchesGlob(pattern, Array.from(text));
}

export function isGlob(text: string): boolean {
  return /[*?]/.test(text);
}

/** Tries what follows the last star at each position behind it; what precedes that star never has to be tried again. */
function matchesGlob(glob: readonly string[], text: readonly string[]): boolean {
  let [inGlob, inText] = [0, 0];
  let lastStar: { inGlob: number; inText: number } | undefined;
  while (inText < text.length) {
    const pattern = glob[inGlob];
    if (pattern === "*") {
      inGlob += 1;
      lastStar = { inGlob, inText };
    } else if (pattern === "?" || pattern === text[inText]) {
      inGlob += 1;
      inText += 1;
    } else if (lastStar !== undefined) {
      lastStar.inText += 1;
      inGlob = lastStar.inGlob;
      inText = lastStar.inText;
    } else return false;
  }
  return glob.slice(inGlob).every((pattern) => pattern === "*");
}
