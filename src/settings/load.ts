import { refuseKey, refuseLongReason } from "../errors/errors.js";
import type { ProcessIdentity } from "../files/lock.js";
import { createPrivateFiles } from "../files/private-files.js";
import { readConfig, readCredentials } from "./config-file.js";
import { configFolder, dataFolder, type FolderEnvironment } from "./folders.js";
import { keyVariables } from "./key.js";
import { findProject } from "./project-file.js";
import { chooseProxy, proxyPasswords } from "./proxy.js";
import { createKeySearch, createRedactor } from "./redact.js";
import type { GlobalFlags, Settings } from "./settings.js";
import {
  checkFlags,
  chooseApiUrl,
  chooseDeployment,
  chooseProfile,
  chooseTarget,
  type TargetSources,
} from "./target.js";

export interface SettingsEnvironment extends ProcessIdentity, FolderEnvironment {}

/**
 * Loads the settings. A file is read when something first depends on it, and once. Throws UsageError for flags that
 * contradict each other.
 */
export function loadSettings(
  flags: GlobalFlags,
  environment: SettingsEnvironment,
  warn: (text: string) => void = () => {},
): Settings {
  checkFlags(flags);
  const env = (name: string) => environment.env[name] || undefined;
  const files = createPrivateFiles(environment);
  const configDir = configFolder(environment);
  const storedKeys = new Set<string>();
  /** Keys of the environment, and of the file once it was read. */
  const knownKeys = () => {
    const given = [...keyVariables, "HERM_DEV_KEY"].flatMap((name) => env(name)?.trim() || []);
    return [...new Set([...given, ...storedKeys])];
  };
  const sources: TargetSources = {
    flags,
    env,
    project: once(() =>
      findProject(environment, files, (path) => warn(`${path} was not read: it belongs to another user`)),
    ),
    config: once(() => readConfig({ files, configDir })),
    credentials: once(() => {
      const credentials = readCredentials({ files, configDir });
      for (const { key } of credentials.values()) storedKeys.add(key);
      return credentials;
    }),
  };
  const everyKey = () => {
    // Keys that can't be read are an error where one of them is needed.
    try {
      sources.credentials();
    } catch {}
    return knownKeys();
  };
  const secrets = () => [...new Set([...knownKeys(), ...proxyPasswords(env)])];
  const findKey = once(() => createKeySearch(everyKey()));
  const redact = once(() => createRedactor([...everyKey(), ...secrets()], "ours"));
  return {
    flags,
    files,
    configDir,
    dataDir: dataFolder(environment),
    environment,
    output: flags.output ?? "table",
    profile: once(() => chooseProfile(sources)),
    apiUrl: once(() => chooseApiUrl(sources)),
    target: once(() => chooseTarget(sources)),
    deployment: once(() => chooseDeployment(sources)),
    project: sources.project,
    proxy: (url) => chooseProxy(new URL(url), env),
    freeze: readFreeze(env("HERM_FREEZE")),
    reason: () => {
      const reason = env("HERM_REASON");
      if (reason === undefined) return undefined;
      refuseLongReason("HERM_REASON", reason);
      refuseKey("HERM_REASON", findKey()(reason));
      return reason;
    },
    env,
    knownKeys: secrets,
    findKey: (text) => findKey()(text),
    redact: (text) => redact()(text),
  };
}

/** A freeze's text; a word that says no is none, and a blank text freezes too. */
function readFreeze(text: string | undefined): string | undefined {
  if (text === undefined || /^\s*(false|0|no|off)\s*$/i.test(text)) return undefined;
  return text.trim() === "" ? "HERM_FREEZE is set" : text;
}

function once<T>(read: () => T): () => T {
  let cached: { value: T } | undefined;
  return () => {
    cached ??= { value: read() };
    return cached.value;
  };
}
