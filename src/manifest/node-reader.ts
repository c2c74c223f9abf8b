import { askWhetherMeant, didYouMeanOne } from "../near-misses.js";
import type { ManifestNode, ScalarNode } from "./document.js";
import type { Fill } from "./fill.js";
import { excerpt, type FilePlace, type Mistakes } from "./mistake.js";
import { plainText, readBoolean, type Template } from "./variables.js";

/** What people write for a key of ours. */
const otherWords = new Map<string, string>([
  ["cron", "schedule"],
  ["when", "schedule"],
  ["timezone", "tz"],
  ["time_zone", "tz"],
  ["prompt", "instructions"],
  ["prompt_file", "instructions_file"],
  ["paused", "enabled: false"],
  ["disabled", "enabled: false"],
  ["id", "automation_id"],
  ["title", "name"],
  ["deployment", "deployments"],
]);

/** Of one file, and in a list of it (src/manifest/README.md, "Files that are bad, or bad on purpose"). */
const mostItems = 1000;

/** Takes values out of a manifest's tree and says at its place what isn't as it should be; `what` is how it is called. */
export class NodeReader {
  constructor(
    private readonly fill: Fill,
    private readonly mistakes: Mistakes,
  ) {}

  /** The values by key: the first of each, and only those that are known. Nothing if it is no map. */
  map<Key extends string>(
    node: ManifestNode,
    what: string,
    keys: readonly Key[],
  ): Map<Key, ManifestNode> | undefined {
    if (node.kind !== "map") {
      this.#wrongKind(node, `${what} must be a map of ${keys.slice(0, 3).join(", ")}`);
      return undefined;
    }
    const found = new Map<Key, ManifestNode>();
    const first = new Map<string, FilePlace>();
    for (const { key, value } of node.entries) {
      const name = String(key.value);
      const known = keys.find((each) => each === name);
      const before = first.get(name);
      if (before !== undefined) {
        this.add(key.place, `${excerpt(name)} is given twice`, `first in line ${before.line}`);
      } else if (known === undefined) {
        this.add(key.place, `unknown key ${excerpt(name)}`, suggestKey(name, keys));
      } else {
        found.set(known, value);
      }
      first.set(name, before ?? key.place);
    }
    return found;
  }

  list(node: ManifestNode | undefined, what: string): readonly ManifestNode[] {
    if (node === undefined) return [];
    if (node.kind !== "list") {
      const isText = node.kind === "scalar" && typeof node.value === "string";
      this.#wrongKind(node, `${what} must be a list`, isText ? `[${excerpt(node.written)}]` : undefined);
      return [];
    }
    if (node.items.length <= mostItems) return node.items;
    this.add(node.place, `${what} holds ${node.items.length}; ${mostItems} at most in one file`);
    return [];
  }

  /** A text that isn't blank; of its variables those are filled in that are the same for every deployment. */
  text(node: ManifestNode | undefined, what: string): Template | undefined {
    if (node === undefined) return undefined;
    if (node.kind !== "scalar" || typeof node.value !== "string") {
      this.#wrongKind(node, `${what} must be text`, suggestQuotes(node));
      return undefined;
    }
    const { value, lines, start } = node;
    const template = this.fill.read({ text: value, lines, start }, this.mistakes);
    if (template === undefined || plainText(template)?.trim() !== "") return template;
    this.add(node.place, `${what} is empty`);
    return undefined;
  }

  /** A text that is the same for every deployment. */
  plain(node: ManifestNode | undefined, what: string): string | undefined {
    const template = this.text(node, what);
    if (template === undefined) return undefined;
    const text = plainText(template);
    if (text === undefined) this.add(template.place, `${what} can't hold a variable of the deployment`);
    return text;
  }

  /** true or false, or a text with variables that only a deployment can make so. */
  boolean(node: ManifestNode | undefined, what: string): boolean | Template | undefined {
    if (node === undefined) return undefined;
    if (node.kind === "scalar" && typeof node.value === "boolean") return node.value;
    const isText = node.kind === "scalar" && typeof node.value === "string";
    if (isText && String(node.value).includes("${")) return this.#booleanOf(this.text(node, what), what);
    const word = node.kind === "scalar" ? String(node.value).toLowerCase() : "";
    const isYes = ["yes", "on", "true", "y", "1"].includes(word);
    const isNo = ["no", "off", "false", "n", "0"].includes(word);
    this.#wrongKind(node, `${what} must be true or false`, isYes ? "true" : isNo ? "false" : undefined);
    return undefined;
  }

  #booleanOf(template: Template | undefined, what: string): boolean | Template | undefined {
    const text = template && plainText(template);
    if (template === undefined || text === undefined) return template;
    const value = readBoolean(text);
    if (value === undefined) this.add(template.place, notBoolean(what, text));
    return value;
  }

  #wrongKind(node: ManifestNode, message: string, suggestion?: string): void {
    if (node.kind === "refused") return;
    const found = node.kind === "scalar" ? describe(node) : `a ${node.kind}`;
    this.add(node.place, `${message}, not ${found}`, suggestion);
  }

  add(place: FilePlace, message: string, suggestion?: string): void {
    this.mistakes.add({ place, message, suggestion });
  }
}

/** Of a text whose variables make it neither. */
export function notBoolean(what: string, text: string): string {
  return `${what} must be true or false, not "${excerpt(text)}"`;
}

function suggestKey(name: string, keys: readonly string[]): string {
  if (name === "<<") return "merge keys aren't read; write the keys out";
  if (name === "thread_id") return "a manifest doesn't manage threads";
  const other = otherWords.get(name.toLowerCase());
  const isKnown = other !== undefined && keys.includes(other.split(":")[0] ?? "");
  const meant = isKnown ? askWhetherMeant([other]) : didYouMeanOne(name, keys);
  return meant ?? `known here: ${keys.join(", ")}`;
}

function suggestQuotes(node: ManifestNode): string | undefined {
  if (node.kind !== "scalar" || node.value === null) return undefined;
  return `in quotes it is: "${excerpt(node.written)}"`;
}

function describe({ value, written }: ScalarNode): string {
  if (value === null) return "empty";
  if (typeof value === "string") return "text";
  if (typeof value === "boolean") return String(value);
  const isSafe = Number.isSafeInteger(value);
  return `the number ${excerpt(written)}${isSafe ? "" : ", which can't be kept exactly"}`;
}
