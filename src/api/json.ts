/**
 * JSON that is written as it came. JavaScript rounds numbers of more than 15 digits or so: such a one is an
 * ExactNumber. And what a field held that it may not hold is set aside for whoever reads the value. All other JSON costs
 * a glance at its text.
 */

/** A number of JSON as it was written, since no number of JavaScript's is equal to it. */
export class ExactNumber {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }

  /** For `writeJson`, which takes the mark off. */
  toJSON(): string {
    return mark + this.#text;
  }
}

/** Nobody outside can know it, so no text that came in is taken for a number. Made with the first that is needed. */
let mark = "";

// A string may look like one too, which costs time and nothing else.
const mayBeInexact = /(?:^|[:,[\s])-?(?:[\d.]{16}|[\d.]+[eE][+-]?\d{3})/;

/** So many lists and objects may stand in each other: what writes or walks them later does so by recursion. */
export const mostLevels = 64;

/** JSON whose lists and objects stand in each other more than `mostLevels` deep. */
export class TooDeepError extends SyntaxError {}

/** What JSON.parse gives, but for numbers that it would round. Throws SyntaxError. */
export function parseJson(text: string): unknown {
  const value = parsePlainJson(text);
  if (!mayBeInexact.test(text)) return value;
  const marked = withMarkedNumbers(text);
  return marked === undefined ? value : JSON.parse(marked, exactValue);
}

/** The same with numbers as JavaScript has them: for what isn't an answer. */
export function parsePlainJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  // Each level is written in two characters at least.
  if (text.length > 2 * mostLevels && isTooDeep(value)) throw new TooDeepError("it is nested too deep");
  return value;
}

/** Level by level: a call within each other for every one of them would end with the stack. */
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

/** The same as `parseJson`; undefined for what isn't JSON. */
export function tryJson(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** Whether a text is a JSON object, for who passes it on as it is: its numbers needn't be looked at. */
export function isJsonObject(text: string): boolean {
  try {
    return text.trimStart().startsWith("{") && isObject(parsePlainJson(text));
  } catch {
    return false;
  }
}

const aside = Symbol("as it came");

/** By field, what it held and what it holds instead. Copied with the object, and nobody's field. */
interface WithReplaced {
  [aside]?: Readonly<Record<string, { came: unknown; now: unknown }>>;
}

let isAnyReplaced = false;

/** Gives a field another value to be read by; `writeJson` writes what it held, unless the field was changed since. */
export function replaceField(object: Record<string, unknown>, field: string, now: unknown): void {
  const holder: WithReplaced = object;
  // A server may call a field `__proto__`.
  holder[aside] = Object.assign(Object.create(null), holder[aside], {
    [field]: { came: object[field], now },
  });
  object[field] = now;
  isAnyReplaced = true;
}

/** For JSON.stringify. */
function restoreReplaced(_key: string, value: unknown): unknown {
  if (!isObject(value)) return value;
  const { [aside]: asides }: WithReplaced = value;
  if (asides === undefined) return value;
  const whole = { ...value };
  for (const [field, { came, now }] of Object.entries(asides)) {
    if (whole[field] === now || (whole[field] ?? null) === now) whole[field] = came;
  }
  delete (whole as WithReplaced)[aside];
  return whole;
}

/** Whether a value out of JSON is an object, and no list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value out of JSON that is a text with something in it; undefined for anything else. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/**
 * What JSON.stringify gives, with every number as it was read and what was set aside in its place; the empty text for
 * what JSON has no word for.
 */
export function writeJson(value: unknown, indentation?: number): string {
  const json: string | undefined = JSON.stringify(
    value,
    isAnyReplaced ? restoreReplaced : undefined,
    indentation,
  );
  if (json === undefined) return "";
  return mark === "" ? json : json.replaceAll(new RegExp(`"${mark}([^"]+)"`, "g"), "$1");
}

/** Valid JSON with each inexact number as a marked string; undefined where there is none. */
function withMarkedNumbers(json: string): string | undefined {
  const pieces: string[] = [];
  let isAny = false;
  for (let at = 0; at < json.length; ) {
    const quote = json.indexOf('"', at);
    const end = quote === -1 ? json.length : quote;
    pieces.push(
      json.slice(at, end).replace(/-?\d[\d.eE+-]*/g, (number) => {
        if (isExact(number)) return number;
        isAny = true;
        mark ||= newMark();
        return `"${mark}${number}"`;
      }),
    );
    at = quote === -1 ? end : endOfString(json, quote);
    pieces.push(json.slice(end, at));
  }
  return isAny ? pieces.join("") : undefined;
}

/** Behind the quote that closes the string whose opening quote is at `start`. */
function endOfString(json: string, start: number): number {
  for (let close = json.indexOf('"', start + 1); close !== -1; close = json.indexOf('"', close + 1)) {
    let escapes = 0;
    while (json[close - 1 - escapes] === "\\") escapes += 1;
    if (escapes % 2 === 0) return close + 1;
  }
  return json.length;
}

/** Whether what is written for the number's value is the same number. */
function isExact(number: string): boolean {
  return canonical(number) === canonical(String(Number(number)));
}

/** A number's digits without leading and trailing zeros, and the power of ten of its last one: the same for `1.50` and `15e-1`. */
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

function newMark(): string {
  return `exact-${Math.random().toString(36).slice(2)}${Math.random().toString(36).slice(2)}-`;
}
