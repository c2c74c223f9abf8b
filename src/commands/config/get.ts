import type { Command } from "commander";
import type { Context } from "../../context.js";
import { NotFoundError } from "../../errors.js";
import { createPrinter } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import { printFacts } from "./facts.js";
import { findSetting, keptValue, settingFacts, settingKeys } from "./setting.js";

export function addConfigGetCommand(parent: Command, context: Context): void {
  parent
    .command("get")
    .argument("<key>", settingKeys)
    .action((key: string) => getSetting(context, key));
}

/** Prints the value alone; one that isn't set is an error (4). */
export async function getSetting(context: Context, key: string): Promise<void> {
  const { settings } = context;
  const setting = findSetting(settings, key);
  const value = keptValue(settings, setting);
  if (value === undefined) {
    const where = setting.key === "profile" ? "" : ` for profile "${setting.profile}"`;
    throw new NotFoundError(`${key} isn't set${where}`, {
      hint: (herm) => `${herm("config", "set", key)} <value>`,
    });
  }
  const printer = await createPrinter(context);
  if (settings.output === "table") return printer.line(safe(value, "cell"));
  return printFacts(printer, settings.output, settingFacts(setting, value));
}
