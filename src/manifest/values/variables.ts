import { globMatcher, isGlob } from "../../fleet/exclusions.js";
import { isDeploymentId } from "../../fleet/refs.js";
import type { DeploymentTarget } from "../../fleet/selection.js";
import type { FilePosition, Lines, Mistake, Mistakes } from "../mistake.js";

/** A file's text and its lines: apart from escapes, they contain the same `${` in the same order. */
export interface WrittenText {
  text: string;
  lines: Lines;
  start: number;
}

/** A text with variables; those that are the same for every deployment are expanded. */
export interface Template {
  parts: readonly TemplatePart[];
  /** The same parts before expansion. */
  rawParts: readonly TemplatePart[];
  variables: readonly Variable[];
  written: WrittenText;
  position: FilePosition;
}

type TemplatePart = string | Variable;

/** `${name}` or `${name:-default}`. */
export interface Variable {
  name: string;
  /** The value if it isn't set, or is empty. */
  fallback?: string;
  index: number;
}

/** Variables that every manifest may use; known only once the deployment is. */
export const deploymentVariables = ["deployment.id", "deployment.name", "deployment.customer_id"] as const;

export type DeploymentValues = Record<(typeof deploymentVariables)[number], string>;

export function deploymentValues({ deployment_id, name, customer_id }: DeploymentTarget): DeploymentValues {
  return {
    "deployment.id": deployment_id,
    "deployment.name": name,
    "deployment.customer_id": customer_id ?? "",
  };
}

interface BadVariable extends Omit<Mistake, "position"> {
  index: number;
}

const mark = /\$\$\{|\$\{([^{}\n]*)(\}?)/g;
const named = /^([A-Za-z_][A-Za-z0-9_.-]*)(?::-(.*))?$/s;
/** Maximum number of variables in one text: far more than anybody writes, but few enough for memory. */
const mostVariables = 10_000;
const mostWrong = 20;
export const plainHint = "for a literal ${, write $${";

export function isVariableName(name: string): boolean {
  return named.exec(name)?.[1] === name;
}

export function isDeploymentVariable(name: string): boolean {
  return name === "deployment" || name.startsWith("deployment.");
}

/** Escapes every `${`, so that reading the result returns the same text. */
export function escapeVariables(text: string): string {
  return text.replaceAll("${", () => "$${");
}

/** Finds the variables of a text; adds mistakes to `mistakes`. */
export function readTemplate(written: WrittenText, mistakes: Mistakes): Template {
  const position = written.lines.positionAt(written.start);
  const parts: TemplatePart[] = [];
  const wrong: BadVariable[] = [];
  let end = 0;
  let index = 0;
  for (const found of written.text.matchAll(mark)) {
    if (index === mostVariables) {
      wrong.push({ index, message: `more than ${mostVariables} variables in one text` });
      break;
    }
    const part = readVariable(found, index);
    const isWrong = typeof part !== "string" && "message" in part;
    if (isWrong) wrong.push(part);
    parts.push(written.text.slice(end, found.index), isWrong ? "" : part);
    end = found.index + found[0].length;
    index += 1;
  }
  parts.push(written.text.slice(end));
  for (const { index: at, ...mistake } of wrong.slice(0, mostWrong)) {
    mistakes.add({ position: written.lines.positionOfVariable(at, written.start), ...mistake });
  }
  const variables = parts.filter((part) => typeof part !== "string");
  const rawParts = joinLiterals(parts);
  return { parts: rawParts, rawParts, variables, written, position };
}

function readVariable([text, inner = "", end]: RegExpExecArray, index: number): TemplatePart | BadVariable {
  if (text === "$${") return "${";
  const [, name, fallback] = named.exec(inner) ?? [];
  if (end === "}" && name !== undefined) return { name, fallback, index };
  return { index, message: "a variable is written ${name} or ${name:-default}", suggestion: plainHint };
}

export function joinLiterals(parts: readonly TemplatePart[]): TemplatePart[] {
  const joined: TemplatePart[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (typeof part === "string" && typeof last === "string") joined[joined.length - 1] = last + part;
    else if (part !== "") joined.push(part);
  }
  return joined;
}

/** The text, if it is the same for every deployment. */
export function plainText({ parts }: Template): string | undefined {
  const texts = parts.filter((part) => typeof part === "string");
  return texts.length === parts.length ? texts.join("") : undefined;
}

export function positionOfVariable({ written }: Template, { index }: Variable): FilePosition {
  return written.lines.positionOfVariable(index, written.start);
}

export function readBoolean(text: string): boolean | undefined {
  return text === "true" ? true : text === "false" ? false : undefined;
}

/** An id or glob in `for` or `not`; any match counts. */
export interface AudienceRef {
  kind: "deployment" | "customer";
  ref: string;
  position: FilePosition;
}

/** Ranks by specificity: the highest wins. `one`: an id, or an exact name. */
const ranks = { all: 0, allBut: 1, glob: 2, customer: 3, one: 4 } as const;

export type Rank = (typeof ranks)[keyof typeof ranks];

const unnarrowed = "{}";

/** The deployments for a value or an automation: those in `for` except those in `not`. Pure. */
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

  /** Equal for audiences that contain the same refs, in any order. */
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
    return this.#not === undefined ? ranks.all : ranks.allBut;
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
