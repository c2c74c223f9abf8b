import type { GlobalFlags } from "../settings/settings.js";
import { readTypedLine, unquote } from "./shell-words.js";

/** What a shell asked completions for. */
export interface TypedWords {
  /** The words after `herm`, without the one at the cursor. */
  before: readonly string[];
  /** The word at the cursor, without quotes. */
  current: string;
  /** Of bash, which has its own idea of the word at the cursor: both as they were typed. */
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

/** The flags among the typed words that choose whose names are offered. Nothing is refused: the line isn't finished. */
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
