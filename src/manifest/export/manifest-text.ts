import { escapeVariables } from "../values/variables.js";
import { yamlBlock, yamlComment, yamlQuoted, yamlScalar } from "./yaml-text.js";

/** An automation as it is written into a manifest. */
export interface WrittenAutomation {
  automation_id: string;
  name: string;
  schedule: string;
  enabled: boolean;
  instructions: string;
  /** Where its instructions go instead of into the manifest; relative to the manifest. */
  instructionsFile?: string;
}

export interface WriteOptions {
  deployment_id: string;
  /** Stands for its id, and no automation has an id either: so that it is read in another environment. */
  deployment_name?: string;
  automations: readonly WrittenAutomation[];
  /** Where they are a part only: every automation of the deployment, so that equal names in other parts are known. */
  all?: readonly WrittenAutomation[];
  /** One line above the manifest. */
  title?: string;
  /** A cron's sentence; nothing for what needs or has none. */
  describe?(schedule: string): string | undefined;
}

/**
 * A deployment's automations as a manifest in YAML: always the same text for the same automations, whatever order they
 * come in. Reading it back gives what was written, `${` and equal names included.
 */
export function writeManifest(options: WriteOptions): string {
  const { automations, title } = options;
  const head = [
    ...(title === undefined ? [] : [yamlComment(title)]),
    `deployments: [${yamlScalar(deploymentRef(options))}]`,
  ];
  if (automations.length === 0) return `${[...head, "automations: []"].join("\n")}\n`;
  const isTwice = namesWithId(options);
  const items = automationsInOrder(automations).map((automation) =>
    writeItem(automation, { describe: options.describe, withId: isTwice.has(automation.name) }),
  );
  return `${[...head, "automations:"].join("\n")}\n${joinItems(items)}\n`;
}

/** The same manifest as the object that JSON shows. */
export function manifestObject(options: WriteOptions): object {
  const isTwice = namesWithId(options);
  return {
    deployments: [deploymentRef(options)],
    automations: automationsInOrder(options.automations).map((automation) => ({
      name: escapeVariables(automation.name),
      ...(isTwice.has(automation.name) ? { id: idOf(automation) } : {}),
      schedule: escapeVariables(automation.schedule),
      ...(automation.enabled ? {} : { enabled: false }),
      instructions: escapeVariables(automation.instructions),
    })),
  };
}

/** By name, then id: stable, whatever the server's order is. */
export function automationsInOrder<Automation extends { name: string; automation_id: string }>(
  automations: readonly Automation[],
): Automation[] {
  return automations.toSorted(
    (one, other) => compare(one.name, other.name) || compare(one.automation_id, other.automation_id),
  );
}

function writeItem(
  automation: WrittenAutomation,
  { describe, withId }: { describe: WriteOptions["describe"]; withId: boolean },
): string {
  const { name, schedule, enabled, instructions, instructionsFile } = automation;
  const sentence = describe?.(schedule);
  const fields = [
    `name: ${yamlScalar(escapeVariables(name))}`,
    ...(withId ? [`id: ${yamlScalar(idOf(automation))}`] : []),
    `schedule: ${writeSchedule(schedule)}${sentence === undefined ? "" : ` ${yamlComment(sentence)}`}`,
    ...(enabled ? [] : ["enabled: false"]),
    instructionsFile === undefined
      ? `instructions: ${yamlBlock(escapeVariables(instructions), 6)}`
      : `instructions_file: ${yamlScalar(escapeVariables(instructionsFile))}`,
  ];
  return `  - ${fields.join("\n    ")}`;
}

/** With an empty line between them; where an item ends in empty lines, they are its text's, and one more would join it. */
function joinItems(items: readonly string[]): string {
  return items.reduce((text, item) => text + (text.endsWith("\n") ? "\n" : "\n\n") + item);
}

/** A cron always in quotes: half of them would be read as something else without. */
function writeSchedule(schedule: string): string {
  const text = escapeVariables(schedule);
  return /^[\p{L} ]/u.test(text) ? yamlScalar(text) : yamlQuoted(text);
}

function deploymentRef({ deployment_id, deployment_name }: WriteOptions): string {
  return deployment_name === undefined ? deployment_id : escapeVariables(deployment_name);
}

/** The names that several have, which their ids tell apart. */
function namesWithId({ deployment_name, automations, all = automations }: WriteOptions): ReadonlySet<string> {
  if (deployment_name !== undefined) return new Set();
  const seen = new Set<string>();
  const twice = all.filter(({ name }) => seen.size === seen.add(name).size);
  return new Set(twice.map(({ name }) => name));
}

/** Tells automations of one name apart, as an item's id may be written. */
function idOf({ automation_id }: WrittenAutomation): string {
  return automation_id.replaceAll("_", "-");
}

function compare(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1;
}
