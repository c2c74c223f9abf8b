import type { CommandNode } from "../command/node.js";
import { commandTree, nodesAt } from "../command-tree.js";
import { UsageError } from "../errors.js";
import { askWhetherMeant, nearMisses } from "../near-misses.js";

/** The error for a word that is no command at `path`: what was meant there, or where such a command is. */
export function describeUnknown(path: readonly string[], word: string): UsageError {
  const where = path.length === 0 ? "" : ` for herm ${path.join(" ")}`;
  return new UsageError(`unknown command "${word}"${where}`, { hint: hintFor(path, word) });
}

function hintFor(path: readonly string[], word: string): string {
  const group = ["herm", ...path].join(" ");
  const nodes = path.length === 0 ? commandTree : (nodesAt(path).at(-1)?.children ?? []);
  if (word === "help")
    return `${group} --help lists the commands, and ${group} <command> --help tells about one`;
  const near = nearMisses(word, nodes.flatMap(names));
  const here = nodes.filter((node) => names(node).some((name) => near.includes(name)));
  const elsewhere = pathsOf(word, commandTree).map((words) => `herm ${words.join(" ")}`);
  const meant = here.length > 0 ? here.map(({ name }) => name) : elsewhere;
  return askWhetherMeant(commaBetween(meant)) ?? `${group} --help lists the commands`;
}

/** Where in the tree a command has exactly this name. */
function pathsOf(word: string, nodes: readonly CommandNode[]): string[][] {
  return nodes.flatMap((node) => [
    ...(names(node).includes(word) ? [[node.name]] : []),
    ...pathsOf(word, node.children ?? []).map((below) => [node.name, ...below]),
  ]);
}

function names({ name, alias }: CommandNode): string[] {
  return alias === undefined ? [name] : [name, alias];
}

/** All but the last as one, with commas. */
function commaBetween(words: readonly string[]): string[] {
  return words.length < 3 ? [...words] : [words.slice(0, -1).join(", "), ...words.slice(-1)];
}
