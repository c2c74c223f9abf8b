import type { Command } from "commander";
import { commandTree, nodesAt } from "../command-tree.js";
import type { Io } from "../context.js";
import { sinkOf } from "../output/sink.js";
import { loadStyle } from "../output/style.js";
import { renderCommandHelp, renderGroupHelp, renderRootHelp } from "./render.js";

/** Prints the help of the command at `path`; of a group: its commands; of none: all, by task. */
export async function printHelp(
  io: Pick<Io, "stdout" | "colour" | "columns">,
  path: readonly string[],
  command?: Command,
): Promise<void> {
  const { bold } = await loadStyle(io.colour.stdout);
  const help = await helpOf(path, command, io.columns);
  const text = help.replace(/^[A-Z].*:$/gm, bold);
  await sinkOf(io.stdout).write(text);
}

async function helpOf(
  path: readonly string[],
  command: Command | undefined,
  columns: number,
): Promise<string> {
  const node = nodesAt(path).at(-1);
  if (node === undefined) return renderRootHelp(commandTree, columns);
  if (node.children !== undefined) return renderGroupHelp({ node, children: node.children }, columns);
  const { helpAt } = await import("./texts.js");
  const help = await helpAt(path);
  if (help === undefined || command === undefined) throw new Error(`${path.join(" ")} has no help`);
  return renderCommandHelp({ command, path, help }, columns);
}
