/** Reads one manifest: its keys, its items, its values. */

import { nearMisses } from "../../errors/near-misses.js";
import { groupBy } from "../group-by.js";
import { excerpt, type FilePosition, type Mistake, type Mistakes, otherOne } from "../mistake.js";
import { idForm } from "../record/automation-record.js";
import type { Expander } from "../values/expand.js";
import { twiceMistake, type Value, type ValueEntry } from "../values/value-layers.js";
import {
  Audience,
  type AudienceRef,
  isDeploymentVariable,
  isVariableName,
  type Template,
} from "../values/variables.js";
import type { ManifestNode, ScalarNode } from "./document.js";
import { isManifestKey } from "./folder.js";
import { NodeReader } from "./node-reader.js";

/** An automation in a manifest. A missing or invalid field is undefined, and reported as a mistake. */
export interface ManifestItem {
  position: FilePosition;
  audience: Audience;
  name?: Template | undefined;
  schedule?: Template | undefined;
  tz?: Template;
  /** The window in which each deployment gets its own minute. */
  spread?: Template;
  /** Undefined if a deployment's values decide which file contains them. */
  instructions?: Template | undefined;
  instructionsFile?: { path: Template; folder: string } | undefined;
  enabled?: boolean | Template;
  /** True for an automation that belongs to the customer once it is created. */
  initial?: boolean | Template;
  formerly?: Template;
  /** Its key in the record, independent of its name. */
  id?: string;
}

export interface PositionedRef {
  ref: string;
  position: FilePosition;
}

export interface Manifest {
  file: string;
  expander: Expander;
  /** Ids or exact names; the current deployment if there are none. */
  deployments?: PositionedRef[];
  items: ManifestItem[];
  removed: Template[];
  audience: Audience;
}

const rootKeys = [
  "automations",
  "deployments",
  "removed",
  "for",
  "not",
  "defaults",
  "values",
  "$schema",
] as const;
const itemKeys = [
  "name",
  "schedule",
  "instructions",
  "instructions_file",
  "tz",
  "spread",
  "enabled",
  "initial",
  "formerly",
  "id",
  "for",
  "not",
] as const;
const defaultKeys = ["tz", "spread", "initial", "enabled"] as const;

const onceHint = "initial: true creates it once, and then never changes it";

type Fields = ReadonlyMap<(typeof itemKeys)[number], ManifestNode>;

/** The tree of a manifest, or undefined if it has none, and the context for reading it. */
interface ManifestSource extends Pick<Manifest, "file" | "expander"> {
  root: ManifestNode | undefined;
  folder: string;
  mistakes: Mistakes;
}

/** Reads a manifest's tree and expands its variables. Adds mistakes to `mistakes`. */
export function readManifest({ root, file, folder, expander, mistakes }: ManifestSource): Manifest {
  const reader = new NodeReader(expander, mistakes);
  const fields = (root && reader.map(root, "a manifest", rootKeys)) ?? new Map<string, ManifestNode>();
  if (root?.kind === "map" && !root.entries.some(({ key }) => isManifestKey(key.value))) {
    reader.add(root.position, "a manifest needs a top-level automations: or removed: key");
  }
  reader.plain(fields.get("$schema"), "$schema");
  const defaults = fields.get("defaults");
  const usual = {
    reader,
    folder,
    within: readAudience(fields, reader),
    defaults: defaults && reader.map(defaults, "defaults", defaultKeys),
  };
  return {
    file,
    expander,
    deployments: readDeployments(fields, reader),
    items: reader
      .list(fields.get("automations"), "automations")
      .flatMap((item) => readItem(item, usual) ?? []),
    audience: usual.within,
    removed: reader
      .list(fields.get("removed"), "removed")
      .flatMap((item) => reader.line(item, "a name in removed") ?? []),
  };
}

function readDeployments(
  fields: ReadonlyMap<string, ManifestNode>,
  reader: NodeReader,
): PositionedRef[] | undefined {
  const node = fields.get("deployments");
  if (node?.kind === "list" && node.items.length === 0)
    reader.add(node.position, "deployments is empty", "omit it to use the current deployment");
  const refs = reader.list(node, "deployments").flatMap((item) => {
    const ref = reader.plain(item, "a deployment");
    return ref === undefined ? [] : [{ ref, position: item.position }];
  });
  return refs.length === 0 ? undefined : refs;
}

interface ItemContext {
  reader: NodeReader;
  folder: string;
  within: Audience;
  defaults: ReadonlyMap<(typeof defaultKeys)[number], ManifestNode> | undefined;
}

function readItem(
  node: ManifestNode,
  { reader, folder, within, defaults }: ItemContext,
): ManifestItem | undefined {
  const fields = reader.map(node, "an automation", itemKeys);
  if (fields === undefined) return undefined;
  const usual = (key: (typeof defaultKeys)[number]) => fields.get(key) ?? defaults?.get(key);
  const path = reader.line(fields.get("instructions_file"), "instructions_file");
  const text = reader.text(fields.get("instructions"), "instructions");
  checkGiven(fields, node, reader);
  return {
    position: node.position,
    audience: readAudience(fields, reader, within),
    name: reader.line(fields.get("name"), "name"),
    schedule: reader.text(fields.get("schedule"), "schedule"),
    instructions: text,
    instructionsFile: text === undefined && path !== undefined ? { path, folder } : undefined,
    tz: reader.text(usual("tz"), "tz"),
    spread: reader.text(usual("spread"), "spread", "such as 45m or 1h30m"),
    enabled: reader.boolean(usual("enabled"), "enabled"),
    initial: reader.boolean(usual("initial"), "initial", onceHint),
    formerly: reader.line(fields.get("formerly"), "formerly"),
    id: readId(fields.get("id"), reader),
  };
}

function readId(node: ManifestNode | undefined, reader: NodeReader): string | undefined {
  const id = reader.plain(node, "id");
  if (id === undefined || node === undefined || idForm.test(id)) return id;
  reader.add(reader.placeOf(node), `${excerpt(id)} isn't an id`, "use letters, digits and -, at most 128");
  return undefined;
}

function checkGiven(fields: Fields, { position }: ManifestNode, reader: NodeReader): void {
  const file = fields.get("instructions_file");
  const missing = (["name", "schedule", "instructions"] as const).filter(
    (key) => !fields.has(key) && !(key === "instructions" && file !== undefined),
  );
  if (missing.length > 0) reader.add(position, `this automation has no ${missing.join(" and no ")}`);
  if (fields.has("instructions") && file !== undefined) {
    reader.add(file.position, "both instructions and instructions_file are given");
  }
}

interface NamedItem {
  name: string;
  position?: FilePosition | undefined;
  formerly?: { name: string; position?: FilePosition | undefined } | undefined;
  id?: string | undefined;
}

/** Reports contradictions in one deployment: a repeated name, one also in `removed`, or an old name still in use. */
export function checkNames(
  { items, removed }: { items: readonly NamedItem[]; removed: readonly PositionedRef[] },
  mistakes: Mistakes,
): void {
  const byName = groupBy(items, (item) => item.name);
  const formerNames = items.flatMap(({ formerly }) => (formerly === undefined ? [] : [formerly]));
  const byFormerName = groupBy(formerNames, (former) => former.name);
  const byId = groupBy(
    items.filter((item) => item.id !== undefined),
    (item) => item.id ?? "",
  );
  for (const [name, [first, ...others]] of byName) {
    if ([first, ...others].every((item) => item?.id !== undefined)) continue;
    for (const { position } of others) add(position, `"${excerpt(name)}" appears twice`, first);
  }
  for (const [id, [first, ...others]] of byId) {
    for (const { position } of others) add(position, `${id} appears twice`, first);
  }
  for (const [name, [first, ...others]] of byFormerName) {
    const owner = byName.get(name)?.[0];
    if (owner !== undefined)
      add(first?.position, `formerly "${excerpt(name)}" is also a current name`, owner);
    for (const { position } of others) add(position, `formerly "${excerpt(name)}" appears twice`, first);
  }
  for (const { ref, position } of removed) {
    const desired = byName.get(ref)?.[0] ?? byId.get(ref)?.[0] ?? byFormerName.get(ref)?.[0];
    if (desired !== undefined)
      add(position, `"${excerpt(ref)}" is both in removed and in automations`, desired);
  }

  function add(
    position: FilePosition | undefined,
    message: string,
    other: Pick<NamedItem, "position"> = {},
  ): void {
    if (position === undefined || other.position === undefined) return;
    mistakes.add({ position, message, suggestion: otherOne(other.position, position) });
  }
}

const mostNamed = 4;

/** The mistake for a file without any top-level manifest key, or anything close to one. */
export function whyNoManifest(root: ManifestNode | undefined): Omit<Mistake, "position"> | undefined {
  const entries = root?.kind === "map" ? root.entries : [];
  const keys = entries.map(({ key }) => excerpt(String(key.value)));
  const isNearly = (key: string) => isManifestKey(key) || nearMisses(key, rootKeys).length > 0;
  if (keys.length === 0 || keys.some(isNearly)) return undefined;
  const has = `${keys.slice(0, mostNamed).join(", ")}${keys.length > mostNamed ? ", …" : ""}`;
  const message = `a manifest needs a top-level automations: or removed: key; this has ${has}`;
  const isFlat = entries.every(({ value }) => value.kind === "scalar");
  return { message, suggestion: isFlat ? "--values accepts a values file" : undefined };
}

export function whyNoValues(root: ManifestNode | undefined): string | undefined {
  const isManifest =
    root?.kind === "map" &&
    root.entries.some(({ key, value }) => isManifestKey(key.value) && value.kind === "list");
  return isManifest ? "this looks like a manifest: use --file" : undefined;
}

const audienceKeys = ["for", "not"] as const;
const namedKeys = ["deployments", "customers"] as const;
const kindOf = { deployments: "deployment", customers: "customer" } as const;

/** Reads the values of a manifest, or of a values file: a map, or a list of maps. */
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

/** True if values contain other values, so that they are unknown. */
export function nestsValues({ entries }: Extract<ManifestNode, { kind: "map" }>): boolean {
  return entries.some(({ key, value }) => isNested(String(key.value), value));
}

function isNested(name: string, { kind }: ManifestNode): boolean {
  return name === "values" && kind !== "scalar";
}

/** The mistake and its hint for the usual first key of a values file. */
const nested = [
  "values can't be nested",
  "a values file starts with the names themselves, without values: above them",
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
    take.add(position, `${excerpt(name)} can't be set: each deployment has its own deployment.*`);
  } else if (!isVariableName(name)) {
    const suggestion = "use letters, digits, _, - and ., starting with a letter or _";
    take.add(position, `${excerpt(name)} isn't a variable name`, suggestion);
  } else return true;
  return false;
}

function readAudience(
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
