import { dirname, resolve } from "node:path";
import { nearMisses } from "../../errors/near-misses.js";
import { groupBy } from "../group-by.js";
import { itemScheduleReader, type ReadItemSchedule } from "../item-schedule.js";
import { Mistakes } from "../mistake.js";
import { chooseRecord, type RecordChoice } from "../record/choose.js";
import { recordMistake } from "../record/read.js";
import { addOfflineMistakes } from "../state/offline-mistakes.js";
import type { Expander, ExpansionLimits } from "../values/expand.js";
import type { ValueLayer } from "../values/value-layers.js";
import { type UnusedValues, ValueSet } from "../values/value-set.js";
import { plainText, type Template } from "../values/variables.js";
import { type ManifestNode, readDocument } from "./document.js";
import { isManifestKey, looksLikeManifest, unreadManifests } from "./folder.js";
import { InstructionFiles } from "./instructions.js";
import { checkNames, type Manifest, type ManifestItem, readManifest, whyNoManifest } from "./manifest.js";
import { readSources, type Source, type SourceOptions, type Sources } from "./sources.js";

/** A file in a folder that has neither `automations` nor `removed` at the top level. */
interface SkippedFile {
  file: string;
  /** A top-level key that may be a misspelling of one of them. */
  misspelt?: string;
}

export interface ManifestSet {
  manifests: Manifest[];
  skippedFiles: SkippedFile[];
  /** Subfolders that weren't read although they contain manifests. */
  skippedFolders: string[];
  unusedValues: UnusedValues[];
  readSchedule: ReadItemSchedule;
  instructionFiles: InstructionFiles;
  record: RecordChoice;
}

export interface ReadManifestOptions extends SourceOptions, Omit<ExpansionLimits, "added"> {
  givenValues: ValueLayer;
  /** True if `-d` or a similar flag replaces the deployments in the files. */
  hasDeploymentFlags: boolean;
  prune: boolean;
  recordFile?: string | undefined;
  /** True if files with different records may be read at once. */
  mayBeMany?: boolean;
  now: Date;
}

/**
 * Reads manifests, YAML or JSON, as one set (src/manifest/README.md). Sends no request. Throws ManifestError with all
 * mistakes, except in names that depend on a deployment's values, which desiredFor checks.
 */
export async function readManifests(
  paths: readonly string[],
  options: ReadManifestOptions,
): Promise<ManifestSet> {
  const reader = new SetReader(options);
  await reader.values.readFiles(options);
  const sources = await readSources(paths, { ...options, mistakes: reader.mistakes });
  const manifests: Manifest[] = [];
  for (const source of sources.sources.values()) {
    options.signal.throwIfAborted();
    const manifest = await reader.read(source);
    if (manifest !== undefined) manifests.push(manifest);
  }
  reader.checkFolders(sources, options);
  for (const group of groupsOf(manifests, options.hasDeploymentFlags)) checkGroup(group, reader.mistakes);
  const readSchedule = itemScheduleReader(options.now);
  await addOfflineMistakes(manifests, { ...reader, ...options, readSchedule });
  const record = await reader.readRecord(paths, options);
  await reader.checkRecordsFolder(sources, record, options);
  reader.mistakes.throwIfAny([...sources.files, ...options.valueFiles]);
  const { skippedFiles, instructionFiles, values } = reader;
  const skipped = { skippedFiles, skippedFolders: [...sources.skippedFolders] };
  return { manifests, ...skipped, unusedValues: values.unused(), readSchedule, instructionFiles, record };
}

class SetReader {
  readonly mistakes = new Mistakes();
  readonly skippedFiles: SkippedFile[] = [];
  readonly #foldersWithManifests = new Set<string | undefined>();
  readonly instructionFiles = new InstructionFiles();
  readonly values: ValueSet;

  constructor({ givenValues, findKey, isInEnvironment }: ReadManifestOptions) {
    this.values = new ValueSet(givenValues, this.mistakes, { findKey, isInEnvironment });
  }

  /** Returns undefined for a file in a folder that is skipped. */
  async read(source: Source): Promise<Manifest | undefined> {
    if (source.isRecord) {
      if (source.isGiven)
        this.mistakes.add({ position: startOf(source), message: recordMistake, isOutside: true });
      return undefined;
    }
    const mistakes = new Mistakes();
    const root = await readDocument(source, mistakes);
    if (!source.isGiven && !isManifest(root, source)) {
      this.skippedFiles.push({ file: source.file, misspelt: misspeltKey(root) });
      return undefined;
    }
    this.#foldersWithManifests.add(source.foundIn);
    const strange = whyNoManifest(root);
    if (strange !== undefined) {
      this.mistakes.add({ position: startOf(source), ...strange, isOutside: true });
      return undefined;
    }
    this.mistakes.addAll(mistakes);
    const { file, folder } = source;
    const expander = this.values.expanderFor(file, root);
    const manifest = readManifest({ root, file, folder, expander, mistakes: this.mistakes });
    for (const item of manifest.items) await this.#readInstructions(item, expander);
    return manifest;
  }

  readRecord(
    paths: readonly string[],
    { recordFile: flag, cwd, mayBeMany }: ReadManifestOptions,
  ): Promise<RecordChoice> {
    return chooseRecord(paths, { flag, cwd, mayBeMany, mistakes: this.mistakes });
  }

  /**
   * With `prune`, which would delete their automations, reports unread manifests beside a record that no flag names.
   */
  async checkRecordsFolder(
    { sources }: Sources,
    { found }: RecordChoice,
    { prune, recordFile, cwd, isRecursive, valueFiles }: ReadManifestOptions,
  ): Promise<void> {
    if (!prune || found === undefined || recordFile !== undefined) return;
    const folder = dirname(found.file.shown);
    const ofValues = valueFiles.map((file) => resolve(cwd, file));
    const read = new Set([...sources.keys(), ...ofValues]);
    for (const file of await unreadManifests(folder, { cwd, isRecursive, read })) {
      const message = "--prune would delete automations that only this file names";
      const suggestion = `to read it, add -f ${folder}; or name the record with --record`;
      this.mistakes.add({ position: startOf({ file }), message, suggestion, isOutside: true });
    }
  }

  /** Reports folders without manifests, and with `prune` the parts of folders that weren't read. */
  checkFolders({ sources, skippedFolders }: Sources, { prune }: { prune: boolean }): void {
    for (const folder of new Set([...sources.values()].map(({ foundIn }) => foundIn))) {
      if (folder === undefined || this.#foldersWithManifests.has(folder)) continue;
      this.mistakes.addToFolder(folder, "no file in the folder has a top-level automations: or removed: key");
    }
    if (!prune) return;
    for (const { file, misspelt } of this.skippedFiles) {
      const message =
        "neither a manifest nor a --values file: with --prune, every file needs a top-level automations: or removed: key";
      const suggestion = misspelt && `${misspelt} may be misspelt`;
      this.mistakes.add({ position: startOf({ file }), message, suggestion });
    }
    for (const folder of skippedFolders) {
      this.mistakes.addToFolder(folder, "its manifests aren't read: --prune needs --recursive here");
    }
  }

  /** Replaces a path that is the same for every deployment with the text of its file. */
  async #readInstructions(item: ManifestItem, expander: Expander): Promise<void> {
    const { instructionsFile: file } = item;
    const path = file && plainText(file.path);
    if (file === undefined || path === undefined || item.instructions !== undefined) return;
    // The offline pass rereads an unreadable file, and reports it.
    item.instructions = await this.instructionFiles.read(path, { ...file, expander }, new Mistakes());
  }
}

const startOf = ({ file }: Pick<Source, "file">) => ({ file, line: 1, column: 1 });

/** Judges unparsable text by its appearance, so that a mistake in a manifest is reported, not skipped. */
function isManifest(root: ManifestNode | undefined, source: Source): boolean {
  if (root === undefined) return looksLikeManifest(source.text);
  return root.kind === "map" && root.entries.some(({ key }) => isManifestKey(key.value));
}

function misspeltKey(root: ManifestNode | undefined): string | undefined {
  if (root?.kind !== "map") return undefined;
  const keys = root.entries.map(({ key }) => String(key.value));
  return keys.find((key) => nearMisses(key, ["automations", "removed"]).length > 0);
}

/** Groups manifests that are known to share a deployment; others are checked once their deployments are known. */
function groupsOf(manifests: readonly Manifest[], hasDeploymentFlags: boolean): Manifest[][] {
  if (hasDeploymentFlags) return [[...manifests]];
  const pairs = manifests.flatMap((manifest) => {
    const refs = (manifest.deployments ?? []).map(({ ref }) => ref);
    // Without refs, they apply to the deployment chosen otherwise.
    return [...new Set(refs.length === 0 ? [""] : refs)].map((ref) => ({ ref, manifest }));
  });
  const groups = [...groupBy(pairs, ({ ref }) => ref).values()].map((group) =>
    group.map(({ manifest }) => manifest),
  );
  return [...new Map(groups.map((group) => [group.map(({ file }) => file).join("\0"), group])).values()];
}

function checkGroup(manifests: readonly Manifest[], mistakes: Mistakes): void {
  const named = (template: Template | undefined) => {
    const name = template && plainText(template);
    return template === undefined || name === undefined ? [] : [{ name, position: template.position }];
  };
  const items = manifests.flatMap((manifest) =>
    manifest.items.flatMap(({ name, formerly, id, audience: { key } }) =>
      named(name).map((found) => ({ ...found, formerly: named(formerly)[0], id, key })),
    ),
  );
  const removed = manifests.flatMap(({ removed, audience: { key } }) =>
    removed.flatMap(named).map(({ name, position }) => ({ ref: name, position, key })),
  );
  // Items with different audiences can clash only in a deployment that belongs to both, which planning checks.
  const removedBy = groupBy(removed, ({ key }) => key);
  for (const [key, alike] of groupBy(items, (each) => each.key))
    checkNames({ items: alike, removed: removedBy.get(key) ?? [] }, mistakes);
}
