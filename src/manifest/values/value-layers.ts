import { groupBy } from "../group-by.js";
import { excerpt, type Mistake, otherOne, type Place } from "../mistake.js";
import { Audience, type DeploymentValues, deploymentVariables, type Variable } from "./variables.js";

export interface Value {
  text: string;
  /** Its position in a file; otherwise `--var team`, `default` or `the deployment`. */
  from: Place;
  /** Another equally specific value in the same file. */
  other?: Value;
  /** True if its value was refused, and reported, so that it may stand for any value. */
  isWrong?: boolean;
}

/** The position at which a value was set; undefined for a default, and for the deployment's own. */
export function placeOfValue({ from }: Value): Place | undefined {
  return from === "default" || from === "the deployment" ? undefined : from;
}

/** The mistake for two equally specific values, at the second one. */
export function twiceMistake(name: string, { from: position }: Value, { from: other }: Value): Mistake {
  const isPlaced = typeof position !== "string" && typeof other !== "string";
  const suggestion = isPlaced ? otherOne(other, position) : undefined;
  return { position, message: `${excerpt(name)} appears twice`, suggestion };
}

export interface ValueEntry {
  audience: Audience;
  values: ReadonlyMap<string, Value>;
}

export interface ValueLayer {
  file?: string;
  entries: readonly ValueEntry[];
}

interface Candidate {
  value: Value;
  audience: Audience;
  layer: ValueLayer;
}

/** Values of one manifest. A later layer wins; within a layer, the most specific one, which must be unique. Pure. */
export class ValueLayers {
  readonly #candidates: ReadonlyMap<string, Candidate[]>;
  readonly #known = new WeakMap<DeploymentValues, Map<string, Value | undefined>>();

  /** `isPartial`: a source couldn't be read, as already reported; it may set any other value. */
  constructor(
    private readonly layers: readonly ValueLayer[],
    private readonly isPartial = false,
  ) {
    const candidates = layers.flatMap((layer) =>
      layer.entries.flatMap(({ audience, values }) =>
        [...values].map(([name, value]) => ({ name, value, audience, layer })),
      ),
    );
    this.#candidates = groupBy(candidates, ({ name }) => name);
  }

  get entries(): ValueEntry[] {
    return this.layers.flatMap(({ entries }) => entries);
  }

  /** The same layers without an entry; `below` supplies values that no other entry sets. */
  without(entry: ValueEntry, below: ValueEntry["values"] = new Map()): ValueLayers {
    const lowest = { entries: [{ audience: new Audience(), values: below }] };
    const others = this.layers.map((layer) => ({
      ...layer,
      entries: layer.entries.filter((each) => each !== entry),
    }));
    return new ValueLayers([lowest, ...others], this.isPartial);
  }

  /** The same layers, overridden by these values. */
  with(values: ValueEntry["values"]): ValueLayers {
    return new LayersBelow(this, values);
  }

  get names(): string[] {
    return [...this.#candidates.keys()];
  }

  get audiences(): Audience[] {
    return [...this.#candidates.values()].flat().map(({ audience }) => audience);
  }

  /** Returns the first source of a name; undefined if it is never set. */
  origin(name: string): Value["from"] | undefined {
    return this.#candidates.get(name)?.[0]?.value.from;
  }

  /** Returns the value for all deployments; `open` if it needs a deployment or a valid file; undefined if never set. */
  fixed({ name, fallback }: Variable): Value | "open" | undefined {
    if (isDeploymentValueName(name)) return "open";
    const strongest = this.#strongest(name);
    if (strongest.some(({ audience, value }) => audience.isNarrowed || value.isWrong)) return "open";
    return orFallback(strongest.at(-1)?.value, fallback) ?? (this.isPartial ? "open" : undefined);
  }

  /** True if a source may set it for every deployment, whatever its own. */
  isForEveryone(name: string): boolean {
    const candidates = this.#candidates.get(name) ?? [];
    return this.isPartial || candidates.some(({ audience }) => !audience.isNarrowed);
  }

  isUnknown(name: string): boolean {
    const strongest = this.#strongest(name);
    return strongest.length === 0 ? this.isPartial : strongest.some(({ value }) => value.isWrong === true);
  }

  valueFor({ name, fallback }: Variable, deployment: DeploymentValues): Value | undefined {
    if (isDeploymentValueName(name))
      return orFallback({ text: deployment[name], from: "the deployment" }, fallback);
    const known = this.#known.get(deployment) ?? new Map<string, Value | undefined>();
    this.#known.set(deployment, known);
    if (!known.has(name)) known.set(name, this.#choose(name, deployment));
    return orFallback(known.get(name), fallback);
  }

  /** True if its value there depends on more than a deployment's id. */
  needsDeployment(name: string): boolean {
    if (isDeploymentValueName(name)) return name !== "deployment.id";
    const candidates = this.#candidates.get(name) ?? [];
    return candidates.some(({ audience }) => audience.needsDeployment);
  }

  #strongest(name: string): Candidate[] {
    const candidates = this.#candidates.get(name) ?? [];
    const last = candidates.at(-1);
    return candidates.filter(({ layer }) => layer === last?.layer);
  }

  #choose(name: string, deployment: DeploymentValues): Value | undefined {
    let best: (Candidate & { rank: number }) | undefined;
    for (const candidate of this.#candidates.get(name) ?? []) {
      const rank = candidate.audience.rankFor(deployment);
      if (rank === undefined) continue;
      if (candidate.layer !== best?.layer || rank > best.rank) best = { ...candidate, rank };
      else if (rank === best.rank)
        best = { ...candidate, rank, value: { ...candidate.value, other: best.value } };
    }
    return best?.value;
  }
}

class LayersBelow extends ValueLayers {
  constructor(
    private readonly below: ValueLayers,
    private readonly winning: ValueEntry["values"],
  ) {
    super([]);
  }

  override valueFor(variable: Variable, deployment: DeploymentValues): Value | undefined {
    const value = this.winning.get(variable.name);
    if (value === undefined) return this.below.valueFor(variable, deployment);
    return orFallback(value, variable.fallback);
  }
}

function isDeploymentValueName(name: string): name is keyof DeploymentValues {
  return deploymentVariables.some((each) => each === name);
}

/** Uses the fallback for empty values too, like a shell's `:-`. */
function orFallback(value: Value | undefined, fallback: string | undefined): Value | undefined {
  if (fallback === undefined || (value !== undefined && value.text !== "")) return value;
  return { text: fallback, from: "default" };
}
