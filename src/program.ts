import { Command } from "commander";
import { type CommandNode, commandTree } from "./command-tree.js";
import type { Context } from "./context.js";
import { addGlobalHelp } from "./help.js";

/** What a command's file exports: adds the command, with its flags, help and action. */
export type AddCommand = (parent: Command, context: Context) => void;

/** Builds the tree with only the commands along `path` loaded; the others are names and summaries for help and hints. */
export async function buildProgram(context: Context, path: readonly string[] | "all"): Promise<Command> {
  const program = new Command("herm");
  program
    .description("The command-line tool for the automations of Herm.")
    .usage("<command> [flags]")
    .helpCommand(false)
    .exitOverride();
  await addNodes(program, commandTree, { context, path, depth: 0 });
  addGlobalHelp(program);
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
    if (node.task !== undefined) command.helpGroup(`${node.task}:`);
    if (node.children !== undefined && isOnPath) {
      await addNodes(command, node.children, { ...walk, depth: walk.depth + 1 });
    }
  }
}

function addName(parent: Command, node: CommandNode): void {
  const command = parent
    .command(node.name)
    .description(`${node.summary[0]?.toUpperCase()}${node.summary.slice(1)}.`)
    .helpCommand(false);
  if (node.children !== undefined) command.usage("<command> [flags]");
}
