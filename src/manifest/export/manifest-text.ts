/** Writes automations as a manifest, in YAML. */

import type { DeploymentTarget } from "../../fleet/selection.js";
import { escapeVariables } from "../values/variables.js";

/** One file of an export; its path is relative to the export's folder. */
export interface ExportFile {
  path: string;
  text: string;
}

const mostLines = 20;
const mostCharacters = 2000;
/** Maximum number of automations in one manifest, with room for quotes and comments. */
const mostItems = 1000;
const mostPartCharacters = 600_000;

/**
 * Splits a deployment into files: a manifest named by `stem` (several if one couldn't be read back), and long
 * instructions in a folder beside it.
 */
export function exportFiles(options: WriteOptions, stem = fileName(options.deployment_id)): ExportFile[] {
  // Stems made from names contain no dots, so that the parts of two deployments can't collide.
  const between = options.deployment_name === undefined ? "-" : ".";
  const names = new Set<string>();
  const all = automationsInOrder(options.automations).map((automation) => withFile(automation, stem, names));
  const manifests = inParts(all).map((part, index) => ({
    path: index === 0 ? `${stem}.yaml` : `${stem}${between}${index + 1}.yaml`,
    text: writeManifest({ ...options, automations: part, all }),
  }));
  const texts = all.flatMap(({ instructions, instructionsFile }) =>
    instructionsFile === undefined ? [] : [{ path: instructionsFile, text: escapeVariables(instructions) }],
  );
  return [...manifests, ...texts];
}

/** True if one manifest can contain all of them and still be read back. */
export function fitsOneManifest(automations: readonly WrittenAutomation[]): boolean {
  return inParts(automations).length === 1;
}

function withFile(automation: WrittenAutomation, stem: string, names: Set<string>): WrittenAutomation {
  const { instructions, name } = automation;
  const isLong = instructions.length > mostCharacters || instructions.split("\n").length > mostLines;
  if (!isLong || !isPlainText(instructions)) return automation;
  return { ...automation, instructionsFile: `${stem}/${unusedSlug(name, "instructions", names)}.md` };
}

export function stemsByName(targets: readonly DeploymentTarget[]): Map<string, string> {
  const names = new Set<string>();
  const inNameOrder = targets.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  return new Map(
    inNameOrder.map(({ deployment_id, name }) => [deployment_id, unusedSlug(name, "deployment", names)]),
  );
}

/** Names that files can't have on Windows, whatever their extension. */
const isDevice = /^(con|prn|aux|nul|com\d|lpt\d)$/;

function unusedSlug(name: string, otherwise: string, used: Set<string>): string {
  const known = slugOf(name) || otherwise;
  const slug = isDevice.test(known) ? `${otherwise}-${known}` : known;
  let unused = slug;
  for (let count = 2; used.has(unused); count += 1) unused = `${slug}-${count}`;
  used.add(unused);
  return unused;
}

function inParts(automations: readonly WrittenAutomation[]): WrittenAutomation[][] {
  const parts: WrittenAutomation[][] = [[]];
  let characters = 0;
  for (const automation of automations) {
    const { name, schedule, instructions, instructionsFile } = automation;
    const size =
      name.length + schedule.length + (instructionsFile === undefined ? instructions.length : 0) + 200;
    const last = parts.at(-1) ?? [];
    if (last.length > 0 && (last.length >= mostItems || characters + size > mostPartCharacters)) {
      parts.push([automation]);
      characters = size;
    } else {
      last.push(automation);
      characters += size;
    }
  }
  return parts;
}

function slugOf(name: string): string {
  return name
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "")
    .slice(0, 60);
}

/** Prevents a server's id from leading to another folder. */
function fileName(id: string): string {
  return id.replaceAll(/[^\w-]/g, "_");
}

export interface WrittenAutomation {
  automation_id: string;
  name: string;
  schedule: string;
  enabled: boolean;
  instructions: string;
  /** The file with its instructions, relative to the manifest. */
  instructionsFile?: string;
}

export interface WriteOptions {
  deployment_id: string;
  /** Written instead of the id; automations get no id either, so that the manifest fits other environments. */
  deployment_name?: string;
  automations: readonly WrittenAutomation[];
  /** All automations of the deployment, if `automations` are only some of them, to find duplicate names. */
  all?: readonly WrittenAutomation[];
  title?: string;
  describe?(schedule: string): string | undefined;
}

/**
 * Writes a manifest in YAML, always with the same text for the same automations. Reading it back returns them
 * unchanged, including `${` and equal names.
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

/** Puts an empty line between items, except after an item that ends in empty lines, which belong to its text. */
function joinItems(items: readonly string[]): string {
  return items.reduce((text, item) => text + (text.endsWith("\n") ? "\n" : "\n\n") + item);
}

/** Always quotes cron expressions, because YAML would misread half of them. */
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

/** Makes an item id that distinguishes automations with the same name. */
function idOf({ automation_id }: WrittenAutomation): string {
  return automation_id.replaceAll("_", "-");
}

function compare(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1;
}

/** Invisible characters, and those that YAML forbids; they are escaped in quotes. */
const hidden = /[\0-\x1f\x7f-\x9f\ufff0-\uffff]|[\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
/** Blocks may contain joiners, as in emoji and some scripts, whose text would be unreadable if escaped. */
const hiddenInBlock =
  /[\0-\x08\x0b-\x1f\x7f-\x9f\ufff0-\uffff]|(?![\u200c\u200d])[\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
const plain = /^\p{L}[\p{L}\p{M}\p{N} _.,/()+-]*$/u;
/** A last line of only white space, dropped when a block is read. */
const endsInBlankLine = /\n[ \t]+\n*$/;
/** Words that YAML, or an older version of it, doesn't read as text. */
const nonTextWords = /^(null|true|false|yes|no|on|off|y|n)$/i;

/**
 * Writes text on one line, in double quotes if YAML would misread it.
 * @internal
 */
export function yamlScalar(text: string): string {
  const isPlain = plain.test(text) && !nonTextWords.test(text) && !text.endsWith(" ");
  return isPlain ? text : yamlQuoted(text);
}

/** @internal */
export function yamlQuoted(text: string): string {
  const escaped = text.replaceAll("\\", "\\\\").replaceAll('"', '\\"');
  return `"${escaped.replace(hidden, escapeHidden)}"`;
}

/**
 * Writes text as a block, indented by `indent` spaces, or in double quotes if a block would hide or change it.
 * @internal
 */
export function yamlBlock(text: string, indent: number): string {
  if (text === "" || hiddenInBlock.test(text)) return yamlQuoted(text);
  const body = text.endsWith("\n") ? text.slice(0, -1) : text;
  if (body.trim() === "" || endsInBlankLine.test(text)) return yamlQuoted(text);
  // If the first line is indented or empty, YAML needs an indentation indicator.
  const indicator = /^[ \t\n]/.test(text) ? "2" : "";
  const chomp = text.endsWith("\n") ? (/\n\n$/.test(text) ? "+" : "") : "-";
  const margin = " ".repeat(indent);
  const lines = body.split("\n").map((line) => (line === "" ? "" : margin + line));
  return `|${indicator}${chomp}\n${lines.join("\n")}`;
}

/** True for text that can have its own file, because it contains no hidden characters. */
function isPlainText(text: string): boolean {
  return !hiddenInBlock.test(text);
}

function yamlComment(text: string): string {
  return `# ${text.replace(hidden, escapeHidden)}`;
}

const shortEscapes = new Map([
  ["\n", "\\n"],
  ["\t", "\\t"],
  ["\r", "\\r"],
]);

function escapeHidden(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16).toUpperCase();
  const long = code > 0xffff ? `\\U${hex.padStart(8, "0")}` : `\\u${hex.padStart(4, "0")}`;
  return shortEscapes.get(character) ?? long;
}
