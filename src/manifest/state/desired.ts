import { groupBy } from "../group-by.js";
import { type ItemSchedule, type ReadItemSchedule, scheduleMistake } from "../item-schedule.js";
import { type ItemTemplate, itemTemplate } from "../item-template.js";
import type { FilePlace, Mistakes } from "../mistake.js";
import type { Manifest, ManifestItem } from "../read/manifest-set.js";
import { checkNames } from "../read/names.js";
import { notBoolean } from "../read/node-reader.js";
import type { RecordEntry } from "../record/automation-record.js";
import { keyOf } from "../record/key.js";
import { readSpread, type Spread, spreadMistake, spreadSchedule } from "../spread.js";
import type { Rank } from "../values/audience.js";
import type { Fill, NamedValue } from "../values/expand.js";
import { type DeploymentValues, plainText, readBoolean, type Template } from "../values/variables.js";

/** One automation as it is wanted in one deployment. */
export interface DesiredItem extends Pick<ManifestItem, "initial" | "id" | "template"> {
  /** Where a manifest says so; absent where none does. */
  place?: FilePlace;
  name: string;
  schedule: PlacedSchedule;
  /** Where its own minute is by its name. */
  spread?: Spread;
  instructions: string;
  formerly?: string;
  enabled?: boolean;
  dstOk?: boolean;
  /** What its variables are; where that is wanted. */
  values?: readonly NamedValue[];
}

/** One that can't be read stands in a manifest. */
type PlacedSchedule =
  | (Extract<ItemSchedule, { ok: true }> & { place?: FilePlace })
  | (Extract<ItemSchedule, { ok: false }> & { place: FilePlace });

/** What a manifest says. */
type PlacedItem = DesiredItem & { place: FilePlace };

/** What manifests want in one deployment. */
export interface Desired {
  items: DesiredItem[];
  /** Names or ids. */
  removed: { ref: string; place: FilePlace; template?: ItemTemplate }[];
  /** What the record has in the deployment; absent: there is no record. */
  recorded?: {
    entries: readonly RecordEntry[];
    /** What is found by name is to be taken in. */
    isAdopting?: boolean;
    /** Nothing of it is to be left. */
    isLeaving?: boolean;
  };
}

export interface DesireOptions {
  values: DeploymentValues;
  readSchedule: ReadItemSchedule;
  /** The instructions whose file the deployment's values name. */
  fromFiles?: ReadonlyMap<ManifestItem, Template>;
  /** Items tell what their variables are. */
  tellsValues?: boolean;
  /** Those that were found before, too. */
  mistakes: Mistakes;
}

/**
 * What is for a deployment, with its variables filled in; of automations of one name the one that is meant most narrowly.
 * What is wrong in this deployment alone (a name that is there twice, or empty, with them) goes to `mistakes`.
 */
export function desiredFor(manifests: readonly Manifest[], options: DesireOptions): Desired {
  const { mistakes } = options;
  const readers = manifests.map((manifest) => new DesireReader(manifest, options));
  const items = withoutOverridden(readers.flatMap((reader) => reader.items()));
  const removed = readers.flatMap((reader) => reader.removed());
  const named = items.map(({ id, name, place, formerly }) => ({
    id,
    name,
    place,
    formerly: formerly === undefined ? undefined : { name: formerly, place },
  }));
  checkNames({ items: named, removed }, mistakes);
  return { items, removed };
}

type Ranked = PlacedItem & { rank: Rank };

/** Those of one key that are meant for everyone are left for checkNames to judge. */
function withoutOverridden(ranked: readonly Ranked[]): PlacedItem[] {
  const kept = new Set<Ranked>();
  for (const group of groupBy(ranked, keyOf).values()) {
    const most = Math.max(...group.map(({ rank }) => rank));
    if (most === 0) for (const item of group) kept.add(item);
    else kept.add(group.findLast(({ rank }) => rank === most) as Ranked);
  }
  return ranked.filter((item) => kept.has(item)).map(({ rank: _, ...item }) => item);
}

/** What one manifest wants in one deployment; what is wrong with it there goes to `mistakes`. */
class DesireReader {
  readonly #fill: Fill;

  constructor(
    private readonly manifest: Manifest,
    private readonly options: DesireOptions,
  ) {
    this.#fill = manifest.fill;
  }

  items(): Ranked[] {
    return this.manifest.items.flatMap((item) => {
      const rank = item.audience.rankFor(this.options.values);
      const filled = rank === undefined ? undefined : this.#item(item);
      return rank === undefined || filled === undefined ? [] : [{ ...filled, rank }];
    });
  }

  removed(): Desired["removed"] {
    if (this.manifest.audience.rankFor(this.options.values) === undefined) return [];
    return this.manifest.removed.flatMap((template) => {
      const ref = this.#line(template, "a name in removed");
      const found = { ref: ref ?? "", place: template.place, template: itemTemplate({ name: template }) };
      return ref === undefined ? [] : [found];
    });
  }

  #item(item: ManifestItem): PlacedItem | undefined {
    const { place, tz, pathFrom, initial, id, template } = item;
    const name = this.#line(item.name, "name");
    const read = this.#schedule(item.schedule, tz);
    const spread = read && item.spread && this.#spread(read, item.spread);
    const schedule = name && read && spread ? { ...spreadSchedule(spread, name), place: read.place } : read;
    const from = pathFrom === undefined ? item.instructions : this.options.fromFiles?.get(item);
    const instructions = from && this.#text(from);
    const formerly = item.formerly && this.#line(item.formerly, "formerly");
    const enabled = this.#boolean(item.enabled, "enabled");
    const dstOk = this.#boolean(item.dstOk, "dst_ok");
    if (name === undefined || schedule === undefined || instructions === undefined) return undefined;
    const texts = { name, schedule, spread, instructions, formerly, enabled, dstOk };
    return { place, initial, id, template, values: this.#values(item, from), ...texts };
  }

  #values(item: ManifestItem, instructions: Template | undefined): readonly NamedValue[] | undefined {
    if (this.options.tellsValues !== true) return undefined;
    const templates = [...templatesOf(item), ...(instructions === undefined ? [] : [instructions])];
    return this.#fill.valuesFor({ templates, deployment: this.options.values });
  }

  /** A text that isn't blank. */
  #text(template: Template): string | undefined {
    const { values, mistakes } = this.options;
    const text = this.#fill.textFor({ template, deployment: values }, mistakes);
    if (text === undefined || text.trim() !== "") return text;
    mistakes.add({ place: template.place, message: "the text is empty" });
    return undefined;
  }

  /** The same of a text that is one line. */
  #line(template: Template, what: string): string | undefined {
    const { values, mistakes } = this.options;
    const mistake = this.#fill.lineEndIn({ template, what }, values);
    if (mistake === undefined) return this.#text(template);
    mistakes.add(mistake);
    return undefined;
  }

  #boolean(wanted: boolean | Template | undefined, what: string): boolean | undefined {
    if (typeof wanted !== "object") return wanted;
    const text = this.#text(wanted);
    const value = text === undefined ? undefined : readBoolean(text);
    if (text !== undefined && value === undefined) {
      this.options.mistakes.add({ place: wanted.place, message: notBoolean(what, text) });
    }
    return value;
  }

  #schedule(
    schedule: Template,
    tz: Template | undefined,
  ): (PlacedSchedule & { place: FilePlace }) | undefined {
    const { readSchedule, mistakes } = this.options;
    const text = this.#text(schedule);
    const zone = tz && this.#text(tz);
    if (text === undefined || (tz !== undefined && zone === undefined)) return undefined;
    const reading = readSchedule({ text, zone });
    if (!reading.ok && tz !== undefined) {
      const mistake = scheduleMistake(reading, { schedule, tz });
      if (mistake !== undefined) mistakes.add(mistake);
      return undefined;
    }
    return { ...reading, place: schedule.place };
  }

  #spread(schedule: PlacedSchedule, template: Template): Spread | undefined {
    const { values, mistakes } = this.options;
    const text = this.#text(template);
    if (text === undefined) return undefined;
    const mistake = spreadMistake({ text, place: template.place }, schedule);
    if (mistake !== undefined) mistakes.add(mistake);
    return { deployment_id: values["deployment.id"], windowMinutes: readSpread(text) ?? 0, schedule };
  }
}

/** Whether a deployment must be read for its variables, or to know what is for it: its id alone is known without. */
export function needsDeployment(manifests: readonly Manifest[]): boolean {
  return manifests.some(({ items, removed, audience: whole, fill: { layers } }) => {
    const templates = [...items.flatMap(templatesOf), ...removed];
    const open = templates.flatMap(({ parts }) => parts.filter((part) => typeof part !== "string"));
    return (
      whole.needsDeployment ||
      items.some((item) => item.audience.needsDeployment || item.pathFrom !== undefined) ||
      open.some(({ name }) => layers.needsDeployment(name))
    );
  });
}

/** Whether they want the very same in every deployment. */
export function isSameForAll(manifests: readonly Manifest[]): boolean {
  return manifests.every(({ items, removed, audience: whole }) => {
    const templates = [...items.flatMap(templatesOf), ...removed];
    const isForAll = ({ audience, spread, pathFrom }: ManifestItem) =>
      !audience.isNarrowed && spread === undefined && pathFrom === undefined;
    return (
      !whole.isNarrowed &&
      items.every(isForAll) &&
      templates.every((template) => plainText(template) !== undefined)
    );
  });
}

function templatesOf(item: ManifestItem): Template[] {
  const { name, schedule, tz, spread, instructions, formerly, enabled, dstOk } = item;
  return [name, schedule, tz, spread, instructions, formerly, enabled, dstOk].filter(
    (value) => typeof value === "object",
  );
}
