import type { JsonObject } from "../files/json-text.js";
import { writeConfig } from "./conf-store.js";
import {
  type ConfigFile,
  type ProfileField,
  readConfig,
  type SettingsStore,
  withoutEmpty,
  withProfileField,
  withSettingsLock,
  writeKey,
} from "./config-file.js";
import { defaultApiUrl, originOf } from "./origin.js";

/** Saves a key, bound to the URL's origin, and the URL in the profile where it isn't the default one. */
export function saveLogin(
  store: SettingsStore,
  login: { profile: string; key: string; apiUrl: string },
): Promise<void> {
  const { profile, key, apiUrl } = login;
  const value = apiUrl === defaultApiUrl ? undefined : apiUrl;
  return withSettingsLock(store, async () => {
    const config = readConfig(store);
    writeKey(store, { profile, key, origin: originOf(apiUrl) });
    if (config.profiles.get(profile)?.api_url === value) return;
    await writeConfig(store, withProfileField(config, { profile, field: "api_url", value }));
  });
}

export function saveProfileField(
  store: SettingsStore,
  change: { profile: string; field: ProfileField; value: string | undefined },
): Promise<void> {
  return changeConfig(store, (config) => withProfileField(config, change));
}

/** Sets the default profile or accessible mode, or removes the setting where it is undefined. */
export function saveGeneralSetting(
  store: SettingsStore,
  change: { profile: string | undefined } | { accessible: boolean | undefined },
): Promise<void> {
  return changeConfig(store, ({ whole }) => withoutEmpty({ ...whole, ...change }));
}

function changeConfig(store: SettingsStore, change: (config: ConfigFile) => JsonObject): Promise<void> {
  return withSettingsLock(store, () => writeConfig(store, change(readConfig(store))));
}
