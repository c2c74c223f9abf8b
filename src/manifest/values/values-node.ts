import { groupBy } from "../group-by.js";
import { excerpt } from "../mistake.js";
import type { ManifestNode, ScalarNode } from "../read/document.js";
import type { NodeReader } from "../read/node-reader.js";
import { twiceMistake, type Value, type ValueEntry } from "./value-layers.js";
import { Audience, type AudienceRef, isDeploymentVariable, isVariableName } from "./variables.js";

const audienceKeys = ["for", "not"] as const;
const namedKeys = ["deployments", "customers"] as const;
const kindOf = { deployments: "deployment", customers: "customer" } as const;

/** Reads the values of a manifest, or of a file of values: a map, or a list of them. */
export function readValues(node: ManifestNode | undefined, take: NodeReader): ValueEntry[] {
  if (node === undefined) return [];
  const entries = node.kind === "list" ? take.list(node, "values") : [node];
  const all = entries.flatMap((entry) => readEntry(entry, take) ?? []);
  for (const alike of groupBy(all, ({ audience }) => audience.key).values()) refuseTwice(alike, take);
  return all;
}

function refuseTwice(entries: readonly ValueEntry[], take: NodeReader): void {
  const first = new Map<string, Value>();
  for (const [name, value] of entries.flatMap(({ values }) => [...values])) {
    const other = first.get(name);
    if (other === undefined) first.set(name, value);
    else take.addMistake(twiceMistake(name, value, other));
  }
}

/** True when values stand among values: then they aren't known. */
export function nestsValues({ entries }: Extract<ManifestNode, { kind: "map" }>): boolean {
  return entries.some(({ key, value }) => isNested(String(key.value), value));
}

function isNested(name: string, { kind }: ManifestNode): boolean {
  return name === "values" && kind !== "scalar";
}

/** Mistake and hint for the key that people begin a file of values with. */
const nested = [
  "values can't be inside values",
  "a file of values begins with the names themselves, without values: above them",
] as const;

function readEntry(node: ManifestNode, take: NodeReader): ValueEntry | undefined {
  const entries = take.entries(node, "values must be a map of names and values, or a list of such maps");
  const values = new Map<string, Value>();
  const named = new Map<string, ManifestNode>();
  for (const { key, name, value } of entries) {
    if (audienceKeys.some((each) => each === name)) named.set(name, value);
    else if (isNested(name, value)) take.add(key.position, ...nested);
    else if (isNameOfValue(key, name, take)) {
      const text = take.literal(value, excerpt(name));
      values.set(name, { text: text ?? "", from: value.position, isWrong: text === undefined });
    }
  }
  return { audience: readAudience(named, take), values };
}

function isNameOfValue({ position }: ScalarNode, name: string, take: NodeReader): boolean {
  if (isDeploymentVariable(name)) {
    take.add(position, `${excerpt(name)} can't be set: deployment.* is each deployment's own`);
  } else if (!isVariableName(name)) {
    const suggestion = "use letters, digits, _, - and ., beginning with a letter or _";
    take.add(position, `${excerpt(name)} isn't a variable name`, suggestion);
  } else return true;
  return false;
}

export function readAudience(
  fields: { get(key: "for" | "not"): ManifestNode | undefined },
  take: NodeReader,
  within?: Audience,
): Audience {
  const named = (key: "for" | "not") => readNamed(fields.get(key), key, take);
  return new Audience({ for: named("for"), not: named("not") }, within);
}

function readNamed(
  node: ManifestNode | undefined,
  what: string,
  take: NodeReader,
): AudienceRef[] | undefined {
  const fields = node && take.map(node, what, namedKeys);
  if (node === undefined || fields === undefined) return undefined;
  const refs = namedKeys.flatMap((key) => {
    const list = fields.get(key);
    if (list?.kind === "list" && list.items.length === 0) take.add(list.position, `${what}.${key} is empty`);
    return take.list(list, `${what}.${key}`).flatMap((item): AudienceRef[] => {
      const ref = take.plain(item, `${what}.${key}`);
      return ref === undefined ? [] : [{ kind: kindOf[key], ref, position: item.position }];
    });
  });
  if (fields.size === 0) take.add(node.position, `${what} names no deployments and no customers`);
  return refs;
}
