import { globalFlags, helpFlag, isNamed, verboseFlag, versionFlag } from "../command-line/global-flags.js";
import { namedFlags } from "./flags.js";
import { allCommands } from "./tree.js";

/** True for a flag of any command, even with a value; loads all commands. */
export async function isFlagOfAny(word: string): Promise<boolean> {
  const [name = ""] = word.split("=");
  const declarations = await Promise.all(allCommands().map((nodes) => nodes.at(-1)?.load?.()));
  const own = declarations.flatMap((each) => namedFlags(each?.flags));
  return [...globalFlags, helpFlag, verboseFlag, versionFlag, ...own].some((flag) => isNamed(flag, name));
}
