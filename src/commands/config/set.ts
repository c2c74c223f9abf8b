import { required } from "../../command/arguments.js";
import { declareCommand } from "../../command/declaration.js";
import { printFields } from "../../output/field-list.js";
import { createPrinter } from "../../output/printer.js";
import { readConfig, readCredentials } from "../../settings/config-file.js";
import { originOf } from "../../settings/origin.js";
import { defaultProfile, isBuiltIn } from "../../settings/profile-name.js";
import type { Settings } from "../../settings/settings.js";
import {
  findSetting,
  overruledBy,
  readValue,
  type Setting,
  saveSetting,
  settingFacts,
  settingKeys,
  settingsText,
} from "./setting.js";

export const command = declareCommand({
  effect: "local",
  arguments: {
    key: required("key", settingKeys, { completes: "settings" }),
    value: required("value", "an id or exact name, a URL, a profile's name, true or false"),
  },
  help: {
    about: `Change a setting of a profile (--profile, or the current one): ${settingsText}`,
    use: "Set up a profile, or choose which one is used without --profile.",
    exitCodes: { 6: "another herm is writing the file" },
    examples: [
      "herm config set deployment dep_7xK9s2 --profile prod",
      "herm config set profile prod",
      "herm config set accessible true",
    ],
  },
  async run(context, { key, value }): Promise<void> {
    const { settings } = context;
    const setting = findSetting(settings, key);
    const stored = readValue(setting, value);
    const warning = warningFor(settings, setting, stored);
    await saveSetting(settings, setting, stored);
    const printer = await createPrinter(context);
    await printFields(printer, settingFacts(setting, stored));
    const overruling = overruledBy(settings, setting);
    if (overruling !== undefined)
      printer.warn(
        setting.key === "accessible"
          ? `${overruling} is set, and is used instead`
          : `${overruling} names another ${key}, which is used instead`,
      );
    if (warning !== undefined) printer.warn(warning);
  },
});

function warningFor(settings: Settings, setting: Setting, value: string): string | undefined {
  if (setting.key === "profile") {
    const isKnown = readConfig(settings).profiles.has(value) || readCredentials(settings).has(value);
    if (isKnown || value === defaultProfile || isBuiltIn(value)) return undefined;
    return `there is no profile "${value}" yet: herm auth login --profile ${value} creates it`;
  }
  if (!("profile" in setting) || setting.key !== "api_url") return undefined;
  const stored = readCredentials(settings).get(setting.profile);
  if (stored === undefined || stored.origin === originOf(value)) return undefined;
  return `the key of profile "${setting.profile}" was given for ${stored.origin} and isn't sent there: herm auth login --profile ${setting.profile}`;
}
