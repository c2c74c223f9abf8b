import type { Command } from "commander";
import type { Context } from "../../context.js";
import { createPrinter } from "../../output/printer.js";
import { printFacts } from "./facts.js";
import { findSetting, keptValue, saveSetting, settingFacts, settingKeys } from "./setting.js";

export function addConfigUnsetCommand(parent: Command, context: Context): void {
  parent
    .command("unset")
    .argument("<key>", settingKeys)
    .action((key: string) => unsetSetting(context, key));
}

/** Takes a setting away; one that isn't set stays so, and that is no failure. */
export async function unsetSetting(context: Context, key: string): Promise<void> {
  const { settings } = context;
  const setting = findSetting(settings, key);
  const old = keptValue(settings, setting);
  if (old !== undefined) await saveSetting(settings, setting, undefined);
  const printer = await createPrinter(context);
  await printFacts(printer, settings.output, settingFacts(setting, undefined));
  printer.note(old === undefined ? `${key} wasn't set` : `${key} was ${old}`);
}
