import type { Command, Option } from "commander";
import { globalFlags } from "../command-line/global-flags.js";
import type { Context } from "../context.js";
import { helpAt } from "../help/texts.js";
import { printList } from "../output/list.js";
import { createPrinter } from "../output/printer.js";

/** A flag as tools read it. */
interface DescribedFlag {
  flag: string;
  short?: string;
  /** The name of its value; absent for a flag that takes none. */
  value?: string;
  /** All that the value can be, where only a few words are taken. */
  choices?: readonly string[];
  summary: string;
}

/** A command as tools read it. */
interface DescribedCommand {
  command: string;
  alias?: string;
  summary: string;
  description: string;
  arguments: { name: string; required: boolean; several: boolean; summary: string }[];
  flags: DescribedFlag[];
  /** By code, in words; 0, 1, 2 and 130 are every command's. */
  exit_codes: Readonly<Record<string, string>>;
  examples: readonly string[];
}

export function addCommandsCommand(parent: Command, context: Context): void {
  parent.command("commands").action(() => printCommands(context, parent));
}

/** Prints the tree that hangs on `root`; every command of it has to be loaded. */
export async function printCommands(context: Context, root: Command): Promise<void> {
  const printer = await createPrinter(context);
  await printList<DescribedCommand>(printer, {
    format: context.settings.output,
    items: await Promise.all(leaves(root).map(describe)),
    columns: [
      { key: "command", title: "COMMAND", cell: (row) => row.command },
      { key: "summary", title: "SUMMARY", shrink: 1, cell: (row) => row.summary },
    ],
    json: (row) => ({ ...row, flags: [...row.flags, ...sharedFlags] }),
    name: (row) => row.command,
    empty: "",
  });
}

const sharedFlags: readonly DescribedFlag[] = globalFlags.map(({ long, short, value, choices, summary }) => ({
  flag: long,
  ...(short === undefined ? {} : { short }),
  ...(value === undefined ? {} : { value }),
  ...(choices === undefined ? {} : { choices }),
  summary,
}));

function leaves(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
}

async function describe(command: Command): Promise<DescribedCommand> {
  const alias = command.alias();
  const path = pathOf(command);
  const { about = "", exitCodes = {}, examples = [] } = (await helpAt(path.slice(1))) ?? {};
  return {
    command: path.join(" "),
    ...(alias === undefined ? {} : { alias }),
    summary: command.summary(),
    description: about,
    arguments: command.registeredArguments.map((argument) => ({
      name: argument.name(),
      required: argument.required,
      several: argument.variadic,
      summary: argument.description,
    })),
    flags: command.options.filter(({ hidden }) => !hidden).map(describeFlag),
    exit_codes: exitCodes,
    examples,
  };
}

function describeFlag({ long, short, required, flags, argChoices, description }: Option): DescribedFlag {
  return {
    flag: long ?? flags,
    ...(short === undefined ? {} : { short }),
    ...(required ? { value: /<(.*)>/.exec(flags)?.[1] ?? "value" } : {}),
    ...(argChoices === undefined ? {} : { choices: argChoices }),
    summary: description,
  };
}

function pathOf(command: Command): string[] {
  return command.parent === null ? [command.name()] : [...pathOf(command.parent), command.name()];
}
