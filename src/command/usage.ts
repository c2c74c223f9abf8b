import type { Argument } from "./arguments.js";
import type { CommandDeclaration } from "./declaration.js";

export function usageWords(declaration: CommandDeclaration, path: readonly string[]): string[] {
  return ["herm", ...path, ...shownArguments(declaration).map(argumentWord)];
}

export function shownArguments({ arguments: named = {} }: CommandDeclaration): Argument[] {
  return Object.values(named).filter(({ isHidden }) => isHidden !== true);
}

export function argumentWord({ name, isRequired, isVariadic }: Argument): string {
  const text = isVariadic ? `${name}...` : name;
  return isRequired ? `<${text}>` : `[${text}]`;
}
