import { surfaces } from "./prose.js";

/** Habits that make English read translated and that a pattern can find, each with the usual form. */
const habits: Readonly<Record<string, RegExp>> = {
  // A noun: "runs that …". Questions, and objects of "ask" or "show", keep it.
  "what clauses":
    /(?<!\b(?:ask|asks|asked|show|shows|showing|see|know|knows|decides?|about|explains?) )\b(?:what|whatever|whoever|that which)\b(?!.*\?$)/gi,
  // "if", "when", "unless".
  "where for if":
    /(?<!\b(?:ask|asks|show|shows|see|say|says|know|knows|find|finds|place|folder|file|line|is|and) )\bwhere\b(?!.*\?$)/gi,
  // The owner first.
  "of first": /^Of\b|\bof (?:it|them|this|these|those|each|that|one)\b/gi,
  // The actor first, and the verb negated.
  "nobody and nothing":
    /\b(?:somebody|nobody|nothing|none|anybody|no one)\b (?:is|are|was|were|has|have|can|could|will|would|may|[a-z]+s)\b/gi,
  // The verb of the thing: returns, accepts, contains, reports.
  "all-purpose verbs": /\b(?:gives?|given to|takes?|holds?(?! by)|tells?|stands?|lies|goes|begins?)\b/gi,
  // The purpose first, the command last.
  "commands as subjects":
    /(?:^|[;:] |hint: )`?(?:herm|--[a-z])[^.;:]*? (?:shows|lists|prints|deletes|resumes|pauses|finishes|undoes|creates|starts|stops|says|reads|adopts|reopens|closes|writes|saves|makes|changes|checks|names|removes|looks|answers|follows|brings|asks)\b/g,
};

/** How often each habit occurs, by surface, with the surface's number of words. */
export function countHabits(): Record<string, { words: number; found: Record<string, number> }> {
  return Object.fromEntries(
    Object.entries(surfaces()).map(([surface, sentences]) => {
      const words = sentences.join(" ").split(" ").length;
      const found = Object.entries(habits).map(([habit, pattern]) => {
        const each = sentences.map((sentence) => sentence.match(pattern)?.length ?? 0);
        return [habit, each.reduce((sum, count) => sum + count, 0)];
      });
      return [surface, { words, found: Object.fromEntries(found) }];
    }),
  );
}

/** The same per thousand words. */
export function habitsPerThousand(): Record<string, Record<string, number>> {
  return Object.fromEntries(
    Object.entries(countHabits()).map(([surface, { words, found }]) => {
      const rates = Object.entries(found).map(([habit, count]) => [
        habit,
        Math.round((count / words) * 10_000) / 10,
      ]);
      return [surface, { words, ...Object.fromEntries(rates) }];
    }),
  );
}
