import { commandTree, nodesAt } from "../command-tree.js";
import type { Io } from "../context.js";
import { sinkOf } from "../output/sink.js";
import { loadStyle } from "../output/style.js";
import { renderCommandHelp, renderGroupHelp, renderRootHelp } from "./render.js";
import type { Topic } from "./topic.js";

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
 * a word that is none, with what is nearest.
 */
export async function printHelpFor(
  io: Pick<Io, "stdout" | "colour" | "columns">,
  words: readonly string[],
  { isForHelp }: { isForHelp?: boolean } = {},
): Promise<void> {
  const nodes = nodesAt(words);
  const path = nodes.map(({ name }) => name);
  const word = words[path.length];
  if (word !== undefined && nodes.at(-1)?.load === undefined) {
    const { describeUnknown } = await import("./unknown-command.js");
    throw await describeUnknown({ path, word, words, isForHelp });
  }
  await printHelp(io, path);
}

/** Prints what a topic says. */
export async function printTopic(io: Pick<Io, "stdout" | "colour" | "columns">, topic: Topic): Promise<void> {
  const { renderTopic } = await import("./render-topic.js");
  const { bold } = await loadStyle(io.colour.stdout);
  const text = renderTopic(topic, await topic.load(), { columns: io.columns, headed: bold });
  await sinkOf(io.stdout).write(text);
}

async function helpOf(path: readonly string[], columns: number): Promise<string> {
  const nodes = nodesAt(path);
  const node = nodes.at(-1);
  if (node === undefined)
    return renderRootHelp({ tree: commandTree, ...(await import("./topics.js")) }, columns);
  if (node.load === undefined) return renderGroupHelp(node, columns);
  return renderCommandHelp({ nodes, declaration: await node.load() }, columns);
}
