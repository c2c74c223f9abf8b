/** JSON from an API: with limited nesting, exact numbers, and comparison by value. */

/**
 * Writes JSON exactly as it was read. JavaScript rounds numbers longer than about 15 digits, so they become
 * ExactNumbers. An invalid field's original is kept beside its replacement. JSON without either is only scanned.
 */

/** A JSON number, as written, that JavaScript can't represent. */
export class ExactNumber {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }

  toJSON(): string {
    return mark + this.#text;
  }
}

/** A random string, so that no string in a response is mistaken for a number. Made on first use. */
let mark = "";

// A string may also look like a number, which costs only time.
const mayBeInexact = /(?:^|[:,[\s])-?(?:[\d.]{16}|[\d.]+[eE][+-]?\d{3})/;

/** The nesting limit: later code that writes or walks the value is recursive. */
export const mostLevels = 64;

export class TooDeepError extends SyntaxError {}

/** Parses like JSON.parse, but keeps numbers that it would round. Throws SyntaxError. */
export function parseJson(text: string): unknown {
  const value = parsePlainJson(text);
  if (!mayBeInexact.test(text)) return value;
  const marked = withMarkedNumbers(text);
  return marked === undefined ? value : JSON.parse(marked, exactValue);
}

/** Parses JSON that isn't a response, with JavaScript's numbers. */
export function parsePlainJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  // Each level takes at least two characters.
  if (text.length > 2 * mostLevels && isTooDeep(value)) throw new TooDeepError("it is nested too deeply");
  return value;
}

/** Works level by level, because recursion could overflow the stack. */
function isTooDeep(value: unknown): boolean {
  let level = [value].filter(isHolder);
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > mostLevels) return true;
    const next: object[] = [];
    for (const each of level) for (const inner of Object.values(each)) if (isHolder(inner)) next.push(inner);
    level = next;
  }
  return false;
}

function isHolder(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** `undefined` for invalid JSON. */
export function tryJson(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

const replaced = Symbol("as it came");

/** Original and replacement by field. Copied with the object, but not a field itself. */
interface WithReplaced {
  [replaced]?: Readonly<Record<string, { came: unknown; now: unknown }>>;
}

let isAnyReplaced = false;

/** Replaces a field's value for readers; `writeJson` writes the original, unless the field has changed since. */
export function replaceField(object: Record<string, unknown>, field: string, now: unknown): void {
  const holder: WithReplaced = object;
  // A server may call a field `__proto__`.
  holder[replaced] = Object.assign(Object.create(null), holder[replaced], {
    [field]: { came: object[field], now },
  });
  object[field] = now;
  isAnyReplaced = true;
}

function restoreReplaced(_key: string, value: unknown): unknown {
  if (!isObject(value)) return value;
  const { [replaced]: replacements }: WithReplaced = value;
  if (replacements === undefined) return value;
  const whole = { ...value };
  for (const [field, { came, now }] of Object.entries(replacements)) {
    if (whole[field] === now || (whole[field] ?? null) === now) whole[field] = came;
  }
  delete (whole as WithReplaced)[replaced];
  return whole;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Writes like JSON.stringify, but with numbers as read and replaced fields' originals; "" for an unwritable value. */
export function writeJson(value: unknown, indentation?: number): string {
  const json: string | undefined = JSON.stringify(
    value,
    isAnyReplaced ? restoreReplaced : undefined,
    indentation,
  );
  if (json === undefined) return "";
  return mark === "" ? json : json.replaceAll(new RegExp(`"${mark}([^"]+)"`, "g"), "$1");
}

/** Wraps each inexact number in a marked string; undefined if there is none. */
function withMarkedNumbers(json: string): string | undefined {
  let isAny = false;
  let isInString = false;
  const marked = json.replace(/"|\\.|-?\d[\d.eE+-]*/g, (token) => {
    if (token === '"') isInString = !isInString;
    const isExact = () => canonical(token) === canonical(String(Number(token)));
    if (token === '"' || isInString || isExact()) return token;
    isAny = true;
    mark ||= `exact-${Math.random().toString(36).slice(2)}${Math.random().toString(36).slice(2)}-`;
    return `"${mark}${token}"`;
  });
  return isAny ? marked : undefined;
}

/** A number's digits without outer zeros, and the last digit's power of ten: the same for `1.50` and `15e-1`. */
function canonical(number: string): string {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(number) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  const bare = digits.replace(/0+$/, "");
  if (bare === "") return number === "Infinity" ? number : "0";
  const power = Number(exponent) - fraction.length + (digits.length - bare.length);
  return `${sign}${bare}e${power}`;
}

function exactValue(_key: string, value: unknown): unknown {
  return typeof value === "string" && value.startsWith(mark)
    ? new ExactNumber(value.slice(mark.length))
    : value;
}

/** Compares two values of a field, ignoring trailing white space, because a server may drop it. */
export function isSameValue(one: unknown, other: unknown): boolean {
  if (typeof one === "string" && typeof other === "string") return one.trimEnd() === other.trimEnd();
  return (one ?? null) === (other ?? null);
}

export function isPresent<Value>(value: Value): value is NonNullable<Value> {
  return value !== undefined && value !== null;
}
