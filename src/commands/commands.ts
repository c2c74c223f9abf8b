import { declareCommand } from "../command/declaration.js";
import { namedFlags, shownArguments } from "../command/flags.js";
import type { CommandNode } from "../command/tree.js";
import { allCommands } from "../command/tree.js";
import { globalFlags } from "../command-line/global-flags.js";
import { createPrinter } from "../output/printer.js";
import { printSummaries } from "../output/table/summaries.js";

/** A flag as `herm commands` describes it. */
interface DescribedFlag {
  flag: string;
  short?: string | undefined;
  /** The name of its value; absent if the flag has none. */
  value?: string | undefined;
  /** All its values, if only these words are valid. */
  choices?: readonly string[] | undefined;
  summary: string;
}

/** A command as `herm commands` describes it. */
interface DescribedCommand {
  command: string;
  alias?: string | undefined;
  summary: string;
  description: string;
  arguments: { name: string; required: boolean; several: boolean; summary: string }[];
  flags: DescribedFlag[];
  /** Meanings by code. Every command can also exit with 0, 1, 2 and 130. */
  exit_codes: Readonly<Record<string, string>>;
  examples: readonly string[];
}

export const command = declareCommand({
  effect: "reads",
  help: {
    about: "List every command.",
    use: "For tools that write or check command lines: --output json has arguments, flags, exit codes and examples.",
    inPipe: "command, summary",
    examples: ["herm commands", "herm commands --output json"],
  },
  async run(context): Promise<void> {
    await printSummaries<DescribedCommand, "command">(await createPrinter(context), {
      items: await Promise.all(allCommands().map(describe)),
      key: "command",
      json: (row) => ({ ...row, flags: [...row.flags, ...sharedFlags] }),
    });
  },
});

const sharedFlags: readonly DescribedFlag[] = globalFlags.map(
  ({ long, short, valueName: value, choices, summary }) => ({
    flag: long,
    short,
    value,
    choices,
    summary,
  }),
);

async function describe(nodes: readonly CommandNode[]): Promise<DescribedCommand> {
  const node = nodes.at(-1);
  const declaration = await node?.load?.();
  if (node === undefined || declaration === undefined) throw new Error("a group was taken for a command");
  const { help } = declaration;
  return {
    command: ["herm", ...nodes.map(({ name }) => name)].join(" "),
    alias: node.alias,
    summary: node.summary,
    description: help.about,
    arguments: shownArguments(declaration).map(({ name, about, isRequired, isVariadic }) => ({
      name,
      required: isRequired,
      several: isVariadic,
      summary: about,
    })),
    flags: namedFlags(declaration.flags)
      .filter(({ isHidden }) => isHidden !== true)
      .map(({ long, short, valueName, choices, about }) => ({
        flag: long,
        short,
        value: valueName,
        choices,
        summary: about,
      })),
    exit_codes: help.exitCodes ?? {},
    examples: help.examples,
  };
}
