import { type Command, Argument as CommanderArgument, Option } from "commander";
import { refuseTogether } from "../command-line/flag-values.js";
import type { Context } from "../context.js";
import type { Argument } from "./arguments.js";
import type { CommandDeclaration } from "./declaration.js";
import type { Flag, GivenValue } from "./flags.js";
import { refuseFrozen } from "./freeze.js";

/** Adds a declared command to commander, which reads its words; its action reads them into the input and runs it. */
export function addDeclared(
  parent: Command,
  { name, declaration, context }: { name: string; declaration: CommandDeclaration; context: Context },
): void {
  const command = parent.command(name);
  const { arguments: named = {}, flags = {} } = declaration;
  for (const argument of Object.values(named)) command.addArgument(commanderArgument(argument));
  for (const [key, flag] of Object.entries(flags)) addFlag(command, key, flag);
  command.action(async () => {
    const input = inputOf(declaration, command);
    if (declaration.isFrozen?.(input) === true) refuseFrozen(context);
    await declaration.run(context, input);
  });
}

/** The flag's long name: `--dry-run` of `dryRun`. */
export function longName(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function commanderArgument({ name, about, isRequired, isSeveral }: Argument): CommanderArgument {
  const text = isSeveral ? `${name}...` : name;
  return new CommanderArgument(isRequired ? `<${text}>` : `[${text}]`, about);
}

function addFlag(command: Command, key: string, flag: Flag): void {
  const { takes, about, short, choices, isHidden = false, isRepeatable = false, opposite } = flag;
  const names = short === undefined ? longName(key) : `${short}, ${longName(key)}`;
  const option = new Option(takes === undefined ? names : `${names} ${takes}`, about).hideHelp(isHidden);
  if (choices !== undefined) option.choices([...choices]);
  if (isRepeatable) option.argParser((value, values: readonly string[] = []) => [...values, value]);
  command.addOption(option);
  if (opposite !== undefined) command.addOption(new Option(`--no-${longName(key).slice(2)}`, opposite));
}

function inputOf(
  { arguments: named = {}, flags = {} }: CommandDeclaration,
  command: Command,
): Record<string, unknown> {
  const given: Record<string, GivenValue> = command.opts();
  for (const [key, { excludes = [] }] of Object.entries(flags)) {
    for (const other of excludes)
      refuseTogether({ [longName(key)]: given[key], [longName(other)]: given[other] });
  }
  const values = Object.entries(flags).map(([key, flag]) => [key, flag.read(given[key], longName(key))]);
  const words = Object.keys(named).map((key, at) => [key, command.processedArgs[at]]);
  return Object.fromEntries([...words, ...values]);
}
