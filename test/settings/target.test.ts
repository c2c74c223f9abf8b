import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { SettingsEnvironment } from "../../src/settings/load.js";
import { heedsVariable } from "../../src/settings/profile-name.js";
import type { GlobalFlags } from "../../src/settings/settings.js";
import { freshPlaces, put, refusal, settingsFor } from "./places.js";

const standard = "https://api.prismagents.com";
const stage = "https://stage.example.com";

interface Case {
  flags?: Partial<GlobalFlags>;
  env?: SettingsEnvironment["env"];
  project?: unknown;
  config?: unknown;
  keys?: Record<string, { origin: string; key: string }>;
}

function load({ flags, env, project, config, keys }: Case) {
  const places = freshPlaces(env);
  if (project !== undefined) put(join(places.cwd, ".herm.json"), project);
  const folder = join(places.home, ".config", "herm");
  if (config !== undefined) put(join(folder, "config.json"), config);
  if (keys !== undefined) put(join(folder, "credentials.json"), { profiles: keys });
  return settingsFor(places, flags);
}

const config = {
  profiles: {
    default: { deployment: "dep_default" },
    stage: { api_url: stage, deployment: "dep_stage" },
    other: { deployment: "dep_other" },
  },
};
const keys = {
  default: { origin: standard, key: "key-of-default" },
  stage: { origin: stage, key: "key-of-stage-9f2c" },
  other: { origin: standard, key: "key-of-other" },
};
const everywhere = {
  project: { profile: "other", deployment: "dep_project" },
  config: { ...config, profile: "stage" },
  keys,
};

describe("the current profile", () => {
  it("gets its deployment from HERM_DEPLOYMENT unless it is local or a flag names it", () => {
    const env = { HERM_DEPLOYMENT: "dep_env" };
    for (const flags of [{}, { local: true }, { profile: "stage" }, { profile: "local" }]) {
      const settings = load({ flags, env, config });
      const isHeeded = settings.deployment()?.source === "HERM_DEPLOYMENT";
      expect(heedsVariable(settings.profile())).toBe(isHeeded);
      expect(isHeeded).toBe(Object.keys(flags).length === 0);
    }
  });

  it.each<[string, Case, { name: string; source: string }]>([
    [
      "--profile before any other source",
      { flags: { profile: "p" }, env: { HERM_PROFILE: "e" }, ...everywhere },
      { name: "p", source: "--profile" },
    ],
    [
      "--local before any other source",
      { flags: { local: true }, env: { HERM_PROFILE: "e" }, ...everywhere },
      { name: "local", source: "--local" },
    ],
    [
      "HERM_PROFILE before project and config",
      { env: { HERM_PROFILE: "e" }, ...everywhere },
      { name: "e", source: "HERM_PROFILE" },
    ],
    ["the project before the config", everywhere, { name: "other", source: ".herm.json" }],
    [
      "the config's default",
      { config: { ...config, profile: "stage" } },
      { name: "stage", source: "config" },
    ],
    ["the default if no source names a profile", { config }, { name: "default", source: "default" }],
    [
      "the default if the variable is empty",
      { env: { HERM_PROFILE: "" } },
      { name: "default", source: "default" },
    ],
  ])("comes from %s", (_title, given, profile) => {
    expect(load(given).profile()).toEqual(profile);
  });

  it.each<[string, Case, string]>([
    ["--profile", { flags: { profile: "../x" } }, '--profile: "../x" isn\'t a valid profile name'],
    ["HERM_PROFILE", { env: { HERM_PROFILE: "a b" } }, 'HERM_PROFILE: "a b" isn\'t a valid profile name'],
    [
      "a name of 65",
      { flags: { profile: "x".repeat(65) } },
      `--profile: "${"x".repeat(65)}" isn't a valid profile name`,
    ],
  ])("is rejected if its name is invalid: %s", (_title, given, message) => {
    expect(refusal(() => load(given).profile()).slice(0, 2)).toEqual([2, message]);
  });
});

describe("the target", () => {
  it.each<[string, Case, { baseUrl?: string; apiKey?: string; keySource: string }]>([
    [
      "the environment's key over the profile's, for the default URL",
      { env: { HERM_API_KEY: "key-of-env" }, config, keys },
      { baseUrl: standard, apiKey: "key-of-env", keySource: "HERM_API_KEY" },
    ],
    [
      "HERM_API_KEY over PRISM_API_KEY",
      { env: { HERM_API_KEY: "key-of-env", PRISM_API_KEY: "key-of-prism" } },
      { baseUrl: standard, apiKey: "key-of-env", keySource: "HERM_API_KEY" },
    ],
    [
      "PRISM_API_KEY over the profile's",
      { env: { HERM_API_KEY: "", PRISM_API_KEY: "key-of-prism\n" }, config, keys },
      { baseUrl: standard, apiKey: "key-of-prism", keySource: "PRISM_API_KEY" },
    ],
    [
      "the environment's key to HERM_API_URL, whatever the profile's",
      {
        env: { HERM_API_KEY: "key-of-env", HERM_API_URL: "https://e.example.com/", HERM_PROFILE: "stage" },
        config,
        keys,
      },
      { baseUrl: "https://e.example.com", apiKey: "key-of-env", keySource: "HERM_API_KEY" },
    ],
    [
      "--api-url over HERM_API_URL",
      {
        flags: { apiUrl: "https://f.example.com" },
        env: { HERM_API_KEY: "key-of-env", HERM_API_URL: "https://e.example.com" },
      },
      { baseUrl: "https://f.example.com", apiKey: "key-of-env", keySource: "HERM_API_KEY" },
    ],
    [
      "the profile's URL and key",
      { env: { HERM_PROFILE: "stage" }, config, keys },
      { baseUrl: stage, apiKey: "key-of-stage-9f2c", keySource: "profile" },
    ],
    [
      "HERM_API_URL over the profile's URL, and its key where it was given for that origin",
      { env: { HERM_PROFILE: "stage", HERM_API_URL: `${stage}/herm` }, config, keys },
      { baseUrl: `${stage}/herm`, apiKey: "key-of-stage-9f2c", keySource: "profile" },
    ],
    [
      "an explicit --profile over key, URL and profile of the environment",
      {
        flags: { profile: "stage" },
        env: { HERM_API_KEY: "key-of-env", HERM_API_URL: "https://e.example.com", HERM_PROFILE: "other" },
        ...everywhere,
      },
      { baseUrl: stage, apiKey: "key-of-stage-9f2c", keySource: "profile" },
    ],
    [
      "an explicit --profile default over the environment's key",
      { flags: { profile: "default" }, env: { HERM_API_KEY: "key-of-env" }, config, keys },
      { baseUrl: standard, apiKey: "key-of-default", keySource: "profile" },
    ],
    [
      "a profile's default URL, with the environment's key",
      { env: { HERM_API_KEY: "key-of-env" }, config: { profiles: { default: { api_url: `${standard}/` } } } },
      { baseUrl: standard, apiKey: "key-of-env", keySource: "HERM_API_KEY" },
    ],
    ["no key", {}, { baseUrl: standard, keySource: "none" }],
    [
      "the local server, without any key or URL of the environment",
      {
        flags: { local: true },
        env: { HERM_API_KEY: "key-of-env", HERM_API_URL: "nonsense", NODE_TLS_REJECT_UNAUTHORIZED: "0" },
      },
      { keySource: "local" },
    ],
    ["the local server by --profile local", { flags: { profile: "local" } }, { keySource: "local" }],
    [
      "the local server by HERM_PROFILE",
      { env: { HERM_PROFILE: "local", HERM_API_KEY: "k" } },
      { keySource: "local" },
    ],
  ])("is %s", (_title, given, expected) => {
    const { baseUrl, apiKey, keySource, isLocal } = load(given).target();
    expect({ baseUrl, apiKey, keySource }).toEqual({ baseUrl: undefined, apiKey: undefined, ...expected });
    expect(isLocal).toBe(expected.keySource === "local");
  });

  it.each<[string, Case, string, string | undefined]>([
    [
      "a key of the environment and another URL of the profile",
      { env: { HERM_API_KEY: "key-of-env", HERM_PROFILE: "stage" }, config, keys },
      'HERM_API_KEY isn\'t sent to https://stage.example.com, which comes from profile "stage" (HERM_PROFILE)',
      "to send it there, use --api-url https://stage.example.com or HERM_API_URL; for the profile's own key, --profile stage",
    ],
    [
      "the same, with the project's profile",
      { env: { PRISM_API_KEY: "key-of-env" }, config, project: { profile: "stage" } },
      'PRISM_API_KEY isn\'t sent to https://stage.example.com, which comes from profile "stage" (.herm.json)',
      "to send it there, use --api-url https://stage.example.com or HERM_API_URL; for the profile's own key, --profile stage",
    ],
    [
      "certificate checks that are turned off",
      { env: { NODE_TLS_REJECT_UNAUTHORIZED: "0" } },
      "NODE_TLS_REJECT_UNAUTHORIZED=0 turns off the check of the server that gets the key",
      "unset it; for your own certificate authority, set NODE_EXTRA_CA_CERTS",
    ],
    [
      "--local with another profile",
      { flags: { local: true, profile: "stage" } },
      "--local and --profile stage can't be used together",
      undefined,
    ],
    [
      "--local with --api-url",
      { flags: { local: true, apiUrl: stage } },
      "--local and --api-url can't be used together",
      undefined,
    ],
    [
      "--profile local with --api-url",
      { flags: { profile: "local", apiUrl: stage } },
      "--profile local and --api-url can't be used together",
      undefined,
    ],
    [
      "--api-url if the environment names a local profile",
      { flags: { apiUrl: stage }, env: { HERM_PROFILE: "local" } },
      '--api-url and the profile "local" (HERM_PROFILE) can\'t be used together',
      "also give --profile, or leave out --api-url",
    ],
    [
      "an impossible key",
      { env: { HERM_API_KEY: "two words" } },
      "HERM_API_KEY isn't a key: character 4 is a space, a control or a special character",
      "paste the key alone, on one line",
    ],
    [
      "a profile's unencrypted URL",
      { flags: { profile: "x" }, config: { profiles: { x: { api_url: "http://x.example.com" } } } },
      'the api_url of profile "x" is http:// to x.example.com: the key would be sent unencrypted',
      "use https://x.example.com, or http:// to 127.0.0.1, ::1 or localhost only",
    ],
  ])("is rejected for %s", (_title, given, message, hint) => {
    expect(refusal(() => load(given).target())).toEqual([2, message, hint]);
  });
});

describe("the deployment", () => {
  it.each<[string, Case, { ref: string; source: string } | undefined]>([
    [
      "-d over all",
      { flags: { deployments: ["dep_flag"] }, env: { HERM_DEPLOYMENT: "dep_env" }, ...everywhere },
      { ref: "dep_flag", source: "-d" },
    ],
    [
      "HERM_DEPLOYMENT over project and profile",
      { env: { HERM_DEPLOYMENT: "dep_env" }, ...everywhere },
      { ref: "dep_env", source: "HERM_DEPLOYMENT" },
    ],
    ["the project's over the profile's", everywhere, { ref: "dep_project", source: ".herm.json" }],
    ["the profile's", { config }, { ref: "dep_default", source: "profile" }],
    ["none", {}, undefined],
    [
      "the profile's under an explicit --profile",
      { flags: { profile: "stage" }, env: { HERM_DEPLOYMENT: "dep_env" }, ...everywhere },
      { ref: "dep_stage", source: "profile" },
    ],
    [
      "none under an explicit --profile without a deployment",
      { flags: { profile: "empty" }, env: { HERM_DEPLOYMENT: "dep_env" }, ...everywhere },
      undefined,
    ],
    [
      "the environment's beside HERM_PROFILE=example",
      { env: { HERM_PROFILE: "example", HERM_DEPLOYMENT: "dep_env" }, ...everywhere },
      { ref: "dep_env", source: "HERM_DEPLOYMENT" },
    ],
    [
      "none under --local",
      { flags: { local: true }, env: { HERM_DEPLOYMENT: "dep_env" }, ...everywhere },
      undefined,
    ],
    [
      "-d under --local",
      { flags: { local: true, deployments: ["dep_local"] }, ...everywhere },
      { ref: "dep_local", source: "-d" },
    ],
  ])("is %s", (_title, given, expected) => {
    expect(load(given).deployment()).toEqual(expected);
  });

  it.each<[string, string[], string]>([
    ["several -d", ["dep_a", "dep_b"], "this command works on one deployment"],
    ["an empty -d", [" "], "-d is empty"],
  ])("is rejected for %s", (_title, deployments, message) => {
    expect(refusal(() => load({ flags: { deployments } }).deployment()).slice(0, 2)).toEqual([2, message]);
  });
});
