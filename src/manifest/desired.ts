import { type ItemSchedule, type ReadItemSchedule, scheduleMistake } from "./item-schedule.js";
import { type FilePlace, Mistakes } from "./mistake.js";
import { checkNames } from "./names.js";
import type { Manifest, ManifestItem } from "./read.js";
import { type DeploymentValues, type Template, textFor } from "./variables.js";

/** One automation as a manifest wants it in one deployment. */
export interface DesiredItem extends Omit<ManifestItem, "tz" | TextField> {
  name: string;
  schedule: ItemSchedule & { place: FilePlace };
  instructions: string;
  formerly?: string;
}

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
  { values, readSchedule }: { values: DeploymentValues; readSchedule: ReadItemSchedule },
): Desired {
  const mistakes = new Mistakes();
  const items = manifests.flatMap((manifest) => manifest.items.map(fillItem));
  const removed = manifests.flatMap((manifest) =>
    manifest.removed.map((name) => ({ ref: fillText(name), place: name.place })),
  );
  const named = items.map(({ name, place, automationId, formerly }) => ({
    name,
    place,
    automationId,
    formerly: formerly === undefined ? undefined : { name: formerly, place },
  }));
  checkNames({ items: named, removed }, mistakes);
  mistakes.throwIfAny();
  return { items, removed };

  function fillItem({ tz, ...item }: ManifestItem): DesiredItem {
    return {
      ...item,
      name: fillText(item.name),
      schedule: fillSchedule(item.schedule, tz),
      instructions: fillText(item.instructions),
      formerly: item.formerly && fillText(item.formerly),
    };
  }

  function fillText(template: Template): string {
    const text = textFor(template, values);
    if (text !== undefined && text.trim() !== "") return text;
    const what = text === undefined ? "too long" : "empty";
    const message = `the text is ${what} for ${values["deployment.id"]}`;
    mistakes.add({ place: template.place, message });
    return "";
  }

  function fillSchedule(schedule: Template, tz: Template | undefined): DesiredItem["schedule"] {
    const zone = tz && fillText(tz);
    const reading = readSchedule({ text: fillText(schedule), zone });
    if (!reading.ok && tz !== undefined) mistakes.add(scheduleMistake(reading, { schedule, tz }));
    return { ...reading, place: schedule.place };
  }
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
