import type { CommandHelp } from "../command/help.js";
import { nodesAt } from "../command-tree.js";
import { fleetTexts } from "./fleet-texts.js";
import { toolsTexts } from "./tools-texts.js";

/** The help of the command that the words name, from its declaration. */
export async function helpAt(path: readonly string[]): Promise<CommandHelp | undefined> {
  const loaded = await nodesAt(path).at(-1)?.load?.();
  return typeof loaded === "object" ? loaded.help : helpTexts[path.join(" ")];
}

/** The help of the commands that aren't declared. */
const helpTexts: Readonly<Record<string, CommandHelp>> = {
  ...fleetTexts,
  ...toolsTexts,
};
