import type { DeploymentTarget } from "../../fleet/selection.js";
import { escapeVariables } from "../values/variables.js";
import {
  automationsInOrder,
  type WriteOptions,
  type WrittenAutomation,
  writeManifest,
} from "./manifest-text.js";
import { isPlainText } from "./yaml-text.js";

/** A file of an export; its path is relative to the export's folder. */
export interface ExportFile {
  path: string;
  text: string;
}

const mostLines = 20;
const mostCharacters = 2000;
/** Most automations in one manifest, with room for quotes and comments. */
const mostItems = 1000;
const mostPartCharacters = 600_000;

/**
 * Splits a deployment into files: a manifest named by `stem` (several where one couldn't be read back), and long
 * instructions in a folder beside it.
 */
export function exportFiles(options: WriteOptions, stem = fileName(options.deployment_id)): ExportFile[] {
  // No stem that is made of a name has a dot, so that no part of one deployment takes the place of another.
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

/** True when one manifest can hold them and be read back. */
export function fitsOneManifest(automations: readonly WrittenAutomation[]): boolean {
  return inParts(automations).length === 1;
}

function withFile(automation: WrittenAutomation, stem: string, names: Set<string>): WrittenAutomation {
  const { instructions, name } = automation;
  const isLong = instructions.length > mostCharacters || instructions.split("\n").length > mostLines;
  if (!isLong || !isPlainText(instructions)) return automation;
  return { ...automation, instructionsFile: `${stem}/${unusedSlug(name, "instructions", names)}.md` };
}

/** Gives each deployment, by id, a file name made from its name. */
export function stemsByName(targets: readonly DeploymentTarget[]): Map<string, string> {
  const names = new Set<string>();
  const inNameOrder = targets.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  return new Map(
    inNameOrder.map(({ deployment_id, name }) => [deployment_id, unusedSlug(name, "deployment", names)]),
  );
}

/** Names that are no file on Windows, whatever their ending. */
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

/** Keeps a server's id from leading to another folder. */
function fileName(id: string): string {
  return id.replaceAll(/[^\w-]/g, "_");
}
