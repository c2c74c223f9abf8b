import { Command, Argument as CommanderArgument, CommanderError, Option } from "commander";
import { refuseTogether } from "../command-line/flag-values.js";
import { UsageError } from "../errors.js";
import type { Argument } from "./arguments.js";
import type { CommandDeclaration } from "./declaration.js";
import { type GivenValue, longName, type NamedFlag, namedFlags } from "./flags.js";
import type { CommandNode } from "./node.js";

interface TypedCommand {
  declaration: CommandDeclaration;
  /** Where it stands in the tree: its groups, then itself. */
  nodes: readonly CommandNode[];
  /** All that was typed but the global flags, each value joined to its flag. */
  words: readonly string[];
}

/** A command's input as its words give it. Throws UsageError where they don't fit it. */
export async function readInput({
  declaration,
  nodes,
  words,
}: TypedCommand): Promise<Record<string, unknown>> {
  const program = silent(new Command("herm"));
  const command = nodes.reduce((parent, { name, alias }) => {
    const child = silent(parent.command(name));
    return alias === undefined ? child : child.alias(alias);
  }, program);
  const { arguments: named = {}, flags = {} } = declaration;
  for (const argument of Object.values(named)) command.addArgument(commanderArgument(argument));
  for (const flag of namedFlags(flags)) command.addOption(commanderOption(flag));
  command.action(() => undefined);
  try {
    program.parse([...words], { from: "user" });
  } catch (error) {
    throw error instanceof CommanderError ? await usageError(error, { declaration, nodes }) : error;
  }
  const given: Record<string, GivenValue> = command.opts();
  for (const [key, { excludes = [] }] of Object.entries(flags)) {
    for (const other of excludes)
      refuseTogether({ [longName(key)]: given[key], [longName(other)]: given[other] });
  }
  const values = Object.entries(flags).map(([key, flag]) => [key, flag.read(given[key], longName(key))]);
  return Object.fromEntries([
    ...Object.keys(named).map((key, at) => [key, command.processedArgs[at]]),
    ...values,
  ]);
}

/** commander only reads the words: help is of `help/`, and what it throws is printed by the reporter. */
function silent(command: Command): Command {
  return command
    .helpCommand(false)
    .helpOption(false)
    .exitOverride()
    .configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
}

function commanderArgument({ name, about, isRequired, isSeveral }: Argument): CommanderArgument {
  const text = isSeveral ? `${name}...` : name;
  return new CommanderArgument(isRequired ? `<${text}>` : `[${text}]`, about);
}

function commanderOption({ long, short, takes, about, isRepeatable = false }: NamedFlag): Option {
  const names = short === undefined ? long : `${short}, ${long}`;
  const option = new Option(takes === undefined ? names : `${names} <${takes}>`, about);
  return isRepeatable
    ? option.argParser((value, values: readonly string[] = []) => [...values, value])
    : option;
}

async function usageError(
  error: CommanderError,
  { declaration, nodes }: Pick<TypedCommand, "declaration" | "nodes">,
): Promise<UsageError> {
  const { usageWords } = await import("./usage.js");
  const usage = usageWords(
    declaration,
    nodes.map(({ name }) => name),
  ).join(" ");
  const takesArguments = Object.keys(declaration.arguments ?? {}).length > 0;
  const isSplit = error.code === "commander.excessArguments" && takesArguments;
  const hint = isSplit ? `${usage}; a text of several words goes in quotes` : `${usage}; see --help`;
  return new UsageError(error.message.replace(/^error: /, "").replaceAll("option", "flag"), { hint });
}
