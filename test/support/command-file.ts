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
