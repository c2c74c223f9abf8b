import type { Command } from "commander";
import type { Context } from "../context.js";
import { globalFlags } from "../global-flags.js";
import { printList } from "../output/list.js";
import { createPrinter } from "../output/printer.js";

/** A flag as tools read it: `value` is its value's name, absent for a flag that takes none. */
interface DescribedFlag {
  flag: string;
  short?: string;
  value?: string;
  summary: string;
}

/** A command as tools read it. */
interface DescribedCommand {
  command: string;
  alias?: string;
  summary: string;
  arguments: { name: string; required: boolean; several: boolean }[];
  flags: DescribedFlag[];
}

export function addCommandsCommand(parent: Command, context: Context): void {
  parent
    .command("commands")
    .description(
      "List every command. With --output json each has its arguments and flags, for\ntools that write or check command lines.",
    )
    .addHelpText(
      "after",
      `
In a pipe: command, summary, separated by a tab.

Examples:
  herm commands
  herm commands --output json`,
    )
    .action(() => printCommands(context, parent));
}

/** Prints the tree that hangs on `root`; every command of it has to be loaded. */
export async function printCommands(context: Context, root: Command): Promise<void> {
  const printer = await createPrinter(context);
  await printList<DescribedCommand>(printer, {
    format: context.settings.output,
    items: leaves(root).map(describe),
    columns: [
      { key: "command", title: "COMMAND", cell: (row) => row.command },
      { key: "summary", title: "SUMMARY", shrink: 1, cell: (row) => row.summary },
    ],
    json: (row) => ({ ...row, flags: [...row.flags, ...sharedFlags] }),
    name: (row) => row.command,
    empty: "",
  });
}

const sharedFlags: readonly DescribedFlag[] = globalFlags.map(({ long, short, value, summary }) => ({
  flag: long,
  ...(short === undefined ? {} : { short }),
  ...(value === undefined ? {} : { value }),
  summary,
}));

function leaves(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
}

function describe(command: Command): DescribedCommand {
  const alias = command.alias();
  return {
    command: pathOf(command).join(" "),
    ...(alias === undefined ? {} : { alias }),
    summary: command.summary(),
    arguments: command.registeredArguments.map((argument) => ({
      name: argument.name(),
      required: argument.required,
      several: argument.variadic,
    })),
    flags: command.options.map(({ long, short, required, flags, description }) => ({
      flag: long ?? flags,
      ...(short === undefined ? {} : { short }),
      ...(required ? { value: /<(.*)>/.exec(flags)?.[1] ?? "value" } : {}),
      summary: description,
    })),
  };
}

function pathOf(command: Command): string[] {
  return command.parent === null ? [command.name()] : [...pathOf(command.parent), command.name()];
}
