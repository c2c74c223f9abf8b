import { refuseEmpty, UsageError } from "../../errors.js";
import { didYouMean } from "../../near-misses.js";
import type { FieldList } from "../../output/field-list.js";
import { accessibleVariable, readAccessible } from "../../settings/accessible.js";
import { type ProfileField, profileFields, readConfig } from "../../settings/config-file.js";
import { readApiUrl } from "../../settings/origin.js";
import { checkProfileName, defaultProfile, exampleProfile, isBuiltIn } from "../../settings/profile-name.js";
import { saveGeneralSetting, saveProfileField } from "../../settings/save.js";
import type { Settings } from "../../settings/settings.js";

/** A field of the profile in force, the default profile, or accessible mode. */
export type Setting = { key: "profile" | "accessible" } | { key: ProfileField; profile: string };

export const settingsText =
  "deployment or api_url; or for all profiles: profile (the one to use) or accessible (true or false).";

export const settingKeys = "deployment, api_url, profile or accessible";

export function findSetting(settings: Settings, key: string): Setting {
  if (key === "profile" || key === "accessible") return { key };
  const field = profileFields.find((each) => each === key);
  if (field === undefined) {
    throw new UsageError(`there is no setting ${JSON.stringify(key)}`, {
      hint:
        didYouMean(key, ["profile", "accessible", ...profileFields]) ??
        ((herm) =>
          `the settings are profile, accessible, ${profileFields.join(", ")}; a key is given with ${herm("auth", "login")}`),
    });
  }
  const { name } = settings.profile();
  if (!isBuiltIn(name) || (name === exampleProfile && field === "deployment"))
    return { key: field, profile: name };
  throw new UsageError(`the profile "${name}" is built in and has no ${field}`, {
    hint: "for another profile give --profile <name>",
  });
}

export function storedValue(settings: Settings, setting: Setting): string | undefined {
  const config = readConfig(settings);
  if ("profile" in setting) return config.profiles.get(setting.profile)?.[setting.key];
  return setting.key === "profile" ? config.profile : config.accessible?.toString();
}

/** Throws UsageError for a value that can't be saved. */
export function readValue({ key }: Setting, text: string): string {
  if (key === "profile") return checkProfileName(text, key);
  if (key === "api_url") return readApiUrl(text, key);
  if (key === "accessible") return String(readAccessible(text, key));
  const value = text.trim();
  refuseEmpty(key, value, { hint: (herm) => `${herm("config", "unset", key)} removes it` });
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

/** The flag, variable or file that goes before the settings file here. */
export function overruledBy(settings: Settings, { key }: Setting): string | undefined {
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
