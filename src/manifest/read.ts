import { dirname, join, resolve } from "node:path";
import { readDocument } from "./document.js";
import { loadItemSchedules, type ReadItemSchedule } from "./item-schedule.js";
import { Lines } from "./lines.js";
import { Mistakes } from "./mistake.js";
import { checkNames } from "./names.js";
import { type ItemDraft, type ManifestDraft, readShape } from "./shape.js";
import { readSources, type Source, type SourceOptions } from "./sources.js";
import { readNamedFile, TextFileError } from "./text-file.js";
import { type FindKey, plainText, type Template, Variables } from "./variables.js";

/** One automation of a manifest. */
export interface ManifestItem extends Omit<ItemDraft, "instructions"> {
  instructions: Template;
}

/** One file of a set, checked. */
export interface Manifest extends Omit<ManifestDraft, "items"> {
  file: string;
  items: ManifestItem[];
}

export interface ManifestSet {
  manifests: Manifest[];
  /** Names of `--var` that no file uses. */
  unusedVariables: string[];
  readSchedule: ReadItemSchedule;
}

export interface ReadManifestOptions extends SourceOptions {
  variables: ReadonlyMap<string, string>;
  /** Finds what no text may hold: a key of whoever applies it. */
  findKey: FindKey;
  /** `-d` and its kind were given: the files' own deployments don't count, all of them go to the same. */
  hasDeploymentFlags: boolean;
  now: Date;
}

/**
 * Reads manifests, YAML or JSON, as one set (cli.md, "Automations as files"). Sends nothing. Throws ManifestError with
 * everything that is wrong; what only a deployment can show (names made from its variables) is left to desiredFor.
 */
export async function readManifests(
  paths: readonly string[],
  options: ReadManifestOptions,
): Promise<ManifestSet> {
  const reader = new SetReader(new Variables(options.variables, options.findKey));
  const sources = await readSources(paths, { ...options, mistakes: reader.mistakes });
  const manifests: Manifest[] = [];
  for (const source of sources.read) {
    options.signal.throwIfAborted();
    manifests.push(await reader.read(source));
  }
  for (const group of groupsOf(manifests, options.hasDeploymentFlags)) checkGroup(group, reader.mistakes);
  const readSchedule = await loadItemSchedules(options.now);
  for (const manifest of manifests) checkSchedules(manifest, { mistakes: reader.mistakes, readSchedule });
  reader.mistakes.throwIfAny(sources.files);
  return { manifests, unusedVariables: reader.variables.unused, readSchedule };
}

class SetReader {
  readonly mistakes = new Mistakes();
  readonly variables: Variables;
  /** By path: a file that several automations use is read once. */
  readonly #instructions = new Map<string, Promise<Template | undefined>>();

  constructor(variables: Variables) {
    this.variables = variables;
  }

  async read(source: Source): Promise<Manifest> {
    const root = await readDocument(source, this.mistakes);
    const parts = { variables: this.variables, mistakes: this.mistakes };
    const draft = root === undefined ? { items: [], partialItems: [], removed: [] } : readShape(root, parts);
    const items: ManifestItem[] = [];
    for (const item of draft.items) {
      const instructions = await this.#instructionsOf(item, source);
      if (instructions !== undefined) items.push({ ...item, instructions });
    }
    return { ...draft, file: source.file, items };
  }

  async #instructionsOf({ instructions }: ItemDraft, source: Source): Promise<Template | undefined> {
    if ("parts" in instructions) return instructions;
    const path = resolve(source.folder, instructions.path);
    const shown = source.file === "stdin" ? instructions.path : join(dirname(source.file), instructions.path);
    try {
      const reading =
        this.#instructions.get(path) ?? this.#readInstructions(path, { shown, folder: source.folder });
      this.#instructions.set(path, reading);
      return await reading;
    } catch (error) {
      if (!(error instanceof TextFileError)) throw error;
      const { line, column, message } = error;
      const isInside = line > 1 || column > 1;
      this.mistakes.add({
        place: isInside ? { file: shown, line, column } : instructions.place,
        message: isInside ? message : `${shown} ${message}`,
      });
      return undefined;
    }
  }

  /** Line ends are LF whatever the system that checked the file out. */
  async #readInstructions(
    path: string,
    { shown, folder }: { shown: string; folder: string },
  ): Promise<Template | undefined> {
    const text = (await readNamedFile(path, folder)).replaceAll("\r\n", "\n");
    if (text.trim() === "") throw new TextFileError("is empty");
    const lines = new Lines(shown, text);
    const nul = text.indexOf("\0");
    if (nul !== -1) throw new TextFileError("holds the character U+0000", lines.placeAt(nul));
    return this.variables.fill(
      {
        text,
        place: lines.placeAt(0),
        placeOfVariable: (index) => lines.placeOfVariable(index),
        placeOfPiece: (piece) => lines.placeOfPiece(piece),
      },
      this.mistakes,
    );
  }
}

/** The manifests that are known to meet in one deployment; those whose names and ids can only be told equal by asking are checked later. */
function groupsOf(manifests: readonly Manifest[], hasDeploymentFlags: boolean): Manifest[][] {
  if (hasDeploymentFlags) return [[...manifests]];
  const otherwiseChosen = "";
  const refsOf = ({ deployments }: Manifest) => deployments?.map(({ ref }) => ref) ?? [otherwiseChosen];
  const refs = new Set(manifests.flatMap(refsOf));
  const groups = [...refs].map((ref) => manifests.filter((manifest) => refsOf(manifest).includes(ref)));
  const byFiles = new Map(groups.map((group) => [group.map(({ file }) => file).join("\0"), group]));
  return [...byFiles.values()];
}

function checkGroup(manifests: readonly Manifest[], mistakes: Mistakes): void {
  const named = (template: Template) => {
    const name = plainText(template);
    return name === undefined ? [] : [{ name, place: template.place }];
  };
  const items = manifests.flatMap((manifest) =>
    manifest.partialItems.flatMap(({ name, formerly, automationId }) => {
      if (name === undefined) return [];
      const [former] = formerly === undefined ? [] : named(formerly);
      return named(name).map((found) => ({ ...found, formerly: former, automationId }));
    }),
  );
  const removed = manifests.flatMap((manifest) =>
    manifest.removed.flatMap(named).map(({ name, place }) => ({ ref: name, place })),
  );
  checkNames({ items, removed }, mistakes);
}

function checkSchedules(
  { partialItems }: Manifest,
  { mistakes, readSchedule }: { mistakes: Mistakes; readSchedule: ReadItemSchedule },
): void {
  for (const { schedule, tz } of partialItems) {
    const text = schedule === undefined ? undefined : plainText(schedule);
    const zone = tz === undefined ? undefined : plainText(tz);
    // Without a zone the server may have the very same text: that shows when its automations are read.
    if (schedule === undefined || text === undefined || tz === undefined || zone === undefined) continue;
    const reading = readSchedule({ text, zone });
    if (reading.ok) continue;
    const { place } = reading.isAboutZone ? tz : schedule;
    mistakes.add({ place, message: reading.reason, suggestion: reading.hint });
  }
}
