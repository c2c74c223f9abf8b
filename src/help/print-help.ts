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

async function helpOf(path: readonly string[], columns: number): Promise<string> {
  const nodes = nodesAt(path);
  const node = nodes.at(-1);
  if (node === undefined) return renderRootHelp(commandTree, columns);
  if (node.load === undefined) return renderGroupHelp(node, columns);
  return renderCommandHelp({ nodes, declaration: await node.load() }, columns);
}
