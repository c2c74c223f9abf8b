import { groupBy } from "../group-by.js";
import { type ItemSchedule, type ReadItemSchedule, type Spread, spreadSchedule } from "../item-schedule.js";
import { type ItemTemplate, itemTemplate } from "../item-template.js";
import { type FilePosition, type Mistake, Mistakes } from "../mistake.js";
import { checkNames, type Manifest, type ManifestItem } from "../read/manifest.js";
import { notBoolean } from "../read/node-reader.js";
import { keyOf, type RecordEntry, type RecordKey } from "../record/automation-record.js";
import { notSpread, readSpread } from "../spread.js";
import type { Expander, NamedValue } from "../values/expand.js";
import { type DeploymentValues, type Rank, readBoolean, type Template } from "../values/variables.js";

export interface DesiredItem extends Pick<ManifestItem, "id"> {
  position?: FilePosition;
  name: string;
  schedule: ItemSchedule & { position?: FilePosition };
  spread?: Spread;
  instructions: string;
  formerly?: string;
  enabled?: boolean;
  initial?: boolean;
  template?: ItemTemplate | undefined;
  values?: readonly NamedValue[] | undefined;
}

export interface DesiredItems {
  items: DesiredItem[];
  removed: { ref: string; position: FilePosition; template?: ItemTemplate }[];
  /** The record's entries for the deployment; absent without a record. */
  recorded?: {
    entries: readonly RecordEntry[];
    isAdopting?: boolean;
  };
  /** Keys of all automations in a deployment that `not`, by id or exact name, leaves without any desired item. */
  leaving?: readonly RecordKey[];
}

export interface ReadOptions {
  values: DeploymentValues;
  readSchedule: ReadItemSchedule;
  fromFiles?: ReadonlyMap<ManifestItem, Template>;
  showsValues?: boolean;
  mistakes: Mistakes;
}

/**
 * Returns a deployment's items, expanded; only the most specific one per name. Adds mistakes of this deployment alone
 * (a repeated or empty name) to `mistakes`.
 */
export function desiredFor(manifests: readonly Manifest[], options: ReadOptions): DesiredItems {
  const { mistakes } = options;
  const items = mostSpecific(manifests.flatMap((manifest) => readItems(manifest, options)));
  const removed = manifests.flatMap((manifest) => readRemoved(manifest, options));
  const named = items.map(({ id, name, position, formerly }) => ({
    id,
    name,
    position,
    formerly: formerly === undefined ? undefined : { name: formerly, position },
  }));
  checkNames({ items: named, removed }, mistakes);
  if (items.length > 0) return { items, removed };
  return { items, removed, leaving: manifests.flatMap((manifest) => keysExcluded(manifest, options)) };
}

function keysExcluded({ items, expander }: Manifest, { values }: ReadOptions): RecordKey[] {
  return items.flatMap(({ id, name: template, audience }) => {
    if (template === undefined || !audience.excludesByName(values)) return [];
    const name = expander.textFor(template, values, new Mistakes());
    return name === undefined ? [] : keyOf({ id, name });
  });
}

interface Ranked {
  item: DesiredItem;
  rank: Rank;
}

/** Drops items overridden by a more specific one with the same key. checkNames reports equally specific ones. */
function mostSpecific(all: readonly Ranked[]): DesiredItem[] {
  const chosen = new Set<Ranked>();
  for (const group of groupBy(all, ({ item }) => keyOf(item)).values()) {
    const most = Math.max(...group.map(({ rank }) => rank));
    for (const each of group) if (each.rank === most) chosen.add(each);
  }
  return all.filter((each) => chosen.has(each)).map(({ item }) => item);
}

function readItems({ items, expander }: Manifest, options: ReadOptions): Ranked[] {
  const reader = new ItemReader(expander, options);
  return items.flatMap((each) => {
    const rank = each.audience.rankFor(options.values);
    const item = rank === undefined ? undefined : reader.item(each);
    return rank === undefined || item === undefined ? [] : [{ item, rank }];
  });
}

function readRemoved(
  { removed, audience, expander }: Manifest,
  options: ReadOptions,
): DesiredItems["removed"] {
  if (audience.rankFor(options.values) === undefined) return [];
  const reader = new ItemReader(expander, options);
  return removed.flatMap((template) => {
    const ref = reader.removed(template);
    const { position } = template;
    return ref === undefined ? [] : [{ ref, position, template: itemTemplate({ name: template }) }];
  });
}

/** Reads items for one deployment; adds mistakes to `mistakes`. */
export class ItemReader {
  constructor(
    private readonly expander: Expander,
    private readonly options: ReadOptions,
  ) {}

  removed(template: Template): string | undefined {
    return this.#line(template, "a name in removed");
  }

  item(item: ManifestItem): DesiredItem | undefined {
    const { position, id } = item;
    const name = item.name && this.#line(item.name, "name");
    const windowMinutes = item.spread && this.#value(item.spread, readSpread, notSpread);
    const read = this.#schedule(item, windowMinutes);
    const deployment_id = this.options.values["deployment.id"];
    const spread =
      read && windowMinutes !== undefined ? { deployment_id, windowMinutes, schedule: read } : undefined;
    const schedule =
      name && read && spread ? { ...spreadSchedule(spread, name), position: read.position } : read;
    const from = this.options.fromFiles?.get(item) ?? item.instructions;
    const instructions = from && this.#text(from);
    const formerly = item.formerly && this.#line(item.formerly, "formerly");
    const enabled = this.#boolean(item.enabled, "enabled");
    const initial = this.#boolean(item.initial, "initial");
    const template = item.name && itemTemplate({ ...item, name: item.name });
    if (name === undefined || schedule === undefined || instructions === undefined) return undefined;
    const texts = { name, schedule, spread, instructions, formerly, enabled, initial };
    return { position, id, template, values: this.#values(item, from), ...texts };
  }

  #values(item: ManifestItem, instructions: Template | undefined): readonly NamedValue[] | undefined {
    if (this.options.showsValues !== true) return undefined;
    const templates = [...templatesOf(item), ...(instructions === undefined ? [] : [instructions])];
    return this.expander.valuesFor(templates, this.options.values);
  }

  #text(template: Template): string | undefined {
    const { values, mistakes } = this.options;
    const text = this.expander.textFor(template, values, mistakes);
    if (text === undefined || text.trim() !== "") return text;
    mistakes.add({ position: template.position, message: "the text is empty" });
    return undefined;
  }

  #line(template: Template, what: string): string | undefined {
    const { values, mistakes } = this.options;
    const mistake = this.expander.lineEndIn(template, what, values);
    if (mistake === undefined) return this.#text(template);
    mistakes.add(mistake);
    return undefined;
  }

  #boolean(given: boolean | Template | undefined, what: string): boolean | undefined {
    if (typeof given !== "object") return given;
    return this.#value(given, readBoolean, (text) => ({ message: notBoolean(what, text) }));
  }

  #value<T>(
    template: Template,
    read: (text: string) => T | undefined,
    whyNot: (text: string) => Omit<Mistake, "position">,
  ): T | undefined {
    const text = this.#text(template);
    const value = text === undefined ? undefined : read(text);
    if (text !== undefined && value === undefined) {
      this.options.mistakes.add({ position: template.position, ...whyNot(text) });
    }
    return value;
  }

  #schedule(item: ManifestItem, spreadMinutes?: number): DesiredItem["schedule"] | undefined {
    const { readSchedule, mistakes } = this.options;
    const text = item.schedule && this.#text(item.schedule);
    const zone = item.tz && this.#text(item.tz);
    const reading = text === undefined ? undefined : readSchedule({ text, zone, spreadMinutes });
    // An invalid zone is reported even if the schedule is unknown, or invalid itself.
    const zoned = zone === undefined || reading?.ok ? undefined : readSchedule({ text: "0 0 * * *", zone });
    for (const each of [reading, zoned]) {
      const about = each?.ok === false && item[each.key];
      if (about) mistakes.add({ position: about.position, message: each.reason, suggestion: each.hint });
    }
    const isKnown = item.tz === undefined || zone !== undefined;
    return isKnown && reading?.ok ? { ...reading, position: item.schedule?.position } : undefined;
  }
}

/** True if a deployment must be read for its variables, or to find its items; if not, its id is enough. */
export function needsDeployment(manifests: readonly Manifest[]): boolean {
  return manifests.some(({ items, removed, audience: whole, expander: { layers } }) => {
    const templates = [...items.flatMap(templatesOf), ...removed];
    const open = templates.flatMap(({ parts }) => parts.filter((part) => typeof part !== "string"));
    return (
      whole.needsDeployment ||
      items.some((item) => item.audience.needsDeployment || item.instructions === undefined) ||
      open.some(({ name }) => layers.needsDeployment(name))
    );
  });
}

/** All texts of an item except its file's path. */
export function templatesOf(item: ManifestItem): Template[] {
  const { name, schedule, tz, spread, instructions, formerly, enabled, initial } = item;
  return [name, schedule, tz, spread, instructions, formerly, enabled, initial].filter(
    (value) => typeof value === "object",
  );
}
