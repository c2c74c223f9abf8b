import { commandTree, nodesAt } from "../command-tree.js";
import type { Io } from "../context.js";
import { sinkOf } from "../output/sink.js";
import { loadStyle } from "../output/style.js";
import { renderCommandHelp, renderGroupHelp, renderRootHelp } from "./render.js";

/** Prints the help of the command at `path`; of a group: its commands; of none: all, by task. */
export async function printHelp(
  io: Pick<Io, "stdout" | "colour" | "columns">,
  path: readonly string[],
): Promise<void> {
  const { bold } = await loadStyle(io.colour.stdout);
  const help = await helpOf(path, io.columns);
  const text = help.replace(/^[A-Z].*:$/gm, bold);
  await sinkOf(io.stdout).write(text);
}

/**
 * The same for words that a person gave behind `help`; what stands behind a command is passed over. Throws UsageError for
 * a word that is none.
 */
export async function printHelpFor(
  io: Pick<Io, "stdout" | "colour" | "columns">,
  words: readonly string[],
): Promise<void> {
  const nodes = nodesAt(words);
  const path = nodes.map(({ name }) => name);
  const word = words[path.length];
  if (word !== undefined && nodes.at(-1)?.load === undefined) {
    const { describeUnknown } = await import("./unknown-command.js");
    throw await describeUnknown({ path, word, words });
  }
  await printHelp(io, path);
}

async function helpOf(path: readonly string[], columns: number): Promise<string> {
  const nodes = nodesAt(path);
  const node = nodes.at(-1);
  if (node === undefined) return renderRootHelp(commandTree, columns);
  if (node.load === undefined) return renderGroupHelp(node, columns);
  return renderCommandHelp({ nodes, declaration: await node.load() }, columns);
}
