import type { Mistakes } from "../mistake.js";
import { type ManifestNode, readDocument } from "../read/document.js";
import { nestsValues, readValues, whyNoValues } from "../read/manifest.js";
import { NodeReader } from "../read/node-reader.js";
import { readValueSources, type Source, type SourceOptions } from "../read/sources.js";
import { recordMistake } from "../record/read.js";
import { Expander, type ExpansionLimits } from "./expand.js";
import { type ValueLayer, ValueLayers } from "./value-layers.js";

export interface UnusedValues {
  file?: string;
  names: string[];
}

/** All values of a set of manifests, lowest priority first: each manifest's own, those of files, and those given. */
export class ValueSet {
  readonly #limits: ExpansionLimits;
  readonly #expanders = new Map<ValueLayer, Expander>();
  #files: ValueLayer[] = [];
  #isPartial = false;

  constructor(
    private readonly given: ValueLayer,
    private readonly mistakes: Mistakes,
    limits: Omit<ExpansionLimits, "added">,
  ) {
    this.#limits = { ...limits, added: { files: 0, deployments: 0 } };
  }

  /** Reads the files of `--values`, before any manifest. */
  async readFiles(options: SourceOptions): Promise<void> {
    const { mistakes } = this;
    const sources = await readValueSources({ ...options, mistakes });
    this.#isPartial = sources.length < options.valueFiles.length;
    for (const source of sources) {
      const root = await this.#rootOf(source);
      this.#isPartial ||= !holdsValues(root);
      this.#files.push(this.#layerOf(root, source.file));
    }
  }

  /** Returns undefined for another kind of file. */
  async #rootOf(source: Source): Promise<ManifestNode | undefined> {
    const root = source.isRecord ? undefined : await readDocument(source, this.mistakes);
    const message = source.isRecord ? recordMistake : whyNoValues(root);
    if (message === undefined) return root;
    this.mistakes.add({ position: { file: source.file, line: 1, column: 1 }, message, isOutside: true });
    return undefined;
  }

  expanderFor(file: string, root: ManifestNode | undefined): Expander {
    const entries = root?.kind === "map" ? root.entries : [];
    const node = entries.find(({ key }) => key.value === "values")?.value;
    const own = this.#layerOf(node, file);
    const isPartial = this.#isPartial || (node !== undefined && !holdsValues(node));
    const expander = new Expander(
      new ValueLayers([own, ...this.#files, this.given], isPartial),
      this.#limits,
    );
    this.#expanders.set(own, expander);
    return expander;
  }

  unused(): UnusedValues[] {
    const everyUsed = new Set([...this.#expanders.values()].flatMap(({ used }) => [...used]));
    const own = [...this.#expanders].map(([layer, { used }]) => unusedOf(layer, used));
    const others = [...this.#files, this.given].map((layer) => unusedOf(layer, everyUsed));
    return [...own, ...others].filter(({ names }) => names.length > 0);
  }

  #layerOf(node: ManifestNode | undefined, file: string): ValueLayer {
    // Values are expanded only once, so they can't contain each other.
    const expander = new Expander(new ValueLayers([]), this.#limits);
    const take = new NodeReader(expander, this.mistakes, "readWithout");
    return { file, entries: readValues(node, take) };
  }
}

function holdsValues(node: ManifestNode | undefined): boolean {
  return node?.kind === "list" || (node?.kind === "map" && !nestsValues(node));
}

function unusedOf({ file, entries }: ValueLayer, used: ReadonlySet<string>): UnusedValues {
  const names = new Set<string>();
  for (const { values } of entries) {
    for (const [name, { from }] of values) {
      if (!used.has(name)) names.add(typeof from === "string" ? from : name);
    }
  }
  return { file, names: [...names] };
}
