import { declareCommand } from "../../command/declaration.js";
import { required } from "../../command/flags.js";
import { hintTo, refuseEmpty, UsageError } from "../../errors/cli-errors.js";
import { didYouMean } from "../../errors/near-misses.js";
import { type FieldList, printFields } from "../../output/field-list.js";
import { createPrinter } from "../../output/printer.js";
import { accessibleVariable, readAccessible } from "../../settings/accessible.js";
import { type ProfileField, profileFields, readConfig, readCredentials } from "../../settings/config-file.js";
import { originOf, readApiUrl } from "../../settings/origin.js";
import { checkProfileName, defaultProfile, exampleProfile, isBuiltIn } from "../../settings/profile-name.js";
import { saveGeneralSetting, saveProfileField } from "../../settings/save.js";
import type { Settings } from "../../settings/settings.js";

export const settingsText =
  "For one profile (--profile, or the current one): deployment or api_url. For all profiles: profile (the one to use) or accessible (true or false).";

export const settingKeys = "deployment, api_url, profile or accessible";

export const command = declareCommand({
  effect: "local",
  arguments: {
    key: required("key", settingKeys, { completes: "settings" }),
    value: required("value", "an id or exact name, a URL, a profile's name, true or false"),
  },
  help: {
    about: `Change a setting. ${settingsText}`,
    use: "Set up a profile, or choose which one is used without --profile.",
    exitCodes: { 6: "another herm process is writing the file" },
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
          ? `${overruling} is set and takes precedence`
          : `${overruling} names a different ${key}, which is used instead`,
      );
    if (warning !== undefined) printer.warn(warning);
  },
});

function warningFor(settings: Settings, setting: Setting, value: string): string | undefined {
  if (setting.key === "profile") {
    const isKnown = readConfig(settings).profiles.has(value) || readCredentials(settings).has(value);
    if (isKnown || value === defaultProfile || isBuiltIn(value)) return undefined;
    return `there is no profile "${value}" yet; to create it: herm auth login --profile ${value}`;
  }
  if (!("profile" in setting) || setting.key !== "api_url") return undefined;
  const stored = readCredentials(settings).get(setting.profile);
  if (stored === undefined || stored.origin === originOf(value)) return undefined;
  return `the key of profile "${setting.profile}" was saved for ${stored.origin}, so it isn't sent to a different address; to save another: herm auth login --profile ${setting.profile}`;
}

type Setting = { key: "profile" | "accessible" } | { key: ProfileField; profile: string };

export function findSetting(settings: Settings, key: string): Setting {
  if (key === "profile" || key === "accessible") return { key };
  const field = profileFields.find((each) => each === key);
  if (field === undefined) {
    throw new UsageError(`there is no setting ${JSON.stringify(key)}`, {
      hint:
        didYouMean(key, ["profile", "accessible", ...profileFields]) ??
        ((herm) =>
          `the settings are profile, accessible, ${profileFields.join(", ")}; to save a key: ${herm("auth", "login")}`),
    });
  }
  const { name } = settings.profile();
  if (!isBuiltIn(name) || (name === exampleProfile && field === "deployment"))
    return { key: field, profile: name };
  throw new UsageError(`the profile "${name}" is built in and has no ${field}`, {
    hint: "for another profile, use --profile <name>",
  });
}

export function storedValue(settings: Settings, setting: Setting): string | undefined {
  const config = readConfig(settings);
  if ("profile" in setting) return config.profiles.get(setting.profile)?.[setting.key];
  return setting.key === "profile" ? config.profile : config.accessible?.toString();
}

/** Throws UsageError for a value that can't be saved. */
function readValue({ key }: Setting, text: string): string {
  if (key === "profile") return checkProfileName(text, key);
  if (key === "api_url") return readApiUrl(text, key);
  if (key === "accessible") return String(readAccessible(text, key));
  const value = text.trim();
  refuseEmpty(key, value, { hint: hintTo("to remove it", "config", "unset", key) });
  return value;
}

export function saveSetting(settings: Settings, setting: Setting, value: string | undefined): Promise<void> {
  if ("profile" in setting)
    return saveProfileField(settings, { profile: setting.profile, field: setting.key, value });
  return saveGeneralSetting(
    settings,
    setting.key === "profile"
      ? { profile: value === defaultProfile ? undefined : value }
      : { accessible: value === undefined ? undefined : value === "true" },
  );
}

export function settingFacts(setting: Setting, value: string | undefined): FieldList {
  const profile = "profile" in setting ? { profile: setting.profile } : {};
  return {
    piped: [[setting.key, value ?? null]],
    json: { ...profile, key: setting.key, value: value ?? null },
    name: value ?? "",
  };
}

/** The flag, variable or file that overrides the settings file for this call. */
function overruledBy(settings: Settings, { key }: Setting): string | undefined {
  const variable = {
    profile: "HERM_PROFILE",
    deployment: "HERM_DEPLOYMENT",
    api_url: "HERM_API_URL",
    accessible: accessibleVariable,
  }[key];
  if (key === "accessible") return settings.env(variable) === undefined ? undefined : variable;
  const { source } = settings.profile();
  if (key !== "profile" && source === "--profile") return undefined;
  if (settings.env(variable) !== undefined) return variable;
  if (key === "api_url") return undefined;
  const project = settings.project();
  return project?.[key] === undefined ? undefined : project.path;
}
