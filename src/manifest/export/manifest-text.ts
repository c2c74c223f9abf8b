import { escapeVariables } from "../values/variables.js";
import { yamlBlock, yamlComment, yamlQuoted, yamlScalar } from "./yaml-text.js";

export interface WrittenAutomation {
  automation_id: string;
  name: string;
  schedule: string;
  enabled: boolean;
  instructions: string;
  /** The file that takes its instructions, relative to the manifest. */
  instructionsFile?: string;
}

export interface WriteOptions {
  deployment_id: string;
  /** Written in place of the id; automations get no id either, so that another environment can read it. */
  deployment_name?: string;
  automations: readonly WrittenAutomation[];
  /** All automations of the deployment where `automations` is a part: names that others have are known by it. */
  all?: readonly WrittenAutomation[];
  title?: string;
  describe?(schedule: string): string | undefined;
}

/**
 * Writes a manifest in YAML: always the same text for the same automations. Reading it back gives what was written,
 * `${` and equal names included.
 */
export function writeManifest(options: WriteOptions): string {
  const { automations, title } = options;
  const head = [
    ...(title === undefined ? [] : [yamlComment(title)]),
    `deployments: [${yamlScalar(deploymentRef(options))}]`,
  ];
  if (automations.length === 0) return `${[...head, "automations: []"].join("\n")}\n`;
  const namesNeedingId = namesWithId(options);
  const items = automationsInOrder(automations).map((automation) =>
    writeItem(automation, { describe: options.describe, withId: namesNeedingId.has(automation.name) }),
  );
  return `${[...head, "automations:"].join("\n")}\n${joinItems(items)}\n`;
}

export function manifestObject(options: WriteOptions): object {
  const namesNeedingId = namesWithId(options);
  return {
    deployments: [deploymentRef(options)],
    automations: automationsInOrder(options.automations).map((automation) => ({
      name: escapeVariables(automation.name),
      ...(namesNeedingId.has(automation.name) ? { id: idOf(automation) } : {}),
      schedule: escapeVariables(automation.schedule),
      ...(automation.enabled ? {} : { enabled: false }),
      instructions: escapeVariables(automation.instructions),
    })),
  };
}

/** Sorts by name, then id, so that the server's order doesn't matter. */
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

/** Puts an empty line between items. An item's last empty lines are its text's, so one more would join it. */
function joinItems(items: readonly string[]): string {
  return items.reduce((text, item) => text + (text.endsWith("\n") ? "\n" : "\n\n") + item);
}

/** Quotes crons always: half of them would be read as something else. */
function writeSchedule(schedule: string): string {
  const text = escapeVariables(schedule);
  return /^[\p{L} ]/u.test(text) ? yamlScalar(text) : yamlQuoted(text);
}

function deploymentRef({ deployment_id, deployment_name }: WriteOptions): string {
  return deployment_name === undefined ? deployment_id : escapeVariables(deployment_name);
}

function namesWithId({ deployment_name, automations, all = automations }: WriteOptions): ReadonlySet<string> {
  if (deployment_name !== undefined) return new Set();
  const seen = new Set<string>();
  const twice = all.filter(({ name }) => seen.size === seen.add(name).size);
  return new Set(twice.map(({ name }) => name));
}

/** Makes an id that an item may have, to tell automations of one name apart. */
function idOf({ automation_id }: WrittenAutomation): string {
  return automation_id.replaceAll("_", "-");
}

function compare(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1;
}
