import type { DeploymentTarget } from "../../fleet/selection.js";
import type { FilePosition, Mistake, Mistakes } from "../mistake.js";
import type { Lines } from "../read/lines.js";

/** A file's text and its lines: escapes apart, they hold the same `${` in the same order. */
export interface WrittenText {
  text: string;
  lines: Lines;
  start: number;
}

/** A text with variables; those that are the same for every deployment are expanded. */
export interface Template {
  parts: readonly TemplatePart[];
  /** The same before anything was expanded. */
  rawParts: readonly TemplatePart[];
  variables: readonly Variable[];
  written: WrittenText;
  position: FilePosition;
}

export type TemplatePart = string | Variable;

/** `${name}` or `${name:-default}`. */
export interface Variable {
  name: string;
  /** The value where it isn't set, or is empty. */
  fallback?: string;
  /** Index of its `${` in the text. */
  index: number;
}

/** Variables that every manifest may use; known only with the deployment. */
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
/** Most variables in one text: far more than anybody writes, and few enough for the memory. */
const mostVariables = 10_000;
const mostWrong = 20;
export const plainHint = "a plain ${ is written $${";

export function isVariableName(name: string): boolean {
  return named.exec(name)?.[1] === name;
}

/** True for names that only the deployment itself sets. */
export function isDeploymentVariable(name: string): boolean {
  return name === "deployment" || name.startsWith("deployment.");
}

/** Escapes every `${`, so that reading gives the text back. */
export function escapeVariables(text: string): string {
  return text.replaceAll("${", () => "$${");
}

/** Finds the variables of a text; mistakes go to `mistakes`. */
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
