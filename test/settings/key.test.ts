import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { lastFour, readKey, requireKey } from "../../src/settings/key.js";
import { freshPlaces, put, refusal, settingsFor } from "./places.js";

describe("readKey", () => {
  it.each([
    ["hk_live_0123456789", "hk_live_0123456789"],
    ["  hk_live_0123456789\r\n", "hk_live_0123456789"],
    ["!~", "!~"],
  ])("reads %j as %s", (text, key) => {
    expect(readKey(text, "stdin")).toBe(key);
  });

  it.each([
    ["", "stdin is empty"],
    [" \n\t", "stdin is empty"],
    ["k".repeat(4097), "stdin has 4097 characters: too long for a key"],
    ["secret\nsecret", "stdin isn't a key: character 7 is a space, a control or a special character"],
    ["secret\u0000", "stdin isn't a key: character 7 is a space, a control or a special character"],
    ["secrét", "stdin isn't a key: character 5 is a space, a control or a special character"],
    ["secret\u200b", "stdin isn't a key: character 7 is a space, a control or a special character"],
  ])("rejects %j without repeating it", (text, message) => {
    expect(refusal(() => readKey(text, "stdin")).slice(0, 2)).toEqual([2, message]);
  });
});

describe("lastFour", () => {
  it.each([
    ["hk_live_019f2c", "9f2c"],
    ["123456789012", "9012"],
    ["12345678901", null],
    ["", null],
  ])("shows, for %s, only %s", (key, shown) => {
    expect(lastFour(key)).toBe(shown);
  });
});

describe("requireKey", () => {
  const login = "to try it, add --local; in CI set HERM_API_KEY; to save a key:";

  it("returns the target's key", () => {
    expect(requireKey(settingsFor(freshPlaces({ HERM_API_KEY: "key-of-env" })).target())).toBe("key-of-env");
  });

  it("explains both solutions: a login, or --local", () => {
    expect(refusal(() => requireKey(settingsFor(freshPlaces()).target()))).toEqual([
      3,
      'no API key for profile "default"',
      `${login} herm auth login`,
    ]);
  });

  it("names an unknown profile, and lists the known profiles", () => {
    const places = freshPlaces();
    const config = join(places.home, ".config", "herm", "config.json");
    const refused = (profile: string) =>
      refusal(() => requireKey(settingsFor(places, { profile }).target())).slice(1);
    expect(refused("nope")).toEqual([
      'there is no profile "nope" (--profile)',
      "profiles here: none yet; for the local server, add --local; to set it up: herm auth login --profile nope",
    ]);
    put(config, { profiles: { prod: {}, stage: {} } });
    expect(refused("nope")[1]).toMatch(/^profiles here: prod, stage; for the local server, add --local; /);
    expect(refused("prd")[1]).toMatch(
      /^did you mean prod\? Profiles here: prod, stage; for the local server, /,
    );
    expect(refused("prod")[0]).toBe('no API key for profile "prod"');
  });

  it("explains why an environment key isn't used", () => {
    const settings = settingsFor(freshPlaces({ PRISM_API_KEY: "key-of-env" }), { profile: "default" });
    expect(refusal(() => requireKey(settings.target()))).toEqual([
      3,
      'no API key for profile "default" (PRISM_API_KEY isn\'t used, because --profile was given)',
      `${login} herm auth login`,
    ]);
  });
});
