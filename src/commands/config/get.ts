import { required } from "../../command/arguments.js";
import { declareCommand } from "../../command/declaration.js";
import { NothingFoundError } from "../../errors.js";
import { printOne } from "../../output/one.js";
import { createPrinter } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import { findSetting, keptValue, settingFacts, settingKeys, settingsText } from "./setting.js";

export const command = declareCommand({
  effect: "reads",
  arguments: {
    key: required("key", settingKeys, { completes: "settings" }),
  },
  help: {
    about: `Print one setting of the current profile: ${settingsText}`,
    use: "In scripts. config list shows all of them.",
    exitCodes: { 4: "it isn't set" },
    examples: ["herm config get deployment", "herm config get api_url --profile prod"],
  },
  /** Prints the value alone; one that isn't set is an error (4). */
  async run(context, { key }): Promise<void> {
    const { settings } = context;
    const setting = findSetting(settings, key);
    const value = keptValue(settings, setting);
    if (value === undefined) {
      const where = "profile" in setting ? ` for profile "${setting.profile}"` : "";
      throw new NothingFoundError(`${key} isn't set${where}`, {
        hint: (herm) => `${herm("config", "set", key)} <value>`,
      });
    }
    const printer = await createPrinter(context);
    const { json, name } = settingFacts(setting, value);
    await printOne(printer, { json, name, table: () => printer.line(safe(value, "cell")) });
  },
});
