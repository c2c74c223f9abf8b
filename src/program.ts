import { Command } from "commander";
import { type CommandNode, commandTree } from "./command-tree.js";
import type { Context } from "./context.js";

/** What a command's file exports: adds the command, with its flags, arguments and action. */
export type AddCommand = (parent: Command, context: Context) => void;

/** Builds the tree with only the commands along `path` loaded; the others are names and summaries. */
export async function buildProgram(context: Context, path: readonly string[] | "all"): Promise<Command> {
  const program = silent(new Command("herm"));
  await addNodes(program, commandTree, { context, path, depth: 0 });
  return program;
}

interface Walk {
  context: Context;
  path: readonly string[] | "all";
  depth: number;
}

async function addNodes(parent: Command, nodes: readonly CommandNode[], walk: Walk): Promise<void> {
  for (const node of nodes) {
    const isOnPath = walk.path === "all" || walk.path[walk.depth] === node.name;
    if (node.load !== undefined && isOnPath) (await node.load())(parent, walk.context);
    else addName(parent, node);
    const command = parent.commands.find((each) => each.name() === node.name);
    if (command === undefined) throw new Error(`the command ${node.name} was added under another name`);
    command.summary(node.summary);
    if (node.alias !== undefined) command.alias(node.alias);
    if (node.children !== undefined && isOnPath) {
      await addNodes(command, node.children, { ...walk, depth: walk.depth + 1 });
    }
  }
}

function addName(parent: Command, node: CommandNode): void {
  silent(parent.command(node.name));
}

/** commander only reads the words: help is of `help/`, and what it throws is printed by the reporter. Its children inherit this. */
function silent(command: Command): Command {
  return command
    .helpCommand(false)
    .helpOption(false)
    .exitOverride()
    .configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
}
