/** Words in a line that is being typed, quoted as each shell quotes them. */

export interface TypedWords {
  before: readonly string[];
  current: string;
  /** The word in the line, and the same word as bash splits it. */
  bash?: { raw: string; current: string };
}

/** Reads the scripts' arguments after `completion words`: bash sends the line and a word, others send all words. */
export function readTypedWords([shell, ...sent]: readonly string[]): TypedWords {
  if (shell === "bash") {
    const [line = "", current = ""] = sent;
    const { before, raw } = readTypedLine(line);
    return { before: before.slice(1), current: unquote(raw), bash: { raw, current } };
  }
  const current = sent.at(-1) ?? "";
  return { before: sent.slice(0, -1), current: shell === "fish" ? unquote(current) : current };
}

/** A word ends at ASCII white space: shells read a no-break space as a letter. */
const closedWord = /(?:\\.|"(?:\\.|[^"\\])*"|'[^']*'|[^ \t\n"'\\])+(?=[ \t\n])/sy;

/**
 * Splits a bash command line that ends at the cursor.
 * @internal
 */
export function readTypedLine(line: string): { before: string[]; raw: string } {
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

/**
 * Reads a word whose last quote may be open.
 * @internal
 */
export function unquote(raw: string): string {
  return raw.replace(
    /"((?:\\.|[^"\\])*)(?:"|\\?$)|'([^']*)(?:'|$)|\\(.?)/gs,
    (_all, double, single, escaped) =>
      double !== undefined ? double.replace(/\\([\\"$`])/g, "$1") : (single ?? escaped),
  );
}

type OpenQuote = '"' | "'" | "";

function openQuote(raw: string): OpenQuote {
  const rest = raw.replace(/\\.|"(?:\\.|[^"\\])*"|'[^']*'/gs, "");
  return rest.includes('"') ? '"' : rest.includes("'") ? "'" : "";
}

/** Puts `!` outside the quotes, where it can be escaped. */
function quoteWithin(text: string, quote: OpenQuote): string {
  if (quote === "'") return text.replace(/['!]/g, (character) => `'\\${character}'`);
  if (quote === '"') return text.replace(/["\\$`]/g, "\\$&").replaceAll("!", '"\\!"');
  return text.replace(/[^\w@%+=:,./\-\u0080-\u{10ffff}]/gu, "\\$&");
}

/** The text that replaces `current` in bash, which splits words at `=` and `:` too. */
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
