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
