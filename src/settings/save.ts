import { changeConfig, writeConfig } from "./conf-store.js";
import {
  type ProfileField,
  readConfig,
  withAccessible,
  withDefaultProfile,
  withProfileField,
} from "./config-file.js";
import { type SettingsStore, withSettingsLock, writeKey } from "./credentials.js";
import { defaultApiUrl, originOf } from "./origin.js";

/**
 * Keeps a key that was found good, bound to the URL's origin, and the URL in the profile where it isn't the default one.
 */
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

/** Sets a field of a profile's settings, or takes it out where the value is undefined. */
export function saveProfileField(
  store: SettingsStore,
  change: { profile: string; field: ProfileField; value: string | undefined },
): Promise<void> {
  return changeConfig(store, (config) => withProfileField(config, change));
}

/** Switches accessible mode on or off where the environment doesn't say; undefined: off. */
export function saveAccessible(store: SettingsStore, accessible: boolean | undefined): Promise<void> {
  return changeConfig(store, (config) => withAccessible(config, accessible));
}

/** Says which profile is in force where nothing else does; undefined: `default`. */
export function saveDefaultProfile(store: SettingsStore, profile: string | undefined): Promise<void> {
  return changeConfig(store, (config) => withDefaultProfile(config, profile));
}
