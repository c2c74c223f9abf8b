import type { Command } from "commander";
import { globalFlags } from "./global-flags.js";

/** Appends the flags that every command takes to each command's help: they are read before commander sees the words. */
export function addGlobalHelp(command: Command): void {
  command.configureHelp({
    helpWidth: 80,
    sortSubcommands: false,
    styleTitle: (title) => (title === "Options:" && command.commands.length === 0 ? "This command:" : title),
  });
  command.usage(command.usage().replace("[options]", "[flags]"));
  command.helpOption("-h, --help", "show this help");
  for (const child of command.commands) addGlobalHelp(child);
  if (command.commands.length === 0) command.addHelpText("after", globalHelp());
  else if (command.parent === null) command.addHelpText("after", rootHelp);
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

const rootHelp = `
Begin:
  herm automations create              asks for what it needs
  herm automations list                what is there, and when it runs next
  herm automations trigger <ref>       run one now, and follow the run
  herm runs list --failed --since 12h  why did last night fail
  herm --local automations list        try everything without an account

A ref is an id (auto_…) or an exact name, of a deployment: dep_…/<ref>.
Run a command with --help for its flags and examples.`;
