import type { CommandHelp } from "../command/help.js";
import { automationsTexts } from "./automations-texts.js";
import { fleetTexts } from "./fleet-texts.js";
import { runsTexts } from "./runs-texts.js";
import { setupTexts } from "./setup-texts.js";
import { toolsTexts } from "./tools-texts.js";

/** The help of every command, by its words: `automations list`. */
export const helpTexts: Readonly<Record<string, CommandHelp>> = {
  ...automationsTexts,
  ...fleetTexts,
  ...runsTexts,
  ...setupTexts,
  ...toolsTexts,
};
