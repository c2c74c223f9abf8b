import { nearMisses } from "../../near-misses.js";
import { excerpt } from "../mistake.js";
import { isVariableName } from "../values/variables.js";
import type { ManifestNode } from "./document.js";
import { isManifestKey } from "./folder.js";
import { isItemKey, rootKeys } from "./shape.js";

type Entries = Extract<ManifestNode, { kind: "map" }>["entries"];

/** The field that an automation can't do without, and values seldom have. */
const mark: unknown = "name";
const mostNamed = 4;

/** What is wrong with the whole of a file that was given as a manifest and is something else; undefined where it may be one. */
export function takenForManifest(root: ManifestNode | undefined): string | undefined {
  const nodes = root?.kind === "list" ? root.items : [root];
  const maps = nodes.map((node) => (node?.kind === "map" ? node.entries : []));
  if (maps.length === 0) return undefined;
  if (maps.every(areValues)) return "this looks like a file of values, which --values takes";
  return maps.every(areFields) ? "automations stand in a list below automations:" : undefined;
}

/** The same of a file that has nothing at its top that a manifest has, nor a word that is nearly one. */
export function strangeToManifest(root: ManifestNode | undefined): string | undefined {
  const keys = root?.kind === "map" ? root.entries.map(({ key }) => excerpt(String(key.value))) : [];
  if (keys.length === 0 || keys.some((key) => nearMisses(key, rootKeys).length > 0)) return undefined;
  const has = `${keys.slice(0, mostNamed).join(", ")}${keys.length > mostNamed ? ", …" : ""}`;
  return `a manifest needs automations or removed at its top; this has ${has}`;
}

/** The same of a file that was given as one of values. */
export function takenForValues(root: ManifestNode | undefined): string | undefined {
  const isManifest =
    root?.kind === "map" &&
    root.entries.some(({ key, value }) => isManifestKey(key.value) && value.kind === "list");
  return isManifest ? "this looks like a manifest, which --file takes" : undefined;
}

/** Names with what they are. */
function areValues(entries: Entries): boolean {
  const values = entries.filter(({ key }) => key.value !== "for" && key.value !== "not");
  const isNamed = ({ key, value }: Entries[number]) =>
    isVariableName(String(key.value)) && !isManifestKey(key.value) && value.kind === "scalar";
  return values.length > 0 && values.every(isNamed) && !isItem(values) && fieldsOf(values).length < 2;
}

function areFields(entries: Entries): boolean {
  return (
    isItem(entries) && fieldsOf(entries).length > 1 && !entries.some(({ key }) => isManifestKey(key.value))
  );
}

const isItem = (entries: Entries) => entries.some(({ key }) => key.value === mark);
const fieldsOf = (entries: Entries) => entries.filter(({ key }) => isItemKey(key.value));
