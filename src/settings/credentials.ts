import { join } from "node:path";
import { isObject } from "../api/json.js";
import { fieldError, fieldOf, type JsonObject, parseObject } from "../files/json-text.js";
import type { PrivateFiles } from "../files/private-files.js";
import { readKey } from "./key.js";

export interface SettingsStore {
  readonly files: PrivateFiles;
  readonly configDir: string;
}

/** A key and the origin (scheme, host, port) it was given for: it is sent nowhere else. */
export interface StoredKey {
  origin: string;
  key: string;
}

export function credentialsPath(configDir: string): string {
  return join(configDir, "credentials.json");
}

/** Runs `work` while nobody else changes the settings or the keys: one lock for both files. */
export function withSettingsLock<T>(store: SettingsStore, work: () => T | Promise<T>): Promise<T> {
  return store.files.withLock(join(store.configDir, "settings"), work, { what: "the settings file" });
}

/** Keys by profile. Throws FileError or UsageError for a file that can't be trusted or read. */
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
  if (!isObject(entry)) throw fieldError(path, `the entry of ${JSON.stringify(profile)} isn't an object`);
  const { origin, key } = entry;
  if (typeof origin !== "string" || typeof key !== "string") {
    throw fieldError(path, `the entry of ${JSON.stringify(profile)} lacks its origin or its key`);
  }
  return { origin, key: readKey(key, `${path}: the key of ${JSON.stringify(profile)}`) };
}

function write(store: SettingsStore, content: JsonObject): void {
  store.files.write(credentialsPath(store.configDir), `${JSON.stringify(content, undefined, 2)}\n`);
}
