import { namedFlags } from "../../src/command/flags.js";
import { readInput } from "../../src/command/input.js";
import { findGlobalFlag, splitGlobalFlags, versionFlag } from "../../src/command-line/global-flags.js";
import "../../src/command-tree.js";
import { nodesAt } from "../../src/command/tree.js";
import { readShellLine } from "./shell-line.js";

/**
 * Parses each `herm` command of a shell line against the real tree, without running it, and gives their names; throws
 * what one is refused with.
 */
export async function parseLine(line: string): Promise<string[]> {
  const names: string[] = [];
  for (const { words } of readShellLine(line)) {
    if (words[0] !== "herm") continue;
    const nodes = nodesAt(withoutFlags(words.slice(1)));
    const declaration = await nodes.at(-1)?.load?.();
    const ownFlags = nodes.length === 0 ? [versionFlag] : namedFlags(declaration?.flags);
    const { rest } = splitGlobalFlags(words.slice(1), ownFlags);
    if (declaration !== undefined) await readInput({ declaration, nodes, words: rest });
    else if (withoutFlags(rest).length !== nodes.length) throw new Error(`no command in: ${line}`);
    names.push(nodes.map(({ name }) => name).join(" "));
  }
  return names;
}

function withoutFlags(words: readonly string[]): string[] {
  return words.filter(
    (word, at) => !word.startsWith("-") && findGlobalFlag(words[at - 1] ?? "")?.valueName === undefined,
  );
}
