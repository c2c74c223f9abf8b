import { join } from "node:path";
import { isObject } from "../api/json.js";
import {
  fieldError,
  fieldOf,
  flagField,
  type JsonObject,
  parseObject,
  textField,
} from "../files/json-text.js";
import type { SettingsStore } from "./credentials.js";
import { checkProfileName } from "./profile-name.js";

/** Fields of a profile. Its key is in the credentials file. */
export const profileFields = ["api_url", "deployment"] as const;
export type ProfileField = (typeof profileFields)[number];
export type ProfileSettings = { [field in ProfileField]?: string };

/** The settings file as it is read. Fields that this version doesn't know stay in `whole`. */
export interface ConfigFile {
  profile: string | undefined;
  accessible: boolean | undefined;
  profiles: Map<string, ProfileSettings>;
  whole: JsonObject;
}

export function configPath(configDir: string): string {
  return join(configDir, "config.json");
}

/**
 * Reads the settings file without conf, which alone would take longer than the rest of a command. Throws FileError or
 * UsageError for one that can't be trusted or read.
 */
export function readConfig(store: SettingsStore): ConfigFile {
  const path = configPath(store.configDir);
  const text = store.files.read(path);
  return checkConfig(text === undefined ? {} : parseObject(text, path), path);
}

/** The content with a profile's field set, or taken out where the value is undefined. */
export function withProfileField(
  config: ConfigFile,
  change: { profile: string; field: ProfileField; value: string | undefined },
): JsonObject {
  const profiles = objectOr(fieldOf(config.whole, "profiles"));
  const fields = { ...objectOr(fieldOf(profiles, change.profile)), [change.field]: change.value };
  return withoutEmpty({
    ...config.whole,
    profiles: withoutEmpty({ ...profiles, [change.profile]: withoutEmpty(fields) }),
  });
}

function checkConfig(whole: JsonObject, path: string): ConfigFile {
  const profile = textField(whole, "profile", path);
  if (profile !== undefined) checkProfileName(profile, `${path}: profile`);
  const profiles = fieldOf(whole, "profiles") ?? {};
  if (!isObject(profiles)) throw fieldError(path, "profiles isn't an object");
  const checked = Object.entries(profiles).map(([name, fields]): [string, ProfileSettings] => {
    checkProfileName(name, `${path}: profiles`);
    if (!isObject(fields)) throw fieldError(path, `profiles.${name} isn't an object`);
    const at = `${path}: profiles.${name}`;
    return [
      name,
      { api_url: textField(fields, "api_url", at), deployment: textField(fields, "deployment", at) },
    ];
  });
  return { profile, accessible: flagField(whole, "accessible", path), profiles: new Map(checked), whole };
}

function objectOr(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

/** The content without fields that are undefined or empty. */
export function withoutEmpty(object: JsonObject): JsonObject {
  const entries = Object.entries(object).filter(
    ([, value]) => value !== undefined && !(isObject(value) && Object.keys(value).length === 0),
  );
  return Object.fromEntries(entries);
}
