import { readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import process from "node:process";
import type Conf from "conf";
import { FileError } from "../files/file-error.js";
import type { JsonObject } from "../files/json-text.js";
import { homeFolder } from "../files/machine.js";
import {
  type ConfigFile,
  configPath,
  type ProfileField,
  readConfig,
  type SettingsStore,
  withoutEmpty,
  withProfileField,
  withSettingsLock,
  writeKey,
} from "./config-file.js";
import { defaultApiUrl, originOf } from "./origin.js";
import { profileNamePattern } from "./profile-name.js";

/** Saves a key, bound to the URL's origin, and the profile's URL unless it is the default. */
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

/** Sets the default profile or accessible mode, or removes the setting if undefined. */
export function saveGeneralSetting(
  store: SettingsStore,
  change: { profile: string | undefined } | { accessible: boolean | undefined },
): Promise<void> {
  return changeConfig(store, ({ whole }) => withoutEmpty({ ...whole, ...change }));
}

function changeConfig(store: SettingsStore, change: (config: ConfigFile) => JsonObject): Promise<void> {
  return withSettingsLock(store, () => writeConfig(store, change(readConfig(store))));
}

const text = { type: "string", minLength: 1 } as const;

/** Writable fields; fields from a later version are kept. */
const schema = {
  profile: { type: "string", pattern: profileNamePattern },
  profiles: {
    type: "object",
    propertyNames: { pattern: profileNamePattern },
    additionalProperties: { type: "object", properties: { api_url: text, deployment: text } },
  },
} as const;

/**
 * Writes the settings file for a caller that holds the settings' lock. conf checks the content against the schema and
 * writes it beside the file, which is then replaced under the rules for private files: in place, conf would follow a
 * symlink, rename a truncated file after a full disk, and ignore locks.
 * @internal
 */
export async function writeConfig(store: SettingsStore, content: JsonObject): Promise<void> {
  const LoadedConf = await loadConf();
  const path = configPath(store.configDir);
  store.files.replace(path, (temporaryPath) => {
    const conf = new LoadedConf<JsonObject>({
      cwd: dirname(temporaryPath),
      configName: basename(temporaryPath),
      fileExtension: "",
      configFileMode: 0o600,
      accessPropertiesByDotNotation: false,
      serialize,
      schema,
    });
    conf.store = content;
    if (readFileSync(temporaryPath, "utf8") !== serialize(content))
      throw new FileError(path, "was cut short");
  });
}

function serialize(content: JsonObject): string {
  return `${JSON.stringify(content, undefined, 2)}\n`;
}

/**
 * Loads conf and removes its signal listeners: at import, conf's writer catches SIGINT, SIGTERM and others, and sends
 * each again after its cleanup, which a command that continues would read as a second Ctrl-C.
 */
async function loadConf(): Promise<typeof Conf> {
  // When imported, conf reads the user's home, which it doesn't need here, and throws if there is none.
  const { env } = own;
  const hadHome = env.HOME;
  env.HOME ??= homeFolder();
  const taken: [signal: string, listener: SignalListener][] = [];
  const note = (event: string | symbol, listener: SignalListener) => {
    if (typeof event === "string" && event.startsWith("SIG")) taken.push([event, listener]);
  };
  own.on("newListener", note);
  const { default: loaded } = await import("conf").finally(() => {
    own.off("newListener", note);
    if (hadHome === undefined) delete env.HOME;
  });
  for (const [signal, listener] of taken) own.off(signal, listener);
  return loaded;
}

/** The process, used only to undo conf's changes to it. */
const own: Pick<NodeJS.EventEmitter, "on" | "off"> & Pick<NodeJS.Process, "env"> = process;

type SignalListener = (...args: unknown[]) => void;
