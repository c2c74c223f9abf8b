import { declareCommand } from "../../command/declaration.js";
import { required } from "../../command/flags.js";
import { printFields } from "../../output/field-list.js";
import { createPrinter } from "../../output/printer.js";
import { findSetting, saveSetting, settingFacts, settingKeys, settingsText, storedValue } from "./set.js";

export const command = declareCommand({
  effect: "local",
  arguments: {
    key: required("key", settingKeys, { completes: "settings" }),
  },
  help: {
    about: `Clear a setting. ${settingsText}`,
    use: "Use it if you want to be asked again, or to go back to the default.",
    exitCodes: { 6: "another herm process is writing the file" },
    examples: ["herm config unset deployment", "herm config unset profile"],
  },
  async run(context, { key }): Promise<void> {
    const { settings } = context;
    const setting = findSetting(settings, key);
    const old = storedValue(settings, setting);
    if (old !== undefined) await saveSetting(settings, setting, undefined);
    const printer = await createPrinter(context);
    await printFields(printer, settingFacts(setting, undefined));
    printer.note(old === undefined ? `${key} wasn't set` : `${key} was ${old}`);
  },
});
