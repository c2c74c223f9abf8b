import { writeJson } from "../api/json.js";
import { isPlainLines, spellLive } from "./safe.js";

export interface JsonOptions {
  /** True when nothing in the text may read as a workflow command (src/output/README.md, "Foreign text"). */
  githubActions?: boolean;
}

/**
 * The value as indented JSON, without a line end at the end. Lossless: numbers are written as they
 * came, and what JSON.stringify leaves live on a terminal as `\uXXXX`, so that JSON.parse gives back an equal value.
 */
export function toJson(value: unknown, options: JsonOptions = {}): string {
  return escapeLive(writeJson(value, 2) || "null", options);
}

export function toJsonLine(value: unknown, options: JsonOptions = {}): string {
  return escapeLive(plainJson(value), options);
}

/** Values on a line each. Escaped as one text: line by line takes twice the time. */
export function toJsonLines(values: readonly unknown[], options: JsonOptions = {}): string {
  return escapeLive(values.map((value) => `${plainJson(value)}\n`).join(""), options);
}

function plainJson(value: unknown): string {
  return writeJson(value) || "null";
}

/** JSON with what is live on a terminal or to GitHub Actions as `\uXXXX`. */
function escapeLive(json: string, { githubActions = false }: JsonOptions): string {
  const escaped = isPlainLines(json) ? json : spellLive(json, (_codePoint, character) => spell(character));
  return githubActions ? escapeWorkflowCommands(escaped) : escaped;
}

/** Line ends are the indentation's own: those within a string were escaped by JSON.stringify. */
function spell(character: string): string {
  if (character === "\n") return character;
  return character.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** `##[` counts anywhere in a line; `::` where a string begins, for whoever prints that string alone. */
function escapeWorkflowCommands(json: string): string {
  return json.replaceAll("##[", "#\\u0023[").replace(/"((?:\s|\\[nrt])*):(?=:)/g, '"$1\\u003a');
}
