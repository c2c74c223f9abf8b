import { isAutomationId } from "../fleet/refs.js";
import { didYouMeanOne } from "../near-misses.js";
import type { ManifestNode } from "./document.js";
import { excerpt, type FilePlace, type Mistakes } from "./mistake.js";
import { NodeReader } from "./node-reader.js";
import type { Template, Variables } from "./variables.js";

/** The fields that can be set at creation and then be the customer's. */
export const initialFields = ["schedule", "instructions", "enabled"] as const;
export type InitialField = (typeof initialFields)[number];

/** One automation of a manifest; its instructions are text, or the path of a file still to be read. */
export interface ItemDraft {
  place: FilePlace;
  name: Template;
  schedule: Template;
  tz?: Template;
  instructions: Template | { path: string; place: FilePlace };
  enabled?: boolean;
  initial: ReadonlySet<InitialField>;
  formerly?: Template;
  /** It is none of those that are there, even if one is the same. */
  distinct?: boolean;
  automationId?: string;
}

/** What could be read of an automation, even if something is missing: enough to tell what else is wrong. */
type PartialItem = Pick<ItemDraft, "place" | "tz" | "formerly" | "automationId"> &
  Partial<Pick<ItemDraft, "name" | "schedule">>;

/** A deployment that a manifest names: an id or an exact name. */
interface NamedDeployment {
  ref: string;
  place: FilePlace;
}

/** A manifest as its file has it. */
export interface ManifestDraft {
  /** Absent: the deployment that is otherwise chosen. */
  deployments?: NamedDeployment[];
  items: ItemDraft[];
  /** The items, and those that miss something. */
  partialItems: PartialItem[];
  /** Names, or ids, of what shall be gone. */
  removed: Template[];
}

const rootKeys = ["automations", "deployments", "removed", "$schema"] as const;
const itemKeys = [
  "name",
  "schedule",
  "instructions",
  "instructions_file",
  "tz",
  "enabled",
  "initial",
  "formerly",
  "distinct",
  "automation_id",
] as const;
/** Of one file, and in a list of it (src/manifest/README.md, "Files that are bad, or bad on purpose"). */
const mostItems = 1000;

/**
 * Reads a manifest's tree into its parts and fills in the variables. What is wrong goes to `mistakes`; items that miss
 * something are left out.
 */
export function readShape(
  root: ManifestNode,
  parts: { variables: Variables; mistakes: Mistakes },
): ManifestDraft {
  return new ShapeReader(parts).readRoot(root);
}

class ShapeReader {
  readonly #mistakes: Mistakes;
  readonly #take: NodeReader;

  constructor(parts: { variables: Variables; mistakes: Mistakes }) {
    this.#mistakes = parts.mistakes;
    this.#take = new NodeReader(parts);
  }

  readRoot(root: ManifestNode): ManifestDraft {
    const fields = this.#take.map(root, { what: "a manifest", keys: rootKeys });
    if (fields === undefined) return { items: [], partialItems: [], removed: [] };
    if (
      root.kind === "map" &&
      root.entries.length > 0 &&
      !fields.has("automations") &&
      !fields.has("removed")
    ) {
      this.#add(root.place, "a manifest needs automations or removed");
    }
    this.#take.plain(fields.get("$schema"), { what: "$schema" });
    const automations = this.#readList(fields.get("automations"), "automations");
    const drafts = automations.flatMap((item) => this.#readItem(item));
    return {
      deployments: this.#readDeployments(fields.get("deployments")),
      items: drafts.filter(isWhole),
      partialItems: drafts,
      removed: this.#readList(fields.get("removed"), "removed").flatMap((item) => this.#readRemoved(item)),
    };
  }

  #readList(node: ManifestNode | undefined, what: string): readonly ManifestNode[] {
    const list = this.#take.list(node, { what });
    if (list === undefined) return [];
    if (list.items.length <= mostItems) return list.items;
    this.#add(list.place, `${what} holds ${list.items.length}; ${mostItems} at most in one file`);
    return [];
  }

  #readDeployments(node: ManifestNode | undefined): NamedDeployment[] | undefined {
    if (node === undefined) return undefined;
    if (node.kind === "list" && node.items.length === 0) {
      this.#add(
        node.place,
        "deployments names none",
        "leave it out to use the deployment that is otherwise chosen",
      );
    }
    const named = this.#readList(node, "deployments").flatMap((item) => {
      const ref = this.#take.plain(item, { what: "a deployment" });
      return ref === undefined ? [] : [{ ref, place: item.place }];
    });
    return named.length === 0 ? undefined : named;
  }

  #readRemoved(node: ManifestNode): Template[] {
    const name = this.#take.text(node, { what: "a name in removed" });
    return name === undefined ? [] : [name];
  }

  #readItem(node: ManifestNode): (PartialItem & Partial<ItemDraft>)[] {
    const fields = this.#take.map(node, { what: "an automation", keys: itemKeys });
    if (fields === undefined) return [];
    const name = this.#take.text(fields.get("name"), { what: "name" });
    const schedule = this.#take.text(fields.get("schedule"), { what: "schedule" });
    const instructions = this.#readInstructions(fields);
    const optional = {
      tz: this.#take.text(fields.get("tz"), { what: "tz" }),
      enabled: this.#take.boolean(fields.get("enabled"), { what: "enabled" }),
      initial: this.#readInitial(fields.get("initial")),
      formerly: this.#take.text(fields.get("formerly"), { what: "formerly" }),
      distinct: this.#take.boolean(fields.get("distinct"), { what: "distinct" }),
      automationId: this.#readAutomationId(fields.get("automation_id")),
    };
    this.#checkGiven(node.place, fields);
    return [{ place: node.place, name, schedule, instructions, ...optional }];
  }

  #checkGiven(place: FilePlace, fields: ReadonlyMap<ItemKey, ManifestNode>): void {
    const missing = ["name", "schedule", "instructions"].filter((key) => !hasField(fields, key));
    if (missing.length > 0) this.#add(place, `this automation has no ${missing.join(" and no ")}`);
    const file = fields.get("instructions_file");
    if (fields.has("instructions") && file !== undefined) {
      this.#add(file.place, "instructions and instructions_file are given both");
    }
  }

  #readInstructions(fields: ReadonlyMap<ItemKey, ManifestNode>): ItemDraft["instructions"] | undefined {
    const text = this.#take.text(fields.get("instructions"), { what: "instructions" });
    const node = fields.get("instructions_file");
    const path = this.#take.plain(node, { what: "instructions_file" });
    if (path === undefined || node === undefined) return text;
    if (/^([/\\~]|[A-Za-z]:)/.test(path)) {
      this.#add(node.place, "instructions_file is a path relative to the manifest");
      return text;
    }
    return text ?? { path, place: node.place };
  }

  #readInitial(node: ManifestNode | undefined): ReadonlySet<InitialField> {
    const found = new Set<InitialField>();
    for (const item of this.#readList(node, "initial")) {
      const word = this.#take.plain(item, { what: "a field in initial" });
      const field = initialFields.find((each) => each === word);
      if (field !== undefined) found.add(field);
      else if (word !== undefined)
        this.#add(item.place, `${excerpt(word)} can't be initial`, suggestInitial(word));
    }
    return found;
  }

  #readAutomationId(node: ManifestNode | undefined): string | undefined {
    const id = this.#take.plain(node, { what: "automation_id" });
    if (id === undefined || isAutomationId(id)) return id;
    if (node !== undefined)
      this.#add(node.place, `${excerpt(id)} is no automation's id`, "an id begins with auto_");
    return undefined;
  }

  #add(place: FilePlace, message: string, suggestion?: string): void {
    this.#mistakes.add({ place, message, suggestion });
  }
}

function isWhole(item: PartialItem & Partial<ItemDraft>): item is ItemDraft {
  return item.name !== undefined && item.schedule !== undefined && item.instructions !== undefined;
}

type ItemKey = (typeof itemKeys)[number];

function hasField(fields: ReadonlyMap<string, ManifestNode>, key: string): boolean {
  return fields.has(key) || (key === "instructions" && fields.has("instructions_file"));
}

function suggestInitial(word: string): string {
  if (word === "tz") return "schedule stands for both";
  return didYouMeanOne(word, initialFields) ?? `these can: ${initialFields.join(", ")}`;
}
