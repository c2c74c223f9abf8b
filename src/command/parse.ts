import { Command, Argument as CommanderArgument, CommanderError, Option } from "commander";
import { UsageError } from "../errors.js";
import type { CommandCall } from "./call.js";
import type { CommandDeclaration } from "./declaration.js";
import { type NamedFlag, namedFlags } from "./flags.js";
import type { CommandNode } from "./tree.js";
import { argumentWord, usageWords } from "./usage.js";

export interface TypedCommand {
  declaration: CommandDeclaration;
  nodes: readonly CommandNode[];
  /** All that was typed but global flags, each value joined to its flag. */
  words: readonly string[];
}

export type Given = Omit<CommandCall, "effect" | "path">;

/** Lets commander read the words. Throws UsageError where they don't fit. */
export async function parseWords({ declaration, nodes, words }: TypedCommand): Promise<Given> {
  const { arguments: named = {}, flags = {} } = declaration;
  // commander only reads the words: help is of `help/`, and what it throws is printed by the reporter.
  const command = new Command()
    .helpOption(false)
    .exitOverride()
    .configureOutput({ writeOut: () => undefined, writeErr: () => undefined })
    .command(nodes.at(-1)?.name ?? "");
  for (const argument of Object.values(named))
    command.addArgument(new CommanderArgument(argumentWord(argument), argument.about));
  for (const flag of namedFlags(flags)) command.addOption(commanderOption(flag));
  command.action(() => undefined);
  try {
    command.parse(withoutNames(words, nodes.length), { from: "user" });
  } catch (error) {
    throw error instanceof CommanderError ? usageError(error, { declaration, nodes }) : error;
  }
  return { arguments: command.processedArgs, flags: command.opts() };
}

function withoutNames(words: readonly string[], names: number): string[] {
  const places = words.flatMap((word, at) => (word.startsWith("-") ? [] : [at])).slice(0, names);
  return words.filter((_, at) => !places.includes(at));
}

function commanderOption({ long, short, valueName, about, isRepeatable = false }: NamedFlag): Option {
  const names = short === undefined ? long : `${short}, ${long}`;
  const option = new Option(valueName === undefined ? names : `${names} <${valueName}>`, about);
  return isRepeatable
    ? option.argParser((value, values: readonly string[] = []) => [...values, value])
    : option;
}

function usageError(
  error: CommanderError,
  { declaration, nodes }: Pick<TypedCommand, "declaration" | "nodes">,
): UsageError {
  const path = nodes.map(({ name }) => name);
  const usage = usageWords(declaration, path).join(" ");
  if (error.code === "commander.excessArguments") {
    const taken = Object.keys(declaration.arguments ?? {}).length || "none";
    return new UsageError(`too many arguments: herm ${path.join(" ")} takes ${taken}`, {
      hint: `${usage}; ${excessHint(declaration)}`,
    });
  }
  const message = error.message.replace(
    /^error: (?:missing required argument '(.*)')?/,
    (_, name?: string) => (name === undefined ? "" : `<${name}> is missing`),
  );
  return new UsageError(message, { hint: `${usage}; see --help` });
}

function excessHint({ arguments: named = {}, flags = {} }: CommandDeclaration): string {
  const files = namedFlags(flags).find(
    ({ isRepeatable, completes }) => isRepeatable === true && completes === "files",
  );
  if (Object.keys(named).length > 0) return "quote a text of several words";
  // A file is given without its flag, or a shell makes several words of `-f *.yaml`.
  if (files !== undefined) return `${files.short ?? files.long} goes before each file or folder`;
  if (flags.match === undefined) return "see --help";
  const columns = flags.columns === undefined ? "" : "--columns columns, ";
  return `--match picks names, ${columns}-o json | jq fields`;
}
