/** Loads the settings of a call: its profile, its API, its key, its deployment. */

import { refuseEmpty, refuseKey, refuseLongReason, UsageError } from "../errors/cli-errors.js";
import { didYouMean } from "../errors/near-misses.js";
import type { ProcessIdentity } from "../files/lock.js";
import { createPrivateFiles } from "../files/private-files.js";
import {
  type ConfigFile,
  type ProfileSettings,
  readConfig,
  readCredentials,
  type StoredKey,
} from "./config-file.js";
import { configFolder, dataFolder, type FolderEnvironment } from "./config-folders.js";
import { createKeySearch, createRedactor, keyVariables, readKey } from "./key.js";
import { defaultApiUrl, originOf, readApiUrl } from "./origin.js";
import { checkProfileName, defaultProfile, heedsVariable, isBuiltIn, localProfile } from "./profile-name.js";
import { findProject, type Project } from "./project-file.js";
import { chooseProxy, proxyPasswords } from "./proxy.js";
import type {
  DeploymentChoice,
  GlobalFlags,
  KeyProblem,
  ProfileChoice,
  Settings,
  Target,
} from "./settings.js";

export interface SettingsEnvironment extends ProcessIdentity, FolderEnvironment {}

/** Loads the settings. Each file is read once, on first need. Throws UsageError for contradicting flags. */
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
  /** Keys from the environment, and from the file once it is read. */
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
    // Keys that can't be read are an error only for commands that need a key.
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

/** The freeze message. Values such as `no` mean no freeze, but even blank text means a freeze. */
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

/** The sources for all settings; files are read only when a function is called. */
interface TargetSources {
  flags: GlobalFlags;
  env(name: string): string | undefined;
  project(): Project | undefined;
  config(): ConfigFile;
  credentials(): ReadonlyMap<string, StoredKey>;
}

function checkFlags({ local, profile, apiUrl }: GlobalFlags): void {
  if (profile !== undefined) checkProfileName(profile, "--profile");
  if (local && profile !== undefined && profile !== localProfile) {
    throw new UsageError(`--local and --profile ${profile} can't be used together`);
  }
  if (apiUrl !== undefined && (local || (profile !== undefined && isBuiltIn(profile)))) {
    const flag = local ? "--local" : `--profile ${profile}`;
    throw new UsageError(`${flag} and --api-url can't be used together`);
  }
}

function chooseProfile({ flags, env, project, config }: TargetSources): ProfileChoice {
  if (flags.local) return { name: localProfile, source: "--local" };
  if (flags.profile !== undefined) return { name: flags.profile, source: "--profile" };
  const fromEnv = env("HERM_PROFILE");
  if (fromEnv !== undefined) {
    return { name: checkProfileName(fromEnv, "HERM_PROFILE"), source: "HERM_PROFILE" };
  }
  const fromProject = project()?.profile;
  if (fromProject !== undefined) return { name: fromProject, source: ".herm.json" };
  const fromConfig = config().profile;
  if (fromConfig !== undefined) return { name: fromConfig, source: "config" };
  return { name: defaultProfile, source: "default" };
}

function chooseTarget(sources: TargetSources): Target {
  const profile = chooseProfile(sources);
  const base = { profile: profile.name, profileSource: profile.source };
  const url = chooseUrl(sources, profile);
  if (url === undefined) {
    return { ...base, baseUrl: undefined, apiKey: undefined, keySource: "local", isLocal: true };
  }
  return { ...base, baseUrl: url.url, ...chooseKey(sources, profile, url), isLocal: false };
}

function chooseApiUrl(sources: TargetSources): string | undefined {
  return chooseUrl(sources, chooseProfile(sources))?.url;
}

/** The only deployment that the sources name. Throws UsageError for several `-d`. */
function chooseDeployment(sources: TargetSources): DeploymentChoice | undefined {
  const { flags, env, project } = sources;
  const [ref, ...others] = flags.deployments;
  if (others.length > 0) {
    throw new UsageError("this command works on one deployment", { hint: "give -d once" });
  }
  if (ref !== undefined) {
    refuseEmpty("-d", ref);
    return { ref, source: "-d" };
  }
  const profile = chooseProfile(sources);
  if (profile.name === localProfile) return undefined;
  const fromEnv = env("HERM_DEPLOYMENT");
  if (heedsVariable(profile) && fromEnv !== undefined) return { ref: fromEnv, source: "HERM_DEPLOYMENT" };
  const fromProject = profile.source === "--profile" ? undefined : project()?.deployment;
  if (fromProject !== undefined) return { ref: fromProject, source: ".herm.json" };
  const fromProfile = settingsOf(sources, profile).deployment;
  return fromProfile === undefined ? undefined : { ref: fromProfile, source: "profile" };
}

interface ChosenUrl {
  url: string;
  source: "--api-url" | "HERM_API_URL" | "profile" | "default";
}

function chooseUrl(sources: TargetSources, profile: ProfileChoice): ChosenUrl | undefined {
  const { apiUrl } = sources.flags;
  if (isBuiltIn(profile.name)) {
    if (apiUrl === undefined) return undefined;
    throw new UsageError(
      `--api-url and the profile "${profile.name}" (${profile.source}) can't be used together`,
      {
        hint: "also give --profile, or leave out --api-url",
      },
    );
  }
  checkTls(sources);
  if (apiUrl !== undefined) return { url: readApiUrl(apiUrl, "--api-url"), source: "--api-url" };
  const fromEnv = profile.source === "--profile" ? undefined : sources.env("HERM_API_URL");
  if (fromEnv !== undefined) return { url: readApiUrl(fromEnv, "HERM_API_URL"), source: "HERM_API_URL" };
  const fromProfile = settingsOf(sources, profile).api_url;
  if (fromProfile !== undefined) {
    return { url: readApiUrl(fromProfile, `the api_url of profile "${profile.name}"`), source: "profile" };
  }
  return { url: defaultApiUrl, source: "default" };
}

function checkTls({ env }: TargetSources): void {
  if (env("NODE_TLS_REJECT_UNAUTHORIZED") !== "0") return;
  throw new UsageError("NODE_TLS_REJECT_UNAUTHORIZED=0 turns off the check of the server that gets the key", {
    hint: "unset it; for your own certificate authority, set NODE_EXTRA_CA_CERTS",
  });
}

type ChosenKey = Pick<Target, "apiKey" | "keySource" | "keyProblem">;

function chooseKey(sources: TargetSources, profile: ProfileChoice, url: ChosenUrl): ChosenKey {
  const variable = keyVariables.find((name) => sources.env(name) !== undefined);
  if (variable !== undefined && profile.source !== "--profile") {
    checkEnvKeyMayGo(variable, profile, url);
    return { apiKey: readKey(sources.env(variable) ?? "", variable), keySource: variable };
  }
  const stored = sources.credentials().get(profile.name);
  if (stored === undefined) {
    return { apiKey: undefined, keySource: "none", keyProblem: noKey(sources, { profile, variable, url }) };
  }
  const origin = originOf(url.url);
  if (stored.origin !== origin) {
    return { apiKey: undefined, keySource: "none", keyProblem: boundElsewhere(profile, stored.origin, url) };
  }
  return { apiKey: stored.key, keySource: "profile" };
}

function checkEnvKeyMayGo(variable: string, profile: ProfileChoice, url: ChosenUrl): void {
  if (url.source !== "profile" || url.url === defaultApiUrl) return;
  throw new UsageError(
    `${variable} isn't sent to ${url.url}, which comes from profile "${profile.name}" (${profile.source})`,
    {
      hint: `to send it there, use --api-url ${url.url} or HERM_API_URL; for the profile's own key, --profile ${profile.name}`,
    },
  );
}

/** `variable`: the variable whose key isn't used. */
function noKey(
  sources: TargetSources,
  { profile, url, variable }: { profile: ProfileChoice; url: ChosenUrl; variable: string | undefined },
): KeyProblem {
  const where = url.source === "--api-url" ? ` --api-url ${url.url}` : "";
  const login = `${loginCommand(profile)}${where}`;
  const unused = variable === undefined ? "" : ` (${variable} isn't used, because --profile was given)`;
  const known = [...new Set([...sources.config().profiles.keys(), ...sources.credentials().keys()])].sort();
  if (profile.name === defaultProfile || known.includes(profile.name)) {
    return {
      message: `no API key for profile "${profile.name}"${unused}`,
      hint: `to try it, add --local; in CI set HERM_API_KEY; to save a key: ${login}`,
    };
  }
  const meant = didYouMean(profile.name, known);
  const names = known.length === 0 ? "none yet" : known.join(", ");
  const there = `${meant === undefined ? "profiles" : `${meant} Profiles`} here: ${names}`;
  return {
    message: `there is no profile "${profile.name}" (${profile.source})${unused}`,
    hint: `${there}; for the local server, add --local; to set it up: ${login}`,
  };
}

function boundElsewhere(profile: ProfileChoice, origin: string, url: ChosenUrl): KeyProblem {
  const where = url.source === "default" ? "" : ` --api-url ${url.url}`;
  return {
    message: `the key of profile "${profile.name}" was saved for ${origin}, so it isn't sent to ${originOf(url.url)} (${url.source})`,
    hint: `for the local server, add --local; to save a key for that address: ${loginCommand(profile)}${where}`,
  };
}

function loginCommand({ name }: ProfileChoice): string {
  return name === defaultProfile ? "herm auth login" : `herm auth login --profile ${name}`;
}

function settingsOf(sources: TargetSources, profile: ProfileChoice): ProfileSettings {
  return sources.config().profiles.get(profile.name) ?? {};
}
