import { parseLine as parseWords, readInput } from "../../src/command/parse.js";
import { readGlobalFlags } from "../../src/command-line/global-flags.js";
import "../../src/commands/command-tree.js";
import { readShellLine } from "./shell-line.js";

/**
 * Parses each `herm` command in a shell line with the real tree, without running it, and returns their names; throws
 * the error of a refused one.
 */
export async function parseLine(line: string): Promise<string[]> {
  const names: string[] = [];
  for (const { words } of readShellLine(line)) {
    if (words[0] !== "herm") continue;
    const typed = await parseWords(words.slice(1));
    readGlobalFlags(typed.globals);
    const { nodes, declaration, help, refusal } = typed;
    if (declaration !== undefined && help === undefined) readInput(declaration, typed);
    if (refusal !== undefined && help === undefined) throw refusal;
    names.push(nodes.map(({ name }) => name).join(" "));
  }
  return names;
}
