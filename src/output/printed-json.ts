import { writeJson } from "../api/json.js";
import { isPlainLines, spellLive } from "./safe.js";

export interface JsonOptions {
  /** True if the text must not contain anything like a workflow command (src/output/README.md, "Foreign text"). */
  githubActions?: boolean;
}

/**
 * The value as indented JSON, without a final line end. Lossless: numbers are written as received, and characters that
 * JSON.stringify would leave live on a terminal are written as `\uXXXX`, so that JSON.parse returns an equal value.
 */
export function toJson(value: unknown, options: JsonOptions = {}): string {
  return escapeLive(writeJson(value, 2) || "null", options);
}

export function toJsonLine(value: unknown, options: JsonOptions = {}): string {
  return escapeLive(plainJson(value), options);
}

/** One value on each line. Escaped as a single string, because going line by line takes twice as long. */
export function toJsonLines(values: readonly unknown[], options: JsonOptions = {}): string {
  return escapeLive(values.map((value) => `${plainJson(value)}\n`).join(""), options);
}

function plainJson(value: unknown): string {
  return writeJson(value) || "null";
}

/** Writes characters that are live on a terminal or in GitHub Actions as `\uXXXX`. */
function escapeLive(json: string, { githubActions = false }: JsonOptions): string {
  const escaped = isPlainLines(json) ? json : spellLive(json, (_codePoint, character) => spell(character));
  return githubActions ? escapeWorkflowCommands(escaped) : escaped;
}

/** Leaves line ends as they are: they are indentation, because JSON.stringify has escaped those within strings. */
function spell(character: string): string {
  if (character === "\n") return character;
  return character.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** `##[` is a command anywhere in a line; `::` is one at the start of a string, if that string is printed alone. */
function escapeWorkflowCommands(json: string): string {
  return json.replaceAll("##[", "#\\u0023[").replace(/"((?:\s|\\[nrt])*):(?=:)/g, '"$1\\u003a');
}
