/** A value of a JSON text that knows where it stands: offsets count UTF-16 units from 0. */
export type JsonNode =
  /** Its entries as written, doubled keys included. */
  | { kind: "object"; at: number; entries: JsonEntry[] }
  | { kind: "list"; at: number; items: JsonNode[] }
  | { kind: "scalar"; at: number; value: string | number | boolean | null };

interface JsonEntry {
  key: string;
  at: number;
  value: JsonNode;
}

/** Why a text can't be read as JSON, without a word of it. */
export class JsonTextError extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

interface Limits {
  /** Of lists and objects in each other. */
  mostLevels: number;
  /** Of values, those in others included. */
  mostValues: number;
}

/** Reads JSON into a tree of where everything stands. Throws JsonTextError at the first that is none, or is too much. */
export function readJsonTree(text: string, limits: Limits): JsonNode {
  return new TreeReader(text, limits).read();
}

const space = /[ \t\n\r]*/y;
const word = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

class TreeReader {
  #at = 0;
  #count = 0;

  constructor(
    private readonly text: string,
    private readonly limits: Limits,
  ) {}

  read(): JsonNode {
    if (this.text.startsWith("\ufeff")) this.#at = 1;
    const root = this.#value(0);
    if (this.#next() !== undefined) throw this.#broken("more than one JSON value");
    return root;
  }

  #value(level: number): JsonNode {
    const { mostLevels, mostValues } = this.limits;
    const first = this.#next();
    const at = this.#at;
    this.#count += 1;
    if (this.#count > mostValues) throw this.#broken(`more than ${mostValues} values`);
    if (level > mostLevels) throw this.#broken(`more than ${mostLevels} levels of lists and objects`);
    if (first === "{") return { kind: "object", at, entries: this.#entries(level) };
    if (first === "[") return { kind: "list", at, items: this.#several("]", () => this.#value(level + 1)) };
    return { kind: "scalar", at, value: first === '"' ? this.#string() : this.#word() };
  }

  #entries(level: number): JsonEntry[] {
    return this.#several("}", () => {
      const first = this.#next();
      const at = this.#at;
      if (first !== '"') throw this.#broken("a key in quotes is missing");
      const key = this.#string();
      if (this.#next() !== ":") throw this.#broken("a colon is missing");
      this.#at += 1;
      return { key, at, value: this.#value(level + 1) };
    });
  }

  /** What stands between brackets, with commas between. */
  #several<Item>(end: string, read: () => Item): Item[] {
    this.#at += 1;
    const items: Item[] = [];
    if (this.#next() !== end) {
      for (;;) {
        items.push(read());
        const next = this.#next();
        if (next === end) break;
        if (next !== ",") throw this.#broken(`a comma or ${end} is missing`);
        this.#at += 1;
      }
    }
    this.#at += 1;
    return items;
  }

  /** By its end first: a pattern for a whole string would take a stack as deep as that is long. */
  #string(): string {
    const { text } = this;
    let end = this.#at + 1;
    while (end < text.length && text[end] !== '"') end += text[end] === "\\" ? 2 : 1;
    try {
      const value: string = JSON.parse(text.slice(this.#at, end + 1));
      this.#at = end + 1;
      return value;
    } catch {
      throw this.#broken("a string that isn't JSON");
    }
  }

  #word(): number | boolean | null {
    word.lastIndex = this.#at;
    const [found] = word.exec(this.text) ?? [];
    if (found === undefined) throw this.#broken("no JSON value");
    this.#at += found.length;
    return JSON.parse(found);
  }

  /** The next character that counts; undefined at the end. */
  #next(): string | undefined {
    space.lastIndex = this.#at;
    space.exec(this.text);
    this.#at = space.lastIndex;
    return this.text[this.#at];
  }

  #broken(what: string): JsonTextError {
    return new JsonTextError(what, this.#at);
  }
}
