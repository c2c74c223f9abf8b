import { askWhetherMeant, editDistance } from "../../errors/near-misses.js";
import { createRefusal, quote, Refused } from "../refusal.js";
import { scheduleNames, type Token } from "./tokens.js";

export class Cursor {
  private index = 0;
  private furthest = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  /** The current token, or a later one; beyond the last, the token of kind `end`. */
  peek(ahead = 0): Token {
    const token = this.tokens[this.index + ahead] ?? this.tokens.at(-1);
    return token ?? { kind: "end", column: 1, text: "" };
  }

  isDone(): boolean {
    return this.peek().kind === "end";
  }

  sees(...words: string[]): boolean {
    const token = this.peek();
    return token.kind === "word" && words.includes(token.text.toLowerCase());
  }

  takeWord(...words: string[]): boolean {
    if (!this.sees(...words)) return false;
    this.advance();
    return true;
  }

  private advance(): void {
    this.index += 1;
    this.furthest = Math.max(this.furthest, this.index);
  }

  /** Consumes these words if all of them follow, or else none. */
  takeWords(...words: string[]): boolean {
    return this.attempt(() => words.every((word) => this.takeWord(word)));
  }

  take<K extends Token["kind"]>(kind: K): Extract<Token, { kind: K }> | undefined {
    const token = this.peek();
    if (token.kind !== kind) return undefined;
    this.advance();
    return token as Extract<Token, { kind: K }>;
  }

  /** Runs `read`, without consuming any token if it returns undefined or false. */
  attempt<T>(read: () => T): T {
    const start = this.index;
    const result = read();
    if (result === undefined || result === false) this.index = start;
    return result;
  }

  /** Reads one or more items with `read`, separated by commas and "and", or by the other kind of token. */
  list<T>(read: () => T | undefined, other: "separator" | "slash" = "separator"): T[] | undefined {
    const first = this.attempt(read);
    if (first === undefined) return undefined;
    const items = [first];
    for (;;) {
      const next = this.attempt(() => (this.take("separator") || this.take(other) ? read() : undefined));
      if (next === undefined) return items;
      items.push(next);
    }
  }

  /** Throws Refused with a word that no schedule contains, or else the first token that couldn't be read in any way. */
  stop(): never {
    const bad = this.tokens.find((token) => token.kind === "bad");
    if (bad?.kind === "bad") {
      throw new Refused(createRefusal(`${bad.reason} (column ${bad.column})`, bad.hint));
    }
    const token = this.tokens[this.furthest] ?? this.peek();
    const what =
      token.kind === "end" ? "something is missing at the end" : `${quote(token.text)} doesn't fit`;
    const names = nearestNames(token.text);
    const refusal = createRefusal(`${what} (column ${token.column})`, askForName(names[0]));
    throw new Refused(refusal, false, { at: token.column - 1, length: token.text.length, names });
  }
}

/** Throws Refused with a reason that explains the whole mistake. */
export function refuseFinally(reason: string, hint?: string): never {
  throw new Refused(createRefusal(reason, hint), true);
}

export function refuseWords(reason: string, hint?: string): never {
  throw new Refused(createRefusal(reason, hint));
}

const otherWords = (
  "every each at on and in of the between from until minute minutes hour hours hourly day daily week weekly " +
  "month monthly months quarter quarterly year yearly annually weekday weekdays weekend weekends utc past"
).split(" ");

/** Similar names, first those with the same first letter. */
function nearestNames(word: string): string[] {
  const typed = word.toLowerCase();
  if (typed.length < 3 || typed.length > 12) return [];
  const allowed = typed.length > 5 ? 2 : 1;
  const rank = (name: string) => editDistance(typed, name) + (name[0] === typed[0] ? 0 : allowed);
  return [...otherWords, ...scheduleNames]
    .filter((name) => name !== typed && editDistance(typed, name) <= allowed)
    .sort((one, other) => rank(one) - rank(other));
}

export function askForName(name: string | undefined): string | undefined {
  return name === undefined ? undefined : askWhetherMeant([`"${name}"`]);
}
