import { didYouMeanOne } from "../../errors/near-misses.js";
import { excerpt, type Mistake, Mistakes, type Place, positionText } from "../mistake.js";
import { placeOfValue, twiceMistake, type Value, type ValueLayers } from "./value-layers.js";
import {
  type DeploymentValues,
  deploymentVariables,
  isDeploymentVariable,
  joinLiterals,
  plainHint,
  positionOfVariable,
  readTemplate,
  type Template,
  type Variable,
  type WrittenText,
} from "./variables.js";

const mib = 1024 * 1024;
/** Maximum number of characters that values may add to one text. */
const mostCharacters = mib;
const mostShown = 20;
const aboutLength = { message: "the text is too long with its variables filled in" };
const aboutKey = {
  message: "this text contains an API key",
  suggestion: "anyone who reads the automation could use it",
};

export const withoutLineEnd = "to leave it out, use |- instead of |";

type FindKey = (text: string) => string | undefined;

/** A variable's value, and its source: `herm.yaml:3:9`, `--var team` or `default`. */
export interface NamedValue {
  name: string;
  value: string;
  from: string;
}

/** Limits for all texts in a set, because a few long values in many texts must not fill the memory. */
export interface ExpansionLimits {
  /** Finds the user's key, which no text may contain. */
  findKey: FindKey;
  /** True for a name that the environment sets as HERM_VAR_<name>, which isn't read. */
  isInEnvironment(name: string): boolean;
  added: { files: number; deployments: number };
}

const mostAdded = { files: 32 * mib, deployments: 256 * mib } as const;

/** Expands the variables of one manifest's texts, and records the used values. */
export class Expander {
  readonly used = new Set<string>();

  constructor(
    readonly layers: ValueLayers,
    protected readonly limits: ExpansionLimits,
  ) {}

  /** Its limits, as if nothing had been expanded yet. */
  get unusedLimits(): ExpansionLimits {
    return { ...this.limits, added: { files: 0, deployments: 0 } };
  }

  /** Expands variables that are the same for every deployment; undefined if that fails, as `mistakes` then says. */
  read(written: WrittenText, mistakes: Mistakes): Template | undefined {
    const found = new Mistakes();
    const template = this.#putIn(readTemplate(written, found), found);
    mistakes.addAll(found);
    return found.all.length === 0 ? template : undefined;
  }

  readWithout(written: WrittenText, mistakes: Mistakes): Template | undefined {
    const template = readTemplate(written, new Mistakes());
    if (template.variables.length === 0) return this.read(written, mistakes);
    for (const variable of template.variables.slice(0, mostShown)) {
      const position = positionOfVariable(template, variable);
      mistakes.add({ position, message: "a variable isn't allowed here", suggestion: plainHint });
    }
    return undefined;
  }

  #putIn(template: Template, mistakes: Mistakes): Template {
    const { position, written } = template;
    const unset = new Map<Variable, Omit<Mistake, "position">>();
    const put: Value[] = [];
    let added = 0;
    const parts = template.parts.map((part) => {
      if (typeof part === "string" || added > mostCharacters) return part;
      this.used.add(part.name);
      const value = this.layers.fixed(part);
      const isLeftOut = this.#isLeftOut(part.name);
      if (isLeftOut || value === undefined)
        unset.set(part, isLeftOut ? aboutEnvironment(part.name) : this.#aboutUnset(part));
      if (value === undefined || value === "open") return part;
      put.push(value);
      added += value.text.length;
      return value.text;
    });
    for (const [variable, about] of [...unset].slice(0, mostShown)) {
      mistakes.add({ position: positionOfVariable(template, variable), ...about });
    }
    if (!this.#mayAdd(added, "files")) {
      const [longest] = put.toSorted((one, other) => other.text.length - one.text.length);
      mistakes.add({ position: (longest && placeOfValue(longest)) ?? position, ...aboutLength });
      return template;
    }
    const joined = joinLiterals(parts);
    for (const literal of joined) {
      const key = typeof literal === "string" ? this.limits.findKey(literal) : undefined;
      if (key === undefined) continue;
      const holder = put.find(({ text }) => text.includes(key));
      const place = holder && placeOfValue(holder);
      mistakes.add({ position: place ?? written.lines.positionOfPiece(key, written.start), ...aboutKey });
    }
    return { ...template, parts: joined };
  }

  /** Returns the position of a text's value if it is the same for every deployment, otherwise the text's own. */
  placeOf({ variables, position }: Template): Place {
    const values = variables.map((variable) => this.layers.fixed(variable));
    const places = values.flatMap((value) => (typeof value === "object" ? (placeOfValue(value) ?? []) : []));
    return places[0] ?? position;
  }

  /** Expands a text for one deployment; undefined if that fails, as `mistakes` then says. */
  textFor(template: Template, deployment: DeploymentValues, mistakes: Mistakes): string | undefined {
    const [first] = template.parts;
    // The same string, so that a fleet's plan stores it once.
    if (template.parts.length === 1 && typeof first === "string") return first;
    const { position } = template;
    let added = 0;
    let isWhole = true;
    const texts = template.parts.map((part) => {
      if (typeof part === "string") return part;
      const value = this.layers.valueFor(part, deployment);
      if (value === undefined) {
        isWhole = false;
        mistakes.add({ position: positionOfVariable(template, part), ...this.#aboutUnset(part) });
      } else if (value.other !== undefined) {
        isWhole = false;
        mistakes.add(twiceMistake(part.name, value, value.other));
      }
      added += value?.text.length ?? 0;
      return value?.text ?? "";
    });
    if (!isWhole) return undefined;
    const text = texts.join("");
    const isTooLong = !this.#mayAdd(added, "deployments");
    if (!isTooLong && this.limits.findKey(text) === undefined) return text;
    mistakes.add({ position, ...(isTooLong ? aboutLength : aboutKey) });
    return undefined;
  }

  /** Returns the mistake of a one-line text with a line end in a value. */
  lineEndIn(template: Template, what: string, deployment: DeploymentValues): Mistake | undefined {
    const found = template.variables.find(
      (variable) =>
        !isDeploymentVariable(variable.name) &&
        this.layers.valueFor(variable, deployment)?.text.includes("\n") === true,
    );
    if (found === undefined) return undefined;
    const message = `the value of ${excerpt(found.name)} puts a newline in ${what}`;
    return { position: positionOfVariable(template, found), message, suggestion: withoutLineEnd };
  }

  /** Returns the values of the templates' variables in one deployment, each once; without `deployment.*`. */
  valuesFor(templates: readonly Template[], deployment: DeploymentValues): NamedValue[] {
    const found = new Map<string, NamedValue>();
    for (const variable of templates.flatMap(({ variables }) => variables)) {
      const value = isDeploymentVariable(variable.name)
        ? undefined
        : this.layers.valueFor(variable, deployment);
      if (value === undefined) continue;
      const from = typeof value.from === "string" ? value.from : positionText(value.from);
      const named = { name: variable.name, value: value.text, from };
      found.set(JSON.stringify(named), named);
    }
    return [...found.values()];
  }

  /** True for a value set only in an unread source, which its default would silently replace. */
  #isLeftOut(name: string): boolean {
    return (
      !isDeploymentVariable(name) && !this.layers.isForEveryone(name) && this.limits.isInEnvironment(name)
    );
  }

  /** Counts the characters that values add to a text; false beyond the limit. */
  #mayAdd(characters: number, to: keyof typeof mostAdded): boolean {
    this.limits.added[to] += characters;
    return characters <= mostCharacters && this.limits.added[to] <= mostAdded[to];
  }

  #aboutUnset({ name }: Variable): Omit<Mistake, "position"> {
    const message = `the variable ${excerpt(name)} isn't set`;
    const elsewhere = this.layers.origin(name);
    if (elsewhere !== undefined) {
      const position = typeof elsewhere === "string" ? elsewhere : positionText(elsewhere);
      return { message, suggestion: `${position} sets it only for other deployments` };
    }
    const meant = didYouMeanOne(name, [...this.layers.names, ...deploymentVariables]);
    return {
      message,
      suggestion: meant ?? `to set it, use --values <file> or --var ${excerpt(name)}=…; ${plainHint}`,
    };
  }
}

function aboutEnvironment(name: string): Omit<Mistake, "position"> {
  const shown = excerpt(name);
  return { message: `HERM_VAR_${shown} isn't read`, suggestion: `to set it, use --var ${shown}=…` };
}
