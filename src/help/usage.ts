import type { Command } from "commander";

/** How a command is called, in words: `herm config set <key> <value>`. */
export function usageWords(command: Command, path: readonly string[]): string[] {
  return ["herm", ...path, ...command.registeredArguments.map(argumentName)];
}

function argumentName(argument: Command["registeredArguments"][number]): string {
  const text = argument.variadic ? `${argument.name()}...` : argument.name();
  return argument.required ? `<${text}>` : `[${text}]`;
}
