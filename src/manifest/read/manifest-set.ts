import { nearMisses } from "../../near-misses.js";
import { groupBy } from "../group-by.js";
import { loadItemSchedules, type ReadItemSchedule } from "../item-schedule.js";
import { type ItemTemplate, itemTemplate } from "../item-template.js";
import { Mistakes } from "../mistake.js";
import { chooseRecord, type DeclaredRecord, type RecordFile, readRecordAt } from "../record/choose.js";
import type { RecordReading } from "../record/read.js";
import type { Expander, FindKey } from "../values/expand.js";
import type { ValueLayer } from "../values/value-layers.js";
import { type UnusedValues, ValueSet } from "../values/value-set.js";
import { plainText, type Template } from "../values/variables.js";
import { checkSchedules } from "./check-schedules.js";
import { type ManifestNode, readDocument } from "./document.js";
import { emptyDraft, type ItemDraft, type ManifestDraft, readShape } from "./draft.js";
import { isManifestKey, looksLikeManifest } from "./folder.js";
import { InstructionFiles, type NamedFile } from "./instructions.js";
import { checkNames } from "./names.js";
import { ownFileText } from "./own-file.js";
import { readSources, type Source, type SourceOptions, type Sources } from "./sources.js";
import { whyNoManifest } from "./wrong-file.js";

/** One automation of a manifest. */
export interface ManifestItem extends Omit<ItemDraft, "instructions"> {
  instructions: Template;
  /** Only a deployment's values say which file the instructions are in: they are its path, which starts here. */
  pathFrom?: string;
  /** Absent where every deployment has the same. */
  template?: ItemTemplate;
}

/** One file of a set, checked. */
export interface Manifest extends Omit<ManifestDraft, "items"> {
  file: string;
  items: ManifestItem[];
  /** What puts values into its texts. */
  expander: Expander;
}

/** A file of a folder that has neither `automations` nor `removed` at its top. */
interface SkippedFile {
  file: string;
  /** A key at its top that may be one of the two, misspelt. */
  misspelt?: string;
}

/** All that was read of the files that were given. */
export interface ManifestSet {
  manifests: Manifest[];
  /** Files of folders that are no manifests. */
  skippedFiles: SkippedFile[];
  /** Folders in folders that weren't read, although manifests lie in them. */
  skippedFolders: string[];
  /** Values that no file uses. */
  unusedValues: UnusedValues[];
  readSchedule: ReadItemSchedule;
  /** Reads the files that only a deployment's values name. */
  instructionFiles: InstructionFiles;
  /** Where the record is, if there is to be one, and what it holds; without that where it isn't there. */
  record?: { file: RecordFile; reading: RecordReading | undefined };
}

export interface ReadManifestOptions extends SourceOptions {
  /** What environment and command line set, in rising order. */
  givenValues: readonly ValueLayer[];
  /** Finds what no text may hold: a key of whoever applies it. */
  findKey: FindKey;
  /** `-d` and its kind were given: the files' own deployments don't count, all of them go to the same. */
  hasDeploymentFlags: boolean;
  /** What the manifests don't name will be deleted: then every file and folder of a folder has to be read. */
  prune: boolean;
  /** The record that a flag names. */
  recordFile?: string | undefined;
  /** Nothing will be compared with what is there: a schedule that can't be read is a mistake of the files too. */
  isOffline?: boolean | undefined;
  now: Date;
}

/**
 * Reads manifests, YAML or JSON, as one set (src/manifest/README.md). Sends nothing. Throws ManifestError with
 * everything that is wrong; what only a deployment can show (names made from its variables) is left to desiredFor.
 */
export async function readManifests(
  paths: readonly string[],
  options: ReadManifestOptions,
): Promise<ManifestSet> {
  const reader = new SetReader(options);
  await reader.values.readFiles(options);
  const sources = await readSources(paths, { ...options, mistakes: reader.mistakes });
  const manifests: Manifest[] = [];
  for (const source of sources.read) {
    options.signal.throwIfAborted();
    const manifest = await reader.read(source);
    if (manifest !== undefined) manifests.push(manifest);
  }
  reader.checkFolders(sources, options);
  for (const group of groupsOf(manifests, options.hasDeploymentFlags)) checkGroup(group, reader.mistakes);
  const readSchedule = await loadItemSchedules(options.now);
  const checking = { mistakes: reader.mistakes, readSchedule, isOffline: options.isOffline };
  for (const manifest of manifests) checkSchedules(manifest, checking);
  const record = await reader.readRecord(options);
  reader.mistakes.throwIfAny([...sources.files, ...options.valueFiles]);
  const { skippedFiles, instructionFiles } = reader;
  const { skippedFolders } = sources;
  const unusedValues = reader.values.unused();
  return {
    manifests,
    skippedFiles,
    skippedFolders,
    unusedValues,
    readSchedule,
    instructionFiles,
    record,
  };
}

class SetReader {
  readonly mistakes = new Mistakes();
  readonly skippedFiles: SkippedFile[] = [];
  readonly #foldersWithManifests = new Set<string | undefined>();
  readonly instructionFiles = new InstructionFiles();
  readonly #records: DeclaredRecord[] = [];
  readonly values: ValueSet;

  constructor({ givenValues, findKey }: Pick<ReadManifestOptions, "givenValues" | "findKey">) {
    this.values = new ValueSet(givenValues, this.mistakes, findKey);
  }

  /** Gives nothing for a file of a folder that is passed over. */
  async read(source: Source): Promise<Manifest | undefined> {
    const own = ownFileText(source.text);
    if (own !== undefined) {
      if (source.isGiven)
        this.mistakes.add({ position: startOf(source), message: `this is ${own}`, isOutside: true });
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
    const expander = this.values.expanderFor(source.file, root);
    const parts = { expander, mistakes: this.mistakes };
    const draft = root === undefined ? emptyDraft : readShape(root, parts);
    if (draft.record !== undefined) this.#records.push({ ...draft.record, folder: source.folder });
    const items: ManifestItem[] = [];
    for (const item of draft.items) {
      const found = await this.#instructionsOf(item, { folder: source.folder, expander });
      if (found === undefined) continue;
      const whole = { ...item, ...found };
      items.push({ ...whole, template: itemTemplate(whole) });
    }
    return { ...draft, file: source.file, items, expander };
  }

  /** The record that the flag or the manifests name. */
  async readRecord({
    recordFile,
    cwd,
  }: Pick<ReadManifestOptions, "recordFile" | "cwd">): Promise<ManifestSet["record"]> {
    const { mistakes } = this;
    const file = await chooseRecord(this.#records, { flag: recordFile, cwd, mistakes });
    return file && { file, reading: await readRecordAt(file, mistakes) };
  }

  /** Once all is read: what of folders must not be left out, or is nothing at all. */
  checkFolders({ read, skippedFolders }: Sources, { prune }: { prune: boolean }): void {
    for (const folder of new Set(read.map(({ foundIn }) => foundIn))) {
      if (folder === undefined || this.#foldersWithManifests.has(folder)) continue;
      this.mistakes.addToFolder(
        folder,
        "no file of the folder has automations, removed or leaving at its top",
      );
    }
    if (!prune) return;
    for (const { file, misspelt } of this.skippedFiles) {
      const message =
        "neither a manifest nor a file of --values: with --prune, every file needs automations, removed or leaving at its top";
      const suggestion = misspelt && `${misspelt} may be misspelt`;
      this.mistakes.add({ position: startOf({ file }), message, suggestion });
    }
    for (const folder of skippedFolders) {
      this.mistakes.addToFolder(folder, "its manifests aren't read: --prune needs --recursive here");
    }
  }

  async #instructionsOf(
    { instructions }: ItemDraft,
    { folder, expander }: Pick<NamedFile, "folder" | "expander">,
  ): Promise<Pick<ManifestItem, "instructions" | "pathFrom"> | undefined> {
    if ("parts" in instructions) return { instructions };
    const { path } = instructions;
    const plain = plainText(path);
    if (plain === undefined) return { instructions: path, pathFrom: folder };
    const file = { path: plain, position: path.position, folder, expander };
    const text = await this.instructionFiles.read(file, this.mistakes);
    return text && { instructions: text };
  }
}

const startOf = ({ file }: Pick<Source, "file">) => ({ file, line: 1, column: 1 });

/** A text that can't be read as a tree is judged by its looks, so that a manifest's mistake is told and not passed over. */
function isManifest(root: ManifestNode | undefined, source: Source): boolean {
  if (root === undefined) return looksLikeManifest(source.text);
  return root.kind === "map" && root.entries.some(({ key }) => isManifestKey(key.value));
}

function misspeltKey(root: ManifestNode | undefined): string | undefined {
  if (root?.kind !== "map") return undefined;
  const keys = root.entries.map(({ key }) => String(key.value));
  return keys.find((key) => nearMisses(key, ["automations", "removed", "leaving"]).length > 0);
}

/** The manifests that are known to meet in one deployment; those whose names and ids can only be told equal by asking are checked later. */
function groupsOf(manifests: readonly Manifest[], hasDeploymentFlags: boolean): Manifest[][] {
  if (hasDeploymentFlags) return [[...manifests]];
  const pairs = manifests.flatMap((manifest) => {
    const { deployments = [], customers = [] } = manifest;
    const refs = [...deployments.map(({ ref }) => ref), ...customers.map(({ ref }) => `customer ${ref}`)];
    // Without any: the one that is otherwise chosen.
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
    manifest.partialItems
      .filter(({ audience }) => !audience.isNarrowed)
      .flatMap(({ name, formerly, id }) =>
        named(name).map((found) => ({ ...found, formerly: named(formerly)[0], id })),
      ),
  );
  const removed = manifests.flatMap((manifest) =>
    (manifest.audience.isNarrowed ? [] : manifest.removed)
      .flatMap(named)
      .map(({ name, position }) => ({ ref: name, position })),
  );
  checkNames({ items, removed }, mistakes);
}
