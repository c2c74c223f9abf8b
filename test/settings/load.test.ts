import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { SettingsEnvironment } from "../../src/settings/load.js";
import { freshPlaces, put, refusal, settingsFor } from "./places.js";

describe("the folders for settings and data", () => {
  it.each<[string, SettingsEnvironment["env"], string, string]>([
    ["below home", {}, "~/.config/herm", "~/.local/share/herm"],
    [
      "in HERM_CONFIG_DIR and HERM_DATA_DIR",
      { HERM_CONFIG_DIR: "/a/c", HERM_DATA_DIR: "/a/d", XDG_CONFIG_HOME: "/x", XDG_DATA_HOME: "/y" },
      "/a/c",
      "/a/d",
    ],
    ["relative to the working folder", { HERM_CONFIG_DIR: "c", HERM_DATA_DIR: "../d" }, "~/project/c", "~/d"],
    ["below XDG's folders", { XDG_CONFIG_HOME: "/x", XDG_DATA_HOME: "/y" }, "/x/herm", "/y/herm"],
    [
      "below home if XDG's folders are relative or empty",
      { XDG_CONFIG_HOME: "x", XDG_DATA_HOME: "", HERM_CONFIG_DIR: "" },
      "~/.config/herm",
      "~/.local/share/herm",
    ],
  ])("are %s", (_title, env, configDir, dataDir) => {
    const places = freshPlaces(env);
    const settings = settingsFor(places);
    const short = (path: string) => path.replace(places.home, "~");
    expect([short(settings.configDir), short(settings.dataDir)]).toEqual([configDir, dataDir]);
  });
});

describe("loadSettings", () => {
  it("reads only the files that it needs", () => {
    const places = freshPlaces({ HERM_API_KEY: "key-of-env", HERM_DEPLOYMENT: "dep_env", HERM_PROFILE: "p" });
    const folder = join(places.home, ".config", "herm");
    put(join(folder, "config.json"), "{");
    put(join(folder, "credentials.json"), "{");
    put(join(places.cwd, ".herm.json"), "{");
    const settings = settingsFor(places, { apiUrl: "https://x.example.com" });
    expect(settings.target().apiKey).toBe("key-of-env");
    expect(settings.deployment()?.ref).toBe("dep_env");
    expect(settings.output).toBe("table");
    expect(refusal(() => settingsFor(places, { profile: "p" }).target())[1]).toBe(
      `${join(folder, "config.json")}:1:2 isn't valid JSON`,
    );
  });

  it("passes all keys to the redactor", () => {
    const places = freshPlaces({
      HERM_API_KEY: " key-of-env\n",
      PRISM_API_KEY: "key-of-prism",
      HERM_DEV_KEY: "key-of-dev",
    });
    put(join(places.home, ".config", "herm", "credentials.json"), {
      profiles: { p: { origin: "https://x.example.com", key: "key-of-p" } },
    });
    const settings = settingsFor(places, { profile: "p" });
    expect(settings.knownKeys()).toEqual(["key-of-env", "key-of-prism", "key-of-dev"]);
    settings.target();
    expect(settings.knownKeys()).toEqual(["key-of-env", "key-of-prism", "key-of-dev", "key-of-p"]);
  });

  it("returns a variable's value, or undefined if empty", () => {
    const settings = settingsFor(freshPlaces({ HERM_FREEZE: "no changes today", HERM_DEPLOYMENT: "" }));
    expect([settings.freeze, settings.env("HERM_DEPLOYMENT"), settings.env("NOT_SET")]).toEqual([
      "no changes today",
      undefined,
      undefined,
    ]);
  });

  it.each(["", "false", "FALSE", "0", "no", "No", "off", " off "])(
    "doesn't treat HERM_FREEZE=%j as a freeze",
    (text) => {
      expect(settingsFor(freshPlaces({ HERM_FREEZE: text })).freeze).toBeUndefined();
    },
  );

  it.each([
    ...["INC-0", "1", "no deploys", "offline"].map((text) => [text, text]),
    [" ", "HERM_FREEZE is set"],
    ["\t\n", "HERM_FREEZE is set"],
  ])("treats HERM_FREEZE=%j as a freeze", (text, shown) => {
    expect(settingsFor(freshPlaces({ HERM_FREEZE: text })).freeze).toBe(shown);
  });
});

describe("a profile's key", () => {
  const login = "for the local server, add --local; to save a key for that address:";
  it.each<[string, SettingsEnvironment["env"], string | undefined, [string, string]]>([
    [
      "HERM_API_URL",
      { HERM_API_URL: "https://evil.example.com/x" },
      undefined,
      [
        'the key of profile "default" was saved for https://api.prismagents.com, so it isn\'t sent to https://evil.example.com (HERM_API_URL)',
        `${login} herm auth login --api-url https://evil.example.com/x`,
      ],
    ],
    [
      "--api-url",
      {},
      "http://127.0.0.1:8080",
      [
        'the key of profile "default" was saved for https://api.prismagents.com, so it isn\'t sent to http://127.0.0.1:8080 (--api-url)',
        `${login} herm auth login --api-url http://127.0.0.1:8080`,
      ],
    ],
    [
      "another port",
      {},
      "https://api.prismagents.com:8443",
      [
        'the key of profile "default" was saved for https://api.prismagents.com, so it isn\'t sent to https://api.prismagents.com:8443 (--api-url)',
        `${login} herm auth login --api-url https://api.prismagents.com:8443`,
      ],
    ],
  ])("isn't sent to another origin: %s", (_title, env, apiUrl, [message, hint]) => {
    const places = freshPlaces(env);
    put(join(places.home, ".config", "herm", "credentials.json"), {
      profiles: { default: { origin: "https://api.prismagents.com", key: "key-of-default" } },
    });
    const target = settingsFor(places, { apiUrl }).target();
    expect([target.apiKey, target.keySource, target.keyProblem]).toEqual([
      undefined,
      "none",
      { message, hint },
    ]);
  });
});
