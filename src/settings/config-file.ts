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
import type { PrivateFiles } from "../files/private-files.js";
import { readKey } from "./key.js";
import { checkProfileName } from "./profile-name.js";

/** The fields of a profile; its key is in the credentials file. */
export const profileFields = ["api_url", "deployment"] as const;
export type ProfileField = (typeof profileFields)[number];
export type ProfileSettings = { [field in ProfileField]?: string };

/** The settings file as read, with its unknown fields in `whole`. */
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
 * Reads the settings file without conf, which takes longer than the rest of a command. Throws FileError or UsageError
 * for an untrusted or unreadable file.
 */
export function readConfig(store: SettingsStore): ConfigFile {
  const path = configPath(store.configDir);
  const text = store.files.read(path);
  return checkConfig(text === undefined ? {} : parseObject(text, path), path);
}

/** The content with a profile's field set, or removed if undefined. */
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

export function withoutEmpty(object: JsonObject): JsonObject {
  const entries = Object.entries(object).filter(
    ([, value]) => value !== undefined && !(isObject(value) && Object.keys(value).length === 0),
  );
  return Object.fromEntries(entries);
}

export interface SettingsStore {
  readonly files: PrivateFiles;
  readonly configDir: string;
}

/** A key and its origin (scheme, host, port), the only place where it is sent. */
export interface StoredKey {
  origin: string;
  key: string;
}

export function credentialsPath(configDir: string): string {
  return join(configDir, "credentials.json");
}

/** Runs `work` with the settings and keys locked: both files share one lock. */
export function withSettingsLock<T>(store: SettingsStore, work: () => T | Promise<T>): Promise<T> {
  return store.files.withLock(join(store.configDir, "settings"), work, { what: "the settings file" });
}

/** Keys by profile. Throws FileError or UsageError for an untrusted or unreadable file. */
export function readCredentials(store: SettingsStore): Map<string, StoredKey> {
  return new Map(
    Object.entries(readFile(store).profiles).map(([name, entry]) => [name, storedKey(store, name, entry)]),
  );
}

/** Saves a profile's key, for a caller that holds the settings' lock. */
export function writeKey(store: SettingsStore, entry: StoredKey & { profile: string }): void {
  const { profile, origin, key } = entry;
  const { whole, profiles } = readFile(store);
  write(store, { ...whole, profiles: { ...profiles, [profile]: { origin, key } } });
}

export function removeKey(store: SettingsStore, profile: string): Promise<boolean> {
  return withSettingsLock(store, () => {
    const { whole, profiles } = readFile(store);
    if (!Object.hasOwn(profiles, profile)) return false;
    const others = Object.entries(profiles).filter(([name]) => name !== profile);
    write(store, { ...whole, profiles: Object.fromEntries(others) });
    return true;
  });
}

function readFile(store: SettingsStore): { whole: JsonObject; profiles: JsonObject } {
  const path = credentialsPath(store.configDir);
  const text = store.files.read(path);
  if (text === undefined) return { whole: {}, profiles: {} };
  const whole = parseObject(text, path);
  const profiles = fieldOf(whole, "profiles") ?? {};
  if (!isObject(profiles)) throw fieldError(path, '"profiles" isn\'t an object');
  return { whole, profiles };
}

function storedKey(store: SettingsStore, profile: string, entry: unknown): StoredKey {
  const path = credentialsPath(store.configDir);
  if (!isObject(entry)) throw fieldError(path, `the entry for ${JSON.stringify(profile)} isn't an object`);
  const { origin, key } = entry;
  if (typeof origin !== "string" || typeof key !== "string") {
    throw fieldError(path, `the entry for ${JSON.stringify(profile)} has no origin or no key`);
  }
  return { origin, key: readKey(key, `${path}: the key of ${JSON.stringify(profile)}`) };
}

function write(store: SettingsStore, content: JsonObject): void {
  store.files.write(credentialsPath(store.configDir), `${JSON.stringify(content, undefined, 2)}\n`);
}
