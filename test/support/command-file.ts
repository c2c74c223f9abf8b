import { join } from "node:path";

/** The built command, as Node runs it. */
export const commandFile = join(import.meta.dirname, "..", "..", "bin", "herm.cjs");

const { HERM_COMMAND: executable } = process.env;

/** True if `HERM_COMMAND` names an executable, which is then tested instead of the built command. */
export const isExecutable = executable !== undefined;

/** A program, and the arguments before the command's own. */
export interface Command {
  file: string;
  args: readonly string[];
}

/** The program that tests start as `herm`. */
export const command: Command =
  executable === undefined ? { file: process.execPath, args: [commandFile] } : { file: executable, args: [] };

/**
 * The folder for the command's compiled code, shared by all tests, whose homes are new. One for each command, because
 * the number of files in a folder is limited.
 */
export function compiledFolder(words: readonly string[]): string {
  const names = words.filter((word) => /^[a-z][a-z-]*$/.test(word)).slice(0, 2);
  return join(import.meta.dirname, "..", "..", "node_modules", ".cache", "herm-compiled", names.join("-"));
}
