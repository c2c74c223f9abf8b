import { UsageError } from "../errors.js";
import { didYouMeanOne } from "../near-misses.js";
import type { Lines } from "./lines.js";
import { excerpt, type FilePlace, type Mistake, type Mistakes } from "./mistake.js";

/** What every manifest may use without `--var`; known only when the deployment is. */
const deploymentVariables = ["deployment.id", "deployment.name", "deployment.customer_id"] as const;
type DeploymentVariable = (typeof deploymentVariables)[number];

/** A text of a manifest; the variables of `--var` are filled in, those of the deployment stand open. */
export interface Template {
  parts: readonly TemplatePart[];
  place: FilePlace;
}

export type TemplatePart = string | { variable: DeploymentVariable };

/** The values of a deployment's variables. */
export type DeploymentValues = Record<DeploymentVariable, string>;

const variableName = /^[A-Za-z_][A-Za-z0-9_.-]*$/;
const mark = /\$\$\{|\$\{([^{}\n]*)(\}?)/g;
/** By how much values may lengthen one text, and all together, so that a few long ones in many places can't fill the memory. */
const mostCharacters = 1024 * 1024;
const mostCharactersInAll = 32 * mostCharacters;
const mostWrong = 20;
const aboutKey = {
  message: "an API key stands in this text",
  suggestion: "whoever reads the automation could use it",
};
const plainHint = "a plain ${ is written $${";

/** Reads `--var k=v`, several; of one name the last counts. Throws UsageError. */
export function readVariables(assignments: readonly string[]): Map<string, string> {
  const values = new Map<string, string>();
  for (const assignment of assignments) {
    const at = assignment.indexOf("=");
    const name = assignment.slice(0, Math.max(at, 0));
    if (at === -1) throw new UsageError(`--var takes name=value, not "${assignment}"`);
    if (!variableName.test(name)) {
      throw new UsageError(`--var "${name}" is no variable's name`, {
        hint: "letters, digits, _, - and . can stand in it; a letter or _ begins it",
      });
    }
    if (name === "deployment" || name.startsWith("deployment.")) {
      throw new UsageError(`--var can't set ${name}: deployment.* is each deployment's own`);
    }
    values.set(name, assignment.slice(at + 1));
  }
  return values;
}

/** Writes text so that reading it gives it back: a `${` in it is no variable. */
export function escapeVariables(text: string): string {
  return text.replaceAll("${", () => "$${");
}

/** Finds a key that no text may hold, as it stands there. */
export type FindKey = (text: string) => string | undefined;

/** Fills variables into a set of manifests, and knows in the end which were never used. */
export class Variables {
  readonly #used = new Set<string>();
  #added = 0;

  constructor(
    private readonly values: ReadonlyMap<string, string>,
    private readonly findKey: FindKey,
  ) {}

  get unused(): string[] {
    return [...this.values.keys()].filter((name) => !this.#used.has(name));
  }

  /** The text, which stands at `start`, with its variables filled in; what is wrong with them goes to `mistakes`. */
  fill({ text, lines, start }: { text: string; lines: Lines; start: number }, mistakes: Mistakes): Template {
    const place = lines.placeAt(start);
    const parts: TemplatePart[] = [];
    let added = 0;
    let end = 0;
    let wrong = 0;
    for (const [index, found] of [...text.matchAll(mark)].entries()) {
      const part = this.#read(found);
      if (part.problem !== undefined) {
        wrong += 1;
        if (wrong <= mostWrong) mistakes.add({ place: lines.placeOfVariable(index, start), ...part.problem });
      }
      const literal = text.slice(end, found.index);
      end = found.index + found[0].length;
      parts.push(literal, part.filled);
      added += typeof part.filled === "string" ? Math.max(0, part.filled.length - found[0].length) : 0;
      if (added > mostCharacters) break;
    }
    parts.push(text.slice(end));
    this.#added += added;
    if (added > mostCharacters || this.#added > mostCharactersInAll) {
      mistakes.add({ place, message: "the text is too long with its variables filled in" });
      return { parts: [], place };
    }
    const joined = joinLiterals(parts);
    for (const literal of joined) {
      const key = typeof literal === "string" ? this.findKey(literal) : undefined;
      if (key !== undefined) mistakes.add({ place: lines.placeOfPiece(key, start), ...aboutKey });
    }
    return { parts: joined, place };
  }

  #read([written, name = "", end]: RegExpExecArray): {
    filled: TemplatePart;
    problem?: Omit<Mistake, "place">;
  } {
    if (written === "$${") return { filled: "${" };
    if (end !== "}" || !variableName.test(name)) {
      return {
        filled: "",
        problem: { message: `a variable is written \${name}`, suggestion: plainHint },
      };
    }
    const variable = deploymentVariables.find((each) => each === name);
    if (variable !== undefined) return { filled: { variable } };
    const value = this.values.get(name);
    if (value === undefined) return { filled: "", problem: this.#unknown(name) };
    this.#used.add(name);
    return { filled: value };
  }

  #unknown(name: string): Omit<Mistake, "place"> {
    const meant = didYouMeanOne(name, [...this.values.keys(), ...deploymentVariables]);
    return {
      message: `the variable ${excerpt(name)} isn't set`,
      suggestion: meant ?? `--var ${excerpt(name)}=… sets it; ${plainHint}`,
    };
  }
}

function joinLiterals(parts: readonly TemplatePart[]): TemplatePart[] {
  const joined: TemplatePart[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (typeof part === "string" && typeof last === "string") joined[joined.length - 1] = last + part;
    else if (part !== "") joined.push(part);
  }
  return joined;
}

/** The text, if no deployment has a part in it. */
export function plainText({ parts }: Template): string | undefined {
  const texts = parts.filter((part) => typeof part === "string");
  return texts.length === parts.length ? texts.join("") : undefined;
}

/** The text for one deployment; nothing if its values make it too long. */
export function textFor({ parts }: Template, values: DeploymentValues): string | undefined {
  const filled = parts.flatMap((part) => (typeof part === "string" ? [] : [values[part.variable]]));
  const added = filled.reduce((sum, text) => sum + text.length, 0);
  if (added > mostCharacters) return undefined;
  return parts.map((part) => (typeof part === "string" ? part : values[part.variable])).join("");
}
