import { isObject } from "./json.js";

const amount = "a number of 0 or more";

/** The types of all options, as their errors name them. */
const types: Readonly<Record<string, string>> = {
  timeoutMs: amount,
  maxWaitMs: amount,
  maxRetries: amount,
  headers: "a plain object of strings",
  signal: "an AbortSignal object",
  apiKey: "a string or a function",
  baseUrl: "a string",
  lastEventId: "a string",
  fetch: "a function",
  onAttempt: "a function",
  onEvent: "a function",
};

/** Throws a TypeError that names the first option of another type, or that isn't there; undefined counts as absent. */
export function checkOptions(options: unknown, names: readonly string[]): void {
  if (!isObject(options)) throw new TypeError("the options must be an object");
  for (const [name, value] of Object.entries(options)) {
    const type = names.includes(name) ? types[name] : undefined;
    if (value === undefined) continue;
    if (type === undefined) throw new TypeError(`there is no option ${name}, only ${names.join(", ")}`);
    const isOfType = type.split(" ").includes(typeof value) && (typeof value !== "number" || value >= 0);
    if (!isOfType || (typeof value === "object" && !isPlausible(name, value)))
      throw new TypeError(`the option ${name} must be ${type}`);
  }
}

/** False for a null, an AbortController, a Headers and a Map. */
function isPlausible(name: string, value: object | null): boolean {
  if (value === null || Symbol.iterator in value) return false;
  if (name === "signal") return "addEventListener" in value;
  return Object.values(value).every((each) => typeof each === "string");
}
