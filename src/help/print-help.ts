import { type CommandNode, commandTree, nodesAt } from "../command/tree.js";
import type { Io } from "../context/context.js";
import { sinkOf } from "../output/sink.js";
import { loadStyle } from "../output/style.js";
import type { PageLook } from "./layout.js";
import type { Topic } from "./topics.js";

type PageIo = Pick<Io, "stdout" | "colour" | "inWords" | "columns">;

interface PageOptions {
  /** Prints the full help page, instead of one that fits on a terminal. */
  isVerbose?: boolean | undefined;
}

/**
 * Prints help for a command, a group or, if there are no words, the whole program. Words after a command are ignored.
 * Throws UsageError for an unknown word, and suggests the nearest ones.
 */
export async function printHelpFor(
  io: PageIo,
  words: readonly string[],
  { isForHelp, isVerbose = false }: PageOptions & { isForHelp?: boolean } = {},
): Promise<void> {
  const nodes = nodesAt(words);
  const path = nodes.map(({ name }) => name);
  const word = words[path.length];
  if (word !== undefined && nodes.at(-1)?.load === undefined) {
    const { describeUnknown } = await import("./unknown-command.js");
    throw await describeUnknown({ path, word, words, isForHelp });
  }
  const { bold } = await loadStyle(io, "stdout");
  const help = await helpOf(nodes, { columns: io.columns, isVerbose });
  await sinkOf(io.stdout).write(help.replace(/^[A-Z].*:$/gm, bold));
}

export async function printTopic(io: PageIo, topic: Topic): Promise<void> {
  const { renderTopic } = await import("./render-topic.js");
  const { loadTopic } = await import("./topic-pages.js");
  const { bold } = await loadStyle(io, "stdout");
  const text = renderTopic(topic, await loadTopic(topic.name), { columns: io.columns, headed: bold });
  await sinkOf(io.stdout).write(text);
}

async function helpOf(nodes: readonly CommandNode[], look: PageLook): Promise<string> {
  const node = nodes.at(-1);
  if (node?.load !== undefined) {
    const { renderCommandHelp } = await import("./render-command.js");
    return renderCommandHelp({ nodes, declaration: await node.load() }, look);
  }
  const { renderGroupHelp, renderRootHelp } = await import("./render-command.js");
  if (node !== undefined) return renderGroupHelp(node, look);
  return renderRootHelp({ tree: commandTree(), ...(await import("./topics.js")) }, look);
}
