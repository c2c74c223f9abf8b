import type { GlobalFlags } from "../settings/settings.js";
import { readTypedLine, unquote } from "./shell-words.js";

export interface TypedWords {
  before: readonly string[];
  current: string;
  /** The line's word and bash's own idea of it. */
  bash?: { raw: string; current: string };
}

/** Reads what the scripts send after `completion words`: of bash the line and its word, of the others the words. */
export function readTypedWords([shell, ...sent]: readonly string[]): TypedWords {
  if (shell === "bash") {
    const [line = "", current = ""] = sent;
    const { before, raw } = readTypedLine(line);
    return { before: before.slice(1), current: unquote(raw), bash: { raw, current } };
  }
  const current = sent.at(-1) ?? "";
  return { before: sent.slice(0, -1), current: shell === "fish" ? unquote(current) : current };
}

/** Refuses nothing: the line isn't finished. */
export function typedFlags(
  words: readonly string[],
): Pick<GlobalFlags, "deployments"> & Partial<GlobalFlags> {
  const found: Pick<GlobalFlags, "deployments"> & Partial<GlobalFlags> = { deployments: [] };
  for (const [at, word] of words.entries()) {
    const [name, attached] = word.split(/=(.*)/s);
    const value = attached ?? words[at + 1] ?? "";
    if (word === "--local") found.local = true;
    else if (value === "" || value.startsWith("-")) continue;
    else if (name === "--profile") found.profile = value;
    else if (name === "--api-url") found.apiUrl = value;
    else if (name === "-d" || name === "--deployment") found.deployments.push(value);
  }
  return found;
}
