/** Mistakes that can be found without the API, by trying values in each item. */

import { isDeploymentId } from "../../fleet/refs.js";
import type { ReadItemSchedule } from "../item-schedule.js";
import { type Mistake, Mistakes, type Place, positionText } from "../mistake.js";
import type { InstructionFiles } from "../read/instructions.js";
import type { Manifest, ManifestItem } from "../read/manifest.js";
import { Expander } from "../values/expand.js";
import { placeOfValue, type Value, type ValueEntry, type ValueLayers } from "../values/value-layers.js";
import {
  type Audience,
  type AudienceRef,
  type DeploymentValues,
  isDeploymentVariable,
  type Template,
} from "../values/variables.js";
import { ItemReader, templatesOf } from "./desired-items.js";

interface PassOptions {
  mistakes: Mistakes;
  instructionFiles: InstructionFiles;
  readSchedule: ReadItemSchedule;
  signal: AbortSignal;
}

/**
 * Finds mistakes that need no deployment: each item with its defaults, and each value in each item that may use it,
 * even if overridden. A mistake that several values make together is found for a deployment that combines them.
 */
export async function addOfflineMistakes(
  manifests: readonly Manifest[],
  options: PassOptions,
): Promise<void> {
  const pass = new OfflinePass(options);
  for (const manifest of manifests) await pass.check(manifest);
}

interface Part {
  templates: readonly Template[];
  audience: Audience;
  item?: ManifestItem;
}

class OfflinePass {
  readonly #suppositions = new Map<string, DeploymentValues[]>();
  /** Positions of reported values, because each is reported once, whichever text uses it. */
  readonly #reported = new Set<string>();

  constructor(private readonly options: PassOptions) {}

  async check({ items, removed, audience, expander }: Manifest): Promise<void> {
    const parts: Part[] = [
      ...items.map((item) => {
        const path = item.instructionsFile?.path;
        return { templates: [...templatesOf(item), ...(path ? [path] : [])], audience: item.audience, item };
      }),
      ...removed.map((template) => ({ templates: [template], audience })),
    ];
    const entries = expander.layers.entries.map((entry) => ({
      entry,
      layers: expander.layers.with(entry.values),
    }));
    for (const part of parts) {
      this.options.signal.throwIfAborted();
      const reader = new PartReader(part, expander, { ...this.options, suppositions: this.#suppositions });
      for (const mistake of await reader.byDefault()) this.options.mistakes.add(mistake);
      for (const { entry, layers } of entries) await this.#try(reader, entry, layers);
    }
  }

  /** Reports mistakes caused by an entry's values, each at the responsible value. */
  async #try(reader: PartReader, entry: ValueEntry, layers: ValueLayers): Promise<void> {
    const names = reader.used.filter((name) => {
      const place = placeOf(entry, name);
      return place !== undefined && !this.#reported.has(positionText(place));
    });
    if (names.length === 0) return;
    for (const supposed of reader.suppositions(entry.audience)) {
      for (const mistake of await reader.read(layers, { supposed, names })) {
        for (const blamed of await reader.blame(mistake, { entry, supposed, names })) this.#report(blamed);
      }
    }
  }

  #report(mistake: Mistake): void {
    const place = positionText(mistake.position);
    if (!this.#reported.has(place)) this.options.mistakes.add(mistake);
    this.#reported.add(place);
  }
}

interface Attempt {
  entry: ValueEntry;
  supposed: DeploymentValues;
  names: readonly string[];
}

/** Reads one part as if a deployment had certain values. */
class PartReader {
  /** Names of the variables in its texts, including a file's. */
  readonly used: readonly string[];
  readonly #scheduling: ReadonlySet<Template | undefined>;

  constructor(
    private readonly part: Part,
    private readonly expander: Expander,
    private readonly options: PassOptions & { suppositions: Map<string, DeploymentValues[]> },
  ) {
    const { templates, item } = part;
    this.used = [...new Set(templates.flatMap(({ variables }) => variables.map(({ name }) => name)))];
    this.#scheduling = new Set([item?.schedule, item?.tz, item?.spread]);
  }

  suppositions(audience?: Audience): DeploymentValues[] {
    const { within } = this.part.audience;
    const key = `${this.part.audience.key}\n${audience?.key ?? ""}`;
    const known = this.options.suppositions;
    const found =
      known.get(key) ??
      suppositions([within, this.part.audience, audience].filter((each) => each !== undefined));
    known.set(key, found);
    return found;
  }

  /** Returns mistakes in the files alone: variables have their defaults, or are unknown. */
  async byDefault(): Promise<Mistake[]> {
    const { layers } = this.expander;
    const found: Mistake[] = [];
    for (const supposed of this.suppositions()) {
      const trial = {
        layers,
        isMeant: () => true,
        isTaken: ({ from }: { from: Place }) => from === "default",
      };
      found.push(...(await this.#read(new Trial(this.expander, trial), supposed)));
    }
    return found;
  }

  /** Returns mistakes in texts with one of these variables, and in a schedule with any such part. */
  read(layers: ValueLayers, { supposed, names }: Omit<Attempt, "entry">): Promise<Mistake[]> {
    const holds = (template: Template | undefined) =>
      template?.variables.some(({ name }) => names.includes(name)) === true;
    const isScheduled = [...this.#scheduling].some(holds);
    const isMeant = (template: Template) =>
      holds(template) || (isScheduled && this.#scheduling.has(template));
    return this.#read(new Trial(this.expander, { layers, isMeant, isTaken: () => true }), supposed);
  }

  /** Returns the mistake at the responsible value; empty if it also occurs without the entry's values. */
  async blame(mistake: Mistake, { entry, supposed, names }: Attempt): Promise<Mistake[]> {
    const { layers } = this.expander;
    const template = this.part.templates.find(({ position }) => position === mistake.position);
    if (template === undefined) return [mistake];
    const isHere = ({ position }: Mistake) => position === mistake.position;
    const variables = template.variables.map(({ name }) => name);
    const own = names.filter((name) => variables.includes(name));
    if (own.length === 0 || variables.some((name) => !own.includes(name))) {
      const others = await this.read(layers.without(entry), { supposed, names });
      if (others.some(isHere)) return [];
    }
    const suspects = (own.length === 0 ? names : own).toSorted(
      (one, other) => Number(isQuoted(mistake, entry, other)) - Number(isQuoted(mistake, entry, one)),
    );
    const found = new Map<string, Mistake>();
    for (const name of suspects) {
      const alone = await this.read(this.#alone(entry, name), { supposed, names });
      const its = suspects.length === 1 ? mistake : alone.find(isHere);
      if (its !== undefined && !found.has(its.message)) found.set(its.message, at(placeOf(entry, name), its));
    }
    return found.size > 0 ? [...found.values()] : [at(placeOf(entry, suspects[0] ?? ""), mistake)];
  }

  /** Returns the entry's value of one variable, with the others' defaults, or its own if they have none. */
  #alone(entry: ValueEntry, name: string): ValueLayers {
    const hasDefault = (other: string) =>
      this.part.templates.some(({ variables }) =>
        variables.some((variable) => variable.name === other && variable.fallback !== undefined),
      );
    const below = new Map([...entry.values].filter(([other]) => !hasDefault(other)));
    const above = new Map([...entry.values].filter(([other]) => other === name));
    return this.expander.layers.without(entry, below).with(above);
  }

  async #read(trial: Trial, supposed: DeploymentValues): Promise<Mistake[]> {
    const { readSchedule, instructionFiles } = this.options;
    const mistakes = new Mistakes();
    const { item, templates } = this.part;
    const fromFiles = new Map<ManifestItem, Template>();
    const reader = new ItemReader(trial, { values: supposed, readSchedule, fromFiles, mistakes });
    if (item === undefined) for (const template of templates) reader.removed(template);
    else {
      const file = item.instructionsFile;
      const path = file && trial.textFor(file.path, supposed, mistakes);
      const from = { ...file, expander: this.expander };
      const text = file && path && (await instructionFiles.read(path, { ...from, ...file }, mistakes));
      if (text) fromFiles.set(item, text);
      reader.item(item);
    }
    return [...mistakes.all];
  }
}

function isQuoted({ message }: Mistake, { values }: ValueEntry, name: string): boolean {
  const value = values.get(name);
  return value !== undefined && value.isWrong !== true && message.includes(`"${value.text}"`);
}

function placeOf({ values }: ValueEntry, name: string): Place | undefined {
  const value = values.get(name);
  return value === undefined || value.isWrong === true ? undefined : placeOfValue(value);
}

/** Returns the mistake at another position, with the line of the affected text. */
function at(place: Place | undefined, { position, message, suggestion }: Mistake): Mistake {
  if (place === undefined || typeof position === "string") return { position, message, suggestion };
  return { position: place, message: `${message}; used in ${position.file}:${position.line}`, suggestion };
}

/** An id, name or customer that no file can contain. */
const unknown = "\0";
const anyone: DeploymentValues = {
  "deployment.id": unknown,
  "deployment.name": unknown,
  "deployment.customer_id": unknown,
};

/** Returns deployments that may belong to all these audiences: at least one for each ref in a `for`, if possible. */
function suppositions(audiences: readonly Audience[]): DeploymentValues[] {
  let found = [anyone];
  const known: Audience[] = [];
  for (const audience of audiences) {
    known.push(audience);
    const { forRefs: refs = [] } = audience;
    const isOfAll = (supposed: DeploymentValues) =>
      known.every((each) => each.rankFor(supposed) !== undefined);
    const meet = (supposed: DeploymentValues, ref: AudienceRef) => meetings(supposed, ref).find(isOfAll);
    const kept = found.flatMap((each) =>
      isOfAll(each) ? each : (firstOf(refs, (ref) => meet(each, ref)) ?? []),
    );
    const added = refs.flatMap((ref) => firstOf(found, (each) => meet(each, ref)) ?? []);
    found = [...new Map([...kept, ...added].map((each) => [Object.values(each).join("\n"), each])).values()];
  }
  return found;
}

/** Returns variants of the supposed deployment that a ref may mean; a glob is its own name. */
function meetings(supposed: DeploymentValues, { kind, ref }: AudienceRef): DeploymentValues[] {
  if (kind === "deployment" && !isDeploymentId(ref)) {
    const name = supposed["deployment.name"];
    const names = name === unknown ? [ref] : [ref, name, name + ref, ref + name];
    return names.map((each) => ({ ...supposed, "deployment.name": each }));
  }
  const key = kind === "customer" ? "deployment.customer_id" : "deployment.id";
  return supposed[key] === unknown ? [{ ...supposed, [key]: ref }] : supposed[key] === ref ? [supposed] : [];
}

function firstOf<Item, Found>(
  items: readonly Item[],
  find: (item: Item) => Found | undefined,
): Found | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

interface TrialOptions {
  layers: ValueLayers;
  /** False for a text that other trials check. */
  isMeant(template: Template): boolean;
  /** False for a value that other trials try, so that texts with it are unknown here. */
  isTaken(value: Value): boolean;
}

/** Expands the known parts for a supposed deployment; unknown parts are not reported. */
class Trial extends Expander {
  constructor(
    base: Expander,
    private readonly trial: TrialOptions,
  ) {
    super(trial.layers, base.unusedLimits);
  }

  override textFor(template: Template, supposed: DeploymentValues, mistakes: Mistakes): string | undefined {
    if (!this.#isKnown(template, supposed)) return undefined;
    return super.textFor({ ...template, parts: template.rawParts }, supposed, mistakes);
  }

  override lineEndIn(template: Template, what: string, supposed: DeploymentValues): Mistake | undefined {
    if (!this.#isKnown(template, supposed)) return undefined;
    const mistake = super.lineEndIn(template, what, supposed);
    return mistake && { ...mistake, position: template.position };
  }

  #isKnown(template: Template, supposed: DeploymentValues): boolean {
    const { isMeant, isTaken } = this.trial;
    if (!isMeant(template)) return false;
    return template.variables.every((variable) => {
      const value = isDeploymentVariable(variable.name)
        ? undefined
        : this.layers.valueFor(variable, supposed);
      return value !== undefined && !value.isWrong && value.other === undefined && isTaken(value);
    });
  }
}
