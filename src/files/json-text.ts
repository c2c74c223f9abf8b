import { isObject, parsePlainJson, TooDeepError } from "../api/json.js";
import { UsageError } from "../errors/cli-errors.js";

const wayOut = "fix the file, or move it away; herm left it unchanged";

export type JsonObject = { [field: string]: unknown };

/**
 * Parses a file's text as one JSON object. Throws UsageError with path, line and column, but none of the text, which
 * V8's own message would quote, because it may contain a key.
 */
export function parseObject(text: string, path: string): JsonObject {
  const value = parse(text.slice(bomLength(text)), path);
  if (isObject(value)) return value;
  throw broken(path, "1:1", "isn't a JSON object");
}

/** Returns an own field, never an inherited one, because a profile may be called `constructor`. */
export function fieldOf(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** Returns the field's text; undefined if absent. Throws UsageError for any other value. */
export function textField(object: JsonObject, name: string, position: string): string | undefined {
  const value = fieldOf(object, name);
  if (value === undefined || (typeof value === "string" && value.trim() !== "")) return value;
  throw fieldError(position, `${name} must be text`);
}

export function flagField(object: JsonObject, name: string, position: string): boolean | undefined {
  const value = fieldOf(object, name);
  if (value === undefined || typeof value === "boolean") return value;
  throw fieldError(position, `${name} must be true or false`);
}

export function fieldError(position: string, what: string): UsageError {
  return new UsageError(`${position}: ${what}`, { hint: wayOut });
}

/**
 * Reads a file with one JSON object per line; undefined for a truncated, damaged or foreign line. Ignores a BOM and
 * CRs before line ends, which editors and mail programs add.
 */
export function readLines<Line>(
  text: string,
  isLine: (value: unknown) => value is Line,
): (Line | undefined)[] {
  const lines: (Line | undefined)[] = [];
  for (let begin = bomLength(text), end = 0; begin < text.length; begin = end + 1) {
    end = text.indexOf("\n", begin);
    if (end === -1) end = text.length;
    lines.push(text[begin] === "{" ? readLine(text.slice(begin, end).trimEnd(), isLine) : undefined);
  }
  return lines;
}

/** Returns such a file's text as herm writes it, without BOM and CRs. */
export function plainLines(text: string): string {
  return text.slice(bomLength(text)).replaceAll("\r\n", "\n");
}

function readLine<Line>(line: string, isLine: (value: unknown) => value is Line): Line | undefined {
  // A parse error costs a thousand times as much as reading the line's bytes.
  if (!line.endsWith("}")) return undefined;
  try {
    const value = parsePlainJson(line);
    return isLine(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function bomLength(text: string): number {
  return text.startsWith("\uFEFF") ? 1 : 0;
}

function parse(text: string, path: string): unknown {
  try {
    return parsePlainJson(text);
  } catch (error) {
    if (error instanceof TooDeepError) throw broken(path, "1:1", "is nested too deeply");
    const before = text.slice(0, mistakeIn(text)).split("\n");
    const column = (before.at(-1) ?? "").length + 1;
    throw broken(path, `${before.length}:${column}`, "isn't valid JSON");
  }
}

function broken(path: string, position: string, what: string): UsageError {
  return new UsageError(`${path}:${position} ${what}`, { hint: wayOut });
}

type Expected = "value" | "value or ]" | "key" | "key or }" | ":" | ", or end of list" | "end";

const token =
  /[ \t\n\r]*(?:([{}[\]:,])|("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)|)/y;

/** Returns the offset at which a text stops being JSON. */
function mistakeIn(text: string): number {
  const closers: string[] = [];
  let expected: Expected | undefined = "value";
  let at = 0;
  for (;;) {
    token.lastIndex = at;
    const [whole = "", sign = "", string = "", scalar = ""] = token.exec(text) ?? [];
    expected = next(expected, sign || (string && "string") || (scalar && "scalar"), closers);
    if (expected === undefined) return at + whole.length - (sign || string || scalar).length;
    at += whole.length;
  }
}

/** Returns what is expected after a token of this kind; undefined if the token is a mistake. */
function next(expected: Expected, kind: string, closers: string[]): Expected | undefined {
  const isForValue = expected === "value" || expected === "value or ]";
  const afterValue = () => (closers.length === 0 ? "end" : ", or end of list");
  if (isForValue && (kind === "string" || kind === "scalar")) return afterValue();
  if (isForValue && kind === "{") {
    closers.push("}");
    return "key or }";
  }
  if (isForValue && kind === "[") {
    closers.push("]");
    return "value or ]";
  }
  if ((expected === "key" || expected === "key or }") && kind === "string") return ":";
  if (expected === ":" && kind === ":") return "value";
  if (expected === ", or end of list" && kind === ",") return closers.at(-1) === "}" ? "key" : "value";
  const mayClose = expected === ", or end of list" || expected.endsWith(` or ${kind}`);
  if (!mayClose || kind !== closers.at(-1)) return undefined;
  closers.pop();
  return afterValue();
}
