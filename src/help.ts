import type { Command } from "commander";
import { globalFlags } from "./global-flags.js";

/** Appends the flags that every command takes to each command's help: they are read before commander sees the words. */
export function addGlobalHelp(command: Command): void {
  command.configureHelp({ helpWidth: 80, sortSubcommands: false });
  command.usage(command.usage().replace("[options]", "[flags]"));
  command.helpOption("-h, --help", "show this help");
  for (const child of command.commands) addGlobalHelp(child);
  if (command.commands.length === 0) command.addHelpText("after", globalHelp());
  else if (command.parent === null)
    command.addHelpText("after", "\nRun a command with --help for its flags and examples.");
}

function globalHelp(): string {
  const lines: string[] = [];
  for (const group of ["Output", "Connection"] as const) {
    lines.push("", `${group}:`);
    for (const flag of globalFlags.filter((each) => each.group === group)) {
      const name = `${flag.short === undefined ? "    " : `${flag.short}, `}${flag.long}${flag.value === undefined ? "" : ` <${flag.value}>`}`;
      lines.push(`  ${name.padEnd(28)}${flag.summary}`);
    }
  }
  return lines.join("\n");
}
