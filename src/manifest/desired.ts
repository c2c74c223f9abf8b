import type { ItemSchedule, ReadItemSchedule } from "./item-schedule.js";
import { type FilePlace, Mistakes } from "./mistake.js";
import { checkNames } from "./names.js";
import type { Manifest, ManifestItem } from "./read.js";
import type { InitialField } from "./shape.js";
import { type DeploymentValues, type Template, textFor } from "./variables.js";

/** One automation as a manifest wants it in one deployment. */
export interface DesiredItem {
  place: FilePlace;
  name: string;
  schedule: ItemSchedule & { place: FilePlace };
  instructions: string;
  enabled?: boolean;
  initial: ReadonlySet<InitialField>;
  formerly?: string;
  /** It is none of those that are there, even if one is the same. */
  distinct?: boolean;
  automationId?: string;
}

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
  { values, readSchedule }: { values: DeploymentValues; readSchedule: ReadItemSchedule },
): Desired {
  const mistakes = new Mistakes();
  const fill = new Filler({ values, readSchedule, mistakes });
  const items = manifests.flatMap((manifest) => manifest.items.map((item) => fill.item(item)));
  const removed = manifests.flatMap((manifest) =>
    manifest.removed.map((name) => ({ ref: fill.text(name), place: name.place })),
  );
  const named = items.map((item) => ({
    name: item.name,
    place: item.place,
    automationId: item.automationId,
    ...(item.formerly === undefined ? {} : { formerly: { name: item.formerly, place: item.place } }),
  }));
  checkNames({ items: named, removed }, mistakes);
  mistakes.throwIfAny();
  return { items, removed };
}

/** Whether a deployment must be read for its variables: its id alone is known without. */
export function needsDeployment(manifests: readonly Manifest[]): boolean {
  return manifests.some(({ items, removed }) =>
    [...items.flatMap(templatesOf), ...removed].some(({ parts }) =>
      parts.some((part) => typeof part !== "string" && part.variable !== "deployment.id"),
    ),
  );
}

function templatesOf({ name, schedule, tz, instructions, formerly }: ManifestItem): Template[] {
  return [name, schedule, tz, instructions, formerly].filter((template) => template !== undefined);
}

interface FillerParts {
  values: DeploymentValues;
  readSchedule: ReadItemSchedule;
  mistakes: Mistakes;
}

class Filler {
  constructor(private readonly parts: FillerParts) {}

  item(item: ManifestItem): DesiredItem {
    const { place, name, instructions, formerly, distinct, enabled, initial, automationId } = item;
    return {
      place,
      name: this.text(name),
      schedule: this.#schedule(item),
      instructions: this.text(instructions),
      initial,
      distinct,
      enabled,
      ...(formerly === undefined ? {} : { formerly: this.text(formerly) }),
      automationId,
    };
  }

  text(template: Template): string {
    const text = textFor(template, this.parts.values);
    if (text !== undefined && text.trim() !== "") return text;
    const what = text === undefined ? "too long" : "empty";
    this.#add(template.place, `the text is ${what} for ${this.parts.values["deployment.id"]}`);
    return "";
  }

  #schedule({ schedule, tz }: ManifestItem): DesiredItem["schedule"] {
    const zone = tz === undefined ? undefined : this.text(tz);
    const reading = this.parts.readSchedule({ text: this.text(schedule), zone });
    if (!reading.ok && zone !== undefined) {
      this.#add(
        reading.isAboutZone && tz !== undefined ? tz.place : schedule.place,
        reading.reason,
        reading.hint,
      );
    }
    return { ...reading, place: schedule.place };
  }

  #add(place: FilePlace, message: string, suggestion?: string): void {
    this.parts.mistakes.add({ place, message, suggestion });
  }
}
