import { quoteForShells } from "../../command-line/shell-quote.js";
import { nearMisses } from "../../errors/near-misses.js";
import { globMatcher } from "../../fleet/exclusions.js";

/** Explains that `--match` matches none of these names; undefined if it matches. Plain text. */
export function noMatchText(glob: string | undefined, names: readonly string[]): string | undefined {
  if (glob === undefined || names.some(globMatcher(glob))) return undefined;
  const why = whyNoneMatches(glob, names);
  const what = `no automation matches --match ${quoteForShells(glob)}`;
  return why === undefined ? what : `${what}\n${why}`;
}

/** Suggests a glob in another case, within longer names, or a near miss. */
export function whyNoneMatches(glob: string, names: readonly string[]): string | undefined {
  const [inOtherCase] = fitting(small(glob), names);
  if (inOtherCase !== undefined) return `case matters: ${better(inCaseOf(glob, inOtherCase), names)}`;
  if (!/[*?]/.test(glob)) {
    const within = `*${glob}*`;
    const [longer] = fitting(small(within), names);
    if (longer !== undefined)
      return `it must match the whole name: ${better(inCaseOf(within, longer), names)}`;
  }
  const [near] = nearMisses(glob.replaceAll(/[*?]/g, ""), names);
  return near === undefined ? undefined : `did you mean ${JSON.stringify(near)}?`;
}

function fitting(glob: string, names: readonly string[]): string[] {
  const fits = globMatcher(glob);
  return names.filter((name) => fits(small(name)));
}

/** Lower case with the same number of characters, so that `İ` doesn't become two. */
function small(text: string): string {
  return Array.from(text, (letter) => {
    const lower = letter.toLowerCase();
    return lower.length === letter.length ? lower : letter;
  }).join("");
}

function inCaseOf(glob: string, name: string): string {
  const lower = small(name);
  let from = 0;
  const parts = glob.split(/([*?]+)/).map((part) => {
    const at = lower.indexOf(small(part), from);
    if (/^[*?]/.test(part) || at === -1) return part;
    from = at + part.length;
    return name.slice(at, from);
  });
  return parts.join("");
}

function better(glob: string, names: readonly string[]): string {
  const [first = "", ...others] = names.filter(globMatcher(glob));
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  return `--match ${quoteForShells(glob)} matches ${JSON.stringify(first)}${more}`;
}

/** `none of the 3 automations is failing or waiting`, `the only automation isn't failing`. */
export function noneIs(count: number, noun: string, what: string): string {
  return count === 1 ? `the only ${noun} isn't ${what}` : `none of the ${count} ${noun}s is ${what}`;
}

/** `failing, overdue or waiting`. */
export function oneOf(words: readonly string[]): string {
  return words.join(", ").replace(/, (?!.*,)/, " or ");
}

/** `all 3 automations are paused`, `both automations are paused`, `the only automation is paused`. */
export function allAre(count: number, what: string): string {
  if (count === 1) return `the only automation is ${what}`;
  return `${count === 2 ? "both" : `all ${count}`} automations are ${what}`;
}
