import { UsageError } from "../errors.js";

export type JsonObject = { [field: string]: unknown };

/**
 * Reads a file's text as one JSON object. Throws UsageError with path, line and column, and nothing of the text: V8's
 * own message would quote it, and it may hold a key.
 */
export function parseObject(text: string, path: string): JsonObject {
  const bare = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const value = parse(bare, path);
  if (isObject(value)) return value;
  throw broken(path, "1:1", "isn't a JSON object");
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An own field, never an inherited one: a profile may be called `constructor`. */
export function fieldOf(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const before = text.slice(0, mistakeIn(text)).split("\n");
    const column = (before.at(-1) ?? "").length + 1;
    throw broken(path, `${before.length}:${column}`, "isn't valid JSON");
  }
}

function broken(path: string, place: string, what: string): UsageError {
  return new UsageError(`${path}:${place} ${what}`, {
    hint: "correct the file, or move it away; it was left as it is",
  });
}

type Wanted = "value" | "value or ]" | "key" | "key or }" | "colon" | "comma" | "end";

const patterns = {
  space: /[ \t\n\r]*/y,
  string: /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y,
  scalar: /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y,
};

/** The offset at which a text stops being JSON. */
function mistakeIn(text: string): number {
  const open: ("{" | "[")[] = [];
  let wanted: Wanted = "value";
  let at = 0;
  const eat = (pattern: RegExp) => {
    pattern.lastIndex = at;
    const length = pattern.exec(text)?.[0].length ?? 0;
    at += length;
    return length > 0;
  };
  const eatChar = (char: string) => {
    if (text[at] !== char) return false;
    at += 1;
    return true;
  };
  const afterValue = (): Wanted => (open.length === 0 ? "end" : "comma");
  for (;;) {
    eat(patterns.space);
    if (wanted === "colon") {
      if (!eatChar(":")) return at;
      wanted = "value";
    } else if (wanted === "key" || wanted === "key or }") {
      if (eat(patterns.string)) wanted = "colon";
      else if (wanted === "key or }" && eatChar("}")) {
        open.pop();
        wanted = afterValue();
      } else return at;
    } else if (wanted === "comma") {
      const inner = open.at(-1);
      if (eatChar(",")) wanted = inner === "{" ? "key" : "value";
      else if (eatChar(inner === "{" ? "}" : "]")) {
        open.pop();
        wanted = afterValue();
      } else return at;
    } else if (wanted === "end") return at;
    else if (eatChar("{")) {
      open.push("{");
      wanted = "key or }";
    } else if (eatChar("[")) {
      open.push("[");
      wanted = "value or ]";
    } else if (wanted === "value or ]" && eatChar("]")) {
      open.pop();
      wanted = afterValue();
    } else if (eat(patterns.string) || eat(patterns.scalar)) wanted = afterValue();
    else return at;
  }
}
