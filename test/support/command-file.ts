import { join } from "node:path";

/** The built command, as Node runs it. */
export const commandFile = join(import.meta.dirname, "..", "..", "bin", "herm.cjs");

const { HERM_COMMAND: executable } = process.env;

/** Whether `HERM_COMMAND` names an executable, which is then tried in place of the built command. */
export const isExecutable = executable !== undefined;

/** A program, and the words that go before the command's own. */
export interface Command {
  file: string;
  args: readonly string[];
}

/** What a test starts as `herm`. */
export const command: Command =
  executable === undefined ? { file: process.execPath, args: [commandFile] } : { file: executable, args: [] };

/**
 * Where the command keeps what V8 compiles: shared by all tests, whose homes are new. One for each of its commands, since
 * it keeps only so many files in one.
 */
export function compiledFolder(words: readonly string[]): string {
  const names = words.filter((word) => /^[a-z][a-z-]*$/.test(word)).slice(0, 2);
  return join(import.meta.dirname, "..", "..", "node_modules", ".cache", "herm-compiled", names.join("-"));
}
