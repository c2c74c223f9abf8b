/** What was typed in a shell up to the cursor. */
export interface TypedLine {
  /** The words before the one at the cursor, as the command would get them. */
  before: string[];
  /** The word at the cursor as it was typed, quotes and all. */
  raw: string;
}

/** Words end at ASCII white space alone: a no-break space is a letter to a shell. */
const closedWord = /(?:\\.|"(?:\\.|[^"\\])*"|'[^']*'|[^ \t\n"'\\])+(?=[ \t\n])/sy;

/** Splits a command line of bash that ends at the cursor. */
export function readTypedLine(line: string): TypedLine {
  const before: string[] = [];
  let at = /^[ \t\n]*/.exec(line)?.[0].length ?? 0;
  for (;;) {
    closedWord.lastIndex = at;
    const word = closedWord.exec(line)?.[0];
    if (word === undefined) return { before, raw: line.slice(at) };
    before.push(unquote(word));
    at += word.length;
    at += /^[ \t\n]*/.exec(line.slice(at))?.[0].length ?? 0;
  }
}

/** A word as the command would get it; the last quote may be open. */
export function unquote(raw: string): string {
  return raw.replace(
    /"((?:\\.|[^"\\])*)(?:"|\\?$)|'([^']*)(?:'|$)|\\(.?)/gs,
    (_all, double, single, escaped) =>
      double !== undefined ? double.replace(/\\([\\"$`])/g, "$1") : (single ?? escaped),
  );
}

type OpenQuote = '"' | "'" | "";

/** The quote that is still open where the word ends. */
function openQuote(raw: string): OpenQuote {
  const rest = raw.replace(/\\.|"(?:\\.|[^"\\])*"|'[^']*'/gs, "");
  return rest.includes('"') ? '"' : rest.includes("'") ? "'" : "";
}

/** The text as a shell reads it back, within the quote that is open. `!` stands outside of quotes, where it can be escaped. */
function quoteWithin(text: string, quote: OpenQuote): string {
  if (quote === "'") return text.replace(/['!]/g, (character) => `'\\${character}'`);
  if (quote === '"') return text.replace(/["\\$`]/g, "\\$&").replaceAll("!", '"\\!"');
  return text.replace(/[^\w@%+=:,./\-\u0080-\u{10ffff}]/gu, "\\$&");
}

/**
 * What bash has to put in place of `current`, its own idea of the word at the cursor, so that the whole word becomes
 * `wanted`: bash also begins a word behind `=` and `:`.
 */
export function bashReplacement(
  completed: string,
  { raw, current }: { raw: string; current: string },
): string {
  const isBreak = /^[:=]+$/.test(current);
  const replaced = isBreak || !raw.endsWith(current) ? "" : current;
  const isWhole = !isBreak && !raw.endsWith(current);
  const prefix = isWhole ? "" : unquote(raw.slice(0, raw.length - replaced.length));
  return quoteWithin(completed.slice(prefix.length), openQuote(raw));
}
