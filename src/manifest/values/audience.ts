import { globMatcher, isGlob } from "../../fleet/glob.js";
import { isDeploymentId } from "../../fleet/refs.js";
import type { FilePosition } from "../mistake.js";
import type { DeploymentValues } from "./variables.js";

/** An id or glob of `for` or `not`, of which any match counts. */
export interface AudienceRef {
  kind: "deployment" | "customer";
  ref: string;
  position: FilePosition;
}

/** Ranks by how narrowly something is meant: the higher wins. `one`: an id, or an exact name. */
const ranks = { everyone: 0, allBut: 1, glob: 2, customer: 3, one: 4 } as const;

export type Rank = (typeof ranks)[keyof typeof ranks];

const unnarrowed = "{}";

/** The deployments that a value or an automation is for: those of `for` without those of `not`. Pure. */
export class Audience {
  readonly refs: readonly AudienceRef[];
  readonly forRefs: readonly AudienceRef[] | undefined;
  readonly notRefs: readonly AudienceRef[] | undefined;
  #key: string | undefined;
  readonly #for: Matcher | undefined;
  readonly #not: Matcher | undefined;

  constructor(
    named: { for?: readonly AudienceRef[] | undefined; not?: readonly AudienceRef[] | undefined } = {},
    /** The whole file's audience, which narrows this item's. */
    readonly within?: Audience,
  ) {
    this.forRefs = named.for;
    this.notRefs = named.not;
    this.refs = [...(named.for ?? []), ...(named.not ?? [])];
    this.#for = named.for && new Matcher(named.for);
    this.#not = named.not && new Matcher(named.not);
  }

  /** Equal for audiences that are written alike, in whatever order. */
  get key(): string {
    this.#key ??= this.#makeKey();
    return this.#key;
  }

  #makeKey(): string {
    const namesOf = (refs: readonly AudienceRef[] = []) =>
      refs.map(({ kind, ref }) => `${kind} ${ref}`).sort();
    const own = { for: this.forRefs && namesOf(this.forRefs), not: this.notRefs && namesOf(this.notRefs) };
    const parts = [JSON.stringify(own), this.within?.key].filter(
      (part) => part !== undefined && part !== "" && part !== unnarrowed,
    );
    return parts.join(" ");
  }

  get isNarrowed(): boolean {
    return this.#for !== undefined || this.#not !== undefined || this.within?.isNarrowed === true;
  }

  get needsDeployment(): boolean {
    return [this.#for, this.#not, this.within].some((each) => each?.needsDeployment === true);
  }

  /** True where `not` names the deployment by its id or exact name. */
  excludesByName(deployment: DeploymentValues): boolean {
    return this.#not?.rankFor(deployment) === ranks.one || this.within?.excludesByName(deployment) === true;
  }

  rankFor(deployment: DeploymentValues): Rank | undefined {
    const own = this.#ownRank(deployment);
    if (own === undefined || this.within === undefined) return own;
    const outer = this.within.rankFor(deployment);
    return outer === undefined ? undefined : (Math.max(outer, own) as Rank);
  }

  #ownRank(deployment: DeploymentValues): Rank | undefined {
    if (this.#not?.rankFor(deployment) !== undefined) return undefined;
    if (this.#for !== undefined) return this.#for.rankFor(deployment);
    return this.#not === undefined ? ranks.everyone : ranks.allBut;
  }
}

class Matcher {
  readonly needsDeployment: boolean;
  readonly #ids: ReadonlySet<string>;
  readonly #names: ReadonlySet<string>;
  readonly #customers: ReadonlySet<string>;
  readonly #globs: readonly ((name: string) => boolean)[];

  constructor(refs: readonly AudienceRef[]) {
    const named = (kind: AudienceRef["kind"]) =>
      refs.flatMap((each) => (each.kind === kind ? [each.ref] : []));
    const deployments = named("deployment");
    this.#ids = new Set(deployments.filter(isDeploymentId));
    this.#customers = new Set(named("customer"));
    const names = deployments.filter((each) => !isDeploymentId(each));
    this.#names = new Set(names.filter((each) => !isGlob(each)));
    this.#globs = names.filter(isGlob).map(globMatcher);
    this.needsDeployment = this.#customers.size > 0 || names.length > 0;
  }

  rankFor(deployment: DeploymentValues): Rank | undefined {
    const { "deployment.id": id, "deployment.name": name } = deployment;
    if (this.#ids.has(id) || this.#names.has(name)) return ranks.one;
    if (this.#customers.has(deployment["deployment.customer_id"])) return ranks.customer;
    return this.#globs.some((fits) => fits(name)) ? ranks.glob : undefined;
  }
}
