import type { JsonNode } from "../../files/json-tree.js";
import { didYouMeanOne } from "../../near-misses.js";
import type { Lines } from "../lines.js";
import { excerpt, Mistakes } from "../mistake.js";

/** Values by their keys: the first of each, and only those that are known. */
export type Fields<Key extends string> = ReadonlyMap<Key, JsonNode>;

/** Takes values out of a plan's tree and says at its place what isn't as it should be; `what` is how it is called. */
export class PlanTaker {
  readonly mistakes = new Mistakes();

  constructor(private readonly lines: Lines) {}

  fields<Key extends string>(
    node: JsonNode | undefined,
    what: string,
    { must, may = [] }: { must: readonly Key[]; may?: readonly Key[] },
  ): Fields<Key> | undefined {
    if (node === undefined) return undefined;
    if (node.kind !== "object") {
      this.#wrongKind(node, `${what} must be an object`);
      return undefined;
    }
    const keys = [...new Set([...must, ...may])];
    const found = new Map<Key, JsonNode>();
    const first = new Map<string, number>();
    for (const { key, at, value } of node.entries) {
      const before = first.get(key);
      const known = keys.find((each) => each === key);
      if (before !== undefined) {
        this.add(at, `${excerpt(key)} is given twice`, `first in line ${this.lines.placeAt(before).line}`);
      } else if (known === undefined) {
        const suggestion = didYouMeanOne(key, keys) ?? `known here: ${keys.join(", ")}`;
        this.add(at, `unknown key ${excerpt(key)}`, suggestion);
      } else found.set(known, value);
      if (before === undefined) first.set(key, at);
    }
    const missing = must.filter((key) => !found.has(key));
    if (missing.length > 0) this.add(node.at, `${what} has no ${missing.join(" and no ")}`);
    return found;
  }

  list(node: JsonNode | undefined, what: string): readonly JsonNode[] {
    if (node === undefined) return [];
    if (node.kind === "list") return node.items;
    this.#wrongKind(node, `${what} must be a list`);
    return [];
  }

  /** One that isn't blank, unless it `mayBeBlank`. */
  text(
    node: JsonNode | undefined,
    what: string,
    { mayBeBlank = false }: { mayBeBlank?: boolean } = {},
  ): string | undefined {
    if (node === undefined) return undefined;
    const value = node.kind === "scalar" ? node.value : undefined;
    if (typeof value !== "string") this.#wrongKind(node, `${what} must be text`);
    else if (!mayBeBlank && value.trim() === "") this.add(node.at, `${what} is empty`);
    else return value;
    return undefined;
  }

  /** A text that passes a test; `must` says which. */
  fitting(
    node: JsonNode | undefined,
    what: string,
    { fits, must }: { fits(text: string): boolean; must: string },
  ): string | undefined {
    const text = this.text(node, what);
    if (node === undefined || text === undefined || fits(text)) return text;
    this.add(node.at, `${what} must be ${must}, not ${excerpt(text)}`);
    return undefined;
  }

  /** One of a few words. */
  word<Word extends string>(
    node: JsonNode | undefined,
    what: string,
    words: readonly Word[],
  ): Word | undefined {
    const isOne = (text: string) => words.some((word) => word === text);
    const text = this.fitting(node, what, { fits: isOne, must: `one of ${words.join(", ")}` });
    return words.find((word) => word === text);
  }

  boolean(node: JsonNode | undefined, what: string): boolean | undefined {
    if (node === undefined) return undefined;
    if (node.kind === "scalar" && typeof node.value === "boolean") return node.value;
    this.#wrongKind(node, `${what} must be true or false`);
    return undefined;
  }

  /** A whole number from 0 up to `most`; `must` says what it is. */
  whole(
    node: JsonNode | undefined,
    what: string,
    { most, must }: { most: number; must: string },
  ): number | undefined {
    if (node === undefined) return undefined;
    const value = node.kind === "scalar" ? node.value : undefined;
    if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= most) return value;
    this.#wrongKind(node, `${what} must be ${must}, from 0 to ${most}`);
    return undefined;
  }

  add(at: number, message: string, suggestion?: string): void {
    this.mistakes.add({ place: this.lines.placeAt(at), message, suggestion });
  }

  #wrongKind(node: JsonNode, message: string): void {
    this.add(node.at, `${message}, not ${describe(node)}`);
  }
}

function describe(node: JsonNode): string {
  if (node.kind !== "scalar") return node.kind === "list" ? "a list" : "an object";
  return typeof node.value === "string" ? "text" : String(node.value);
}
