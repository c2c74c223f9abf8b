import type { Fill } from "./fill.js";
import { type ItemSchedule, type ReadItemSchedule, scheduleMistake } from "./item-schedule.js";
import { type FilePlace, Mistakes } from "./mistake.js";
import { checkNames } from "./names.js";
import { notBoolean } from "./node-reader.js";
import type { Manifest, ManifestItem } from "./read.js";
import type { DeploymentValues } from "./values.js";
import { readBoolean, type Template } from "./variables.js";

/** One automation as it is wanted in one deployment. */
export interface DesiredItem extends Omit<ManifestItem, "tz" | "place" | TextField | "enabled" | "distinct"> {
  /** Where a manifest says so; absent where none does. */
  place?: FilePlace;
  name: string;
  schedule: PlacedSchedule;
  instructions: string;
  formerly?: string;
  enabled?: boolean;
  distinct?: boolean;
}

/** One that can't be read stands in a manifest. */
type PlacedSchedule =
  | (Extract<ItemSchedule, { ok: true }> & { place?: FilePlace })
  | (Extract<ItemSchedule, { ok: false }> & { place: FilePlace });

/** What a manifest says. */
type PlacedItem = DesiredItem & { place: FilePlace };

type TextField = "name" | "schedule" | "instructions" | "formerly";

/** What manifests want in one deployment. */
export interface Desired {
  items: DesiredItem[];
  /** Names or ids. */
  removed: { ref: string; place: FilePlace }[];
}

/**
 * Fills in a deployment's variables. Throws ManifestError for what is wrong in this deployment alone: a name that is there
 * twice, or empty, with them.
 */
export function desiredFor(
  manifests: readonly Manifest[],
  options: { values: DeploymentValues; readSchedule: ReadItemSchedule },
): Desired {
  const mistakes = new Mistakes();
  const filled = manifests.map((manifest) =>
    new DesireReader(manifest.fill, { ...options, mistakes }).read(manifest),
  );
  const items = filled.flatMap((each) => each.items);
  const removed = filled.flatMap((each) => each.removed);
  const named = items.map(({ name, place, automationId, formerly }) => ({
    name,
    place,
    automationId,
    formerly: formerly === undefined ? undefined : { name: formerly, place },
  }));
  checkNames({ items: named, removed }, mistakes);
  mistakes.throwIfAny();
  return { items, removed };
}

/** What one manifest wants in one deployment; what is wrong with it there goes to `mistakes`. */
class DesireReader {
  constructor(
    private readonly fill: Fill,
    private readonly options: {
      values: DeploymentValues;
      readSchedule: ReadItemSchedule;
      mistakes: Mistakes;
    },
  ) {}

  read({ items, removed }: Manifest): Desired & { items: PlacedItem[] } {
    return {
      items: items.flatMap((item) => this.#item(item) ?? []),
      removed: removed.flatMap((template) => {
        const ref = this.#text(template);
        return ref === undefined ? [] : [{ ref, place: template.place }];
      }),
    };
  }

  #item({ tz, ...item }: ManifestItem): PlacedItem | undefined {
    const name = this.#text(item.name);
    const schedule = this.#schedule(item.schedule, tz);
    const instructions = this.#text(item.instructions);
    const formerly = item.formerly && this.#text(item.formerly);
    const enabled = this.#boolean(item.enabled, "enabled");
    const distinct = this.#boolean(item.distinct, "distinct");
    if (name === undefined || schedule === undefined || instructions === undefined) return undefined;
    return { ...item, name, schedule, instructions, formerly, enabled, distinct };
  }

  /** A text that isn't blank. */
  #text(template: Template): string | undefined {
    const { values, mistakes } = this.options;
    const text = this.fill.textFor({ template, deployment: values }, mistakes);
    if (text === undefined || text.trim() !== "") return text;
    mistakes.add({ place: template.place, message: "the text is empty" });
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

  #schedule(schedule: Template, tz: Template | undefined): DesiredItem["schedule"] | undefined {
    const { readSchedule, mistakes } = this.options;
    const text = this.#text(schedule);
    const zone = tz && this.#text(tz);
    if (text === undefined || (tz !== undefined && zone === undefined)) return undefined;
    const reading = readSchedule({ text, zone });
    if (!reading.ok && tz !== undefined) mistakes.add(scheduleMistake(reading, { schedule, tz }));
    return { ...reading, place: schedule.place };
  }
}

/** Whether a deployment must be read for its variables: its id alone is known without. */
export function needsDeployment(manifests: readonly Manifest[]): boolean {
  return manifests.some(({ items, removed }) =>
    [...items.flatMap(templatesOf), ...removed].some(({ parts }) =>
      parts.some((part) => typeof part !== "string" && part.name !== "deployment.id"),
    ),
  );
}

function templatesOf(item: ManifestItem): Template[] {
  const { name, schedule, tz, instructions, formerly, enabled, distinct } = item;
  return [name, schedule, tz, instructions, formerly, enabled, distinct].filter(
    (template) => typeof template === "object",
  );
}
