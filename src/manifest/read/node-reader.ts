import { askWhetherMeant, didYouMeanOne } from "../../errors/near-misses.js";
import { excerpt, type FilePosition, type Mistake, Mistakes, type Place } from "../mistake.js";
import { type Expander, withoutLineEnd } from "../values/expand.js";
import { isDeploymentVariable, plainText, type Template } from "../values/variables.js";
import type { ManifestNode, ScalarNode } from "./document.js";

/** Words commonly written instead of our keys. */
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
  ["customer", "customers"],
]);

const goneKeys = new Map<string, string>([
  ["customers", "to narrow down --all-deployments, use for: {customers: […]}"],
  ["dst_ok", "omit it: hours that clocks skip or repeat are reported as notes"],
  ["leaving", "to delete there too, use --prune, with not: {deployments: [Acme]} at the top of the file"],
]);

const mostItems = 1000;

/** Reads values from the tree of a manifest; `what` names the value in mistakes. */
export class NodeReader {
  constructor(
    private readonly expander: Expander,
    private readonly mistakes: Mistakes,
    /** `readWithout`: no text may contain a variable. */
    private readonly reading: "read" | "readWithout" = "read",
  ) {}

  map<Key extends string>(
    node: ManifestNode,
    what: string,
    keys: readonly Key[],
  ): Map<Key, ManifestNode> | undefined {
    const entries = this.entries(node, `${what} must be a map of ${keys.slice(0, 3).join(", ")}`);
    const found = new Map<Key, ManifestNode>();
    for (const { key, name, value } of entries) {
      const known = keys.find((each) => each === name);
      if (known === undefined) {
        const suggestion = suggestKey(name, keys);
        const { position } = key;
        this.mistakes.add({ position, message: `unknown key ${excerpt(name)}`, suggestion, isOfKey: true });
      } else {
        found.set(known, value);
      }
    }
    return node.kind === "map" ? found : undefined;
  }

  /** Returns a map's entries, the first of each key; empty if it isn't a map, which `must` then reports. */
  entries(node: ManifestNode, must: string): { key: ScalarNode; name: string; value: ManifestNode }[] {
    if (node.kind !== "map") {
      this.#wrongKind(node, must);
      return [];
    }
    const first = new Map<string, FilePosition>();
    return node.entries.flatMap(({ key, value }) => {
      const name = String(key.value);
      const before = first.get(name);
      if (before === undefined) {
        first.set(name, key.position);
        return [{ key, name, value }];
      }
      this.add(key.position, `${excerpt(name)} is given twice`, `first on line ${before.line}`);
      return [];
    });
  }

  list(node: ManifestNode | undefined, what: string): readonly ManifestNode[] {
    if (node === undefined) return [];
    if (node.kind !== "list") {
      const isText = node.kind === "scalar" && typeof node.value === "string";
      this.#wrongKind(node, `${what} must be a list`, isText ? `[${excerpt(node.written)}]` : undefined);
      return [];
    }
    if (node.items.length <= mostItems) return node.items;
    this.add(node.position, `${what} has ${node.items.length} items; the limit is ${mostItems} per file`);
    return [];
  }

  /**
   * Returns text, expanding variables that are the same for all deployments; `suggestion`: an example. The result is
   * checked once all values are known (src/manifest/state/offline-mistakes.ts).
   */
  text(node: ManifestNode | undefined, what: string, suggestion?: string): Template | undefined {
    if (node === undefined) return undefined;
    if (node.kind !== "scalar" || typeof node.value !== "string") {
      this.#wrongKind(node, `${what} must be text`, suggestion ?? suggestQuotes(node));
      return undefined;
    }
    const { value, lines, start } = node;
    const template = this.expander[this.reading]({ text: value, lines, start }, this.mistakes);
    if (template === undefined || template.variables.length > 0 || value.trim() !== "") return template;
    this.add(node.position, `${what} is empty`);
    return undefined;
  }

  /** Returns one line of text, without the line end of a block. */
  line(node: ManifestNode | undefined, what: string): Template | undefined {
    const template = this.text(node, what);
    if (template === undefined || node?.kind !== "scalar") return template;
    const isBlock = /^[|>]/.test(node.written);
    if (!isBlock || !template.written.text.endsWith("\n")) return template;
    this.add(node.position, `${what} ends with a newline, from its block`, withoutLineEnd);
    return undefined;
  }

  plain(node: ManifestNode | undefined, what: string): string | undefined {
    const template = this.line(node, what);
    if (template === undefined) return undefined;
    const text = plainText(template);
    if (text === undefined) this.#notPlain(template, what);
    if (text === undefined || template.variables.length === 0) return text;
    const isEmpty = text.trim() === "";
    if (!isEmpty && !text.includes("\n")) return text;
    const place = this.expander.placeOf(template);
    if (isEmpty) this.add(place, `${what} is empty`);
    else this.add(place, `a value puts a newline in ${what}`, withoutLineEnd);
    return undefined;
  }

  /** Returns the position of the text's value, if it has one. */
  placeOf(node: ManifestNode): Place {
    const template = new NodeReader(this.expander, new Mistakes(), this.reading).text(node, "");
    return template === undefined ? node.position : this.expander.placeOf(template);
  }

  /** Returns text that can't contain variables; reads numbers and booleans as text. */
  literal(node: ManifestNode, what: string): string | undefined {
    if (node.kind !== "scalar" || node.value === null) {
      const empty = node.kind === "scalar" ? 'for empty text, write ""' : undefined;
      this.#wrongKind(node, `${what} must be text, a number, true or false`, empty);
      return undefined;
    }
    const { value, lines, start } = node;
    if (typeof value !== "string") return typeof value === "number" ? node.written : String(value);
    const template = this.expander.readWithout({ text: value, lines, start }, this.mistakes);
    return template && plainText(template);
  }

  #notPlain({ position, parts }: Template, what: string): void {
    const open = parts.find((part) => typeof part !== "string");
    const name = typeof open === "object" ? open.name : "";
    if (!isDeploymentVariable(name) && this.expander.layers.isUnknown(name)) return;
    const why = isDeploymentVariable(name)
      ? `${what} can't contain a variable of the deployment`
      : `${what} can't contain ${excerpt(name)}, which differs between deployments`;
    this.add(position, why);
  }

  /** Returns a boolean, or text that becomes one only with a deployment's values. */
  boolean(node: ManifestNode | undefined, what: string, hint?: string): boolean | Template | undefined {
    if (node === undefined) return undefined;
    if (node.kind === "scalar" && typeof node.value === "boolean") return node.value;
    const isText = node.kind === "scalar" && typeof node.value === "string";
    if (isText && String(node.value).includes("${")) return this.text(node, what);
    const word = node.kind === "scalar" ? String(node.value).toLowerCase() : "";
    const isYes = ["yes", "on", "true", "y", "1"].includes(word);
    const isNo = ["no", "off", "false", "n", "0"].includes(word);
    const meant = isYes || isNo ? askWhetherMeant([String(isYes)]) : hint;
    this.#wrongKind(node, `${what} must be true or false`, meant);
    return undefined;
  }

  #wrongKind(node: ManifestNode, message: string, suggestion?: string): void {
    if (node.kind === "refused") return;
    const found = node.kind === "scalar" ? describe(node) : `a ${node.kind}`;
    this.add(node.position, `${message}, not ${found}`, suggestion);
  }

  add(position: Place, message: string, suggestion?: string): void {
    this.addMistake({ position, message, suggestion });
  }

  addMistake(mistake: Mistake): void {
    this.mistakes.add(mistake);
  }
}

export function notBoolean(what: string, text: string): string {
  return `${what} must be true or false, not "${excerpt(text)}"`;
}

function suggestKey(name: string, keys: readonly string[]): string {
  if (name === "<<") return "merge keys aren't supported; write the keys out";
  if (name === "thread_id") return "a manifest doesn't manage threads";
  const instead = goneKeys.get(name);
  if (instead !== undefined) return instead;
  const other = otherWords.get(name.toLowerCase());
  const isKnown = other !== undefined && keys.includes(other.split(":")[0] ?? "");
  const meant = isKnown ? askWhetherMeant([other]) : didYouMeanOne(name, keys);
  return meant ?? `known here: ${keys.join(", ")}`;
}

function suggestQuotes(node: ManifestNode): string | undefined {
  if (node.kind !== "scalar" || node.value === null) return undefined;
  return `put it in quotes: "${excerpt(node.written)}"`;
}

function describe({ value, written }: ScalarNode): string {
  if (value === null) return "empty";
  if (typeof value === "string") return "text";
  if (typeof value === "boolean") return String(value);
  const isSafe = Number.isSafeInteger(value);
  return `the number ${excerpt(written)}${isSafe ? "" : ", which would lose digits"}`;
}
