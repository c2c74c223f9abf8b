import { Command, CommanderError } from "commander";
import { type CommandNode, commandTree } from "./command-tree.js";
import type { Context } from "./context.js";
import { UsageError } from "./errors.js";

/** What a command's file exports: adds the command, with its flags, arguments and action. */
export type AddCommand = (parent: Command, context: Context) => void;

/** Builds the tree of the commands along `path`, or of all. */
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
    if (!isOnPath) continue;
    const loaded = await node.load?.();
    if (loaded === undefined) silent(parent.command(node.name));
    else if (typeof loaded === "function") loaded(parent, walk.context);
    else
      (await import("./command/parse.js")).addDeclared(parent, {
        name: node.name,
        declaration: loaded,
        context: walk.context,
      });
    const command = parent.commands.find((each) => each.name() === node.name);
    if (command === undefined) throw new Error(`the command ${node.name} was added under another name`);
    command.summary(node.summary);
    if (node.alias !== undefined) command.alias(node.alias);
    if (node.children !== undefined) {
      await addNodes(command, node.children, { ...walk, depth: walk.depth + 1 });
    }
  }
}

/** commander only reads the words: help is of `help/`, and what it throws is printed by the reporter. Its children inherit this. */
function silent(command: Command): Command {
  return command
    .helpCommand(false)
    .helpOption(false)
    .exitOverride()
    .configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
}

/** The command at the path, as far as there is one. */
export function commandAt(program: Command, path: readonly string[]): Command {
  let command = program;
  for (const name of path) {
    command = command.commands.find((each) => each.name() === name) ?? command;
  }
  return command;
}

interface ParsedWords {
  words: readonly string[];
  /** The command that they name, and where it is. */
  command: Command;
  path: readonly string[];
}

/** Runs the command that the words name. Throws UsageError where they don't fit it, and what the command throws. */
export async function parseWords(program: Command, { words, command, path }: ParsedWords): Promise<void> {
  try {
    await program.parseAsync([...words], { from: "user" });
  } catch (error) {
    throw error instanceof CommanderError ? await usageError(error, { command, path }) : error;
  }
}

async function usageError(
  error: CommanderError,
  { command, path }: Pick<ParsedWords, "command" | "path">,
): Promise<UsageError> {
  const { usageWords } = await import("./help/usage.js");
  const usage = usageWords(command, path).join(" ");
  const isSplit = error.code === "commander.excessArguments" && command.registeredArguments.length > 0;
  const hint = isSplit ? `${usage}; a text of several words goes in quotes` : `${usage}; --help tells more`;
  return new UsageError(error.message.replace(/^error: /, "").replaceAll("option", "flag"), { hint });
}
