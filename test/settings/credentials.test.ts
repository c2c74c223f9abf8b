import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readCredentials, removeKey } from "../../src/settings/config-file.js";
import { saveLogin } from "../../src/settings/save.js";
import { put, refusal } from "./places.js";
import { freshFolder } from "./spawn-writer.js";
import { saveKey, storeIn } from "./trials.js";

const origin = "https://api.prismagents.com";

function freshStore() {
  const store = storeIn(freshFolder());
  return { store, path: join(store.configDir, "credentials.json") };
}

describe("the credentials file", () => {
  it("is empty if missing, and isn't created by a read", () => {
    const { store } = freshStore();
    expect([...readCredentials(store)]).toEqual([]);
    expect(existsSync(store.configDir)).toBe(false);
  });

  it("stores keys by profile, even under inherited property names", async () => {
    const { store } = freshStore();
    for (const profile of ["default", "constructor", "toString"]) {
      await saveKey(store, { profile, origin, key: `key-of-${profile}` });
    }
    await saveKey(store, { profile: "default", origin: "http://127.0.0.1:1", key: "another" });
    expect([...readCredentials(store)]).toEqual([
      ["default", { origin: "http://127.0.0.1:1", key: "another" }],
      ["constructor", { origin, key: "key-of-constructor" }],
      ["toString", { origin, key: "key-of-toString" }],
    ]);
    expect(readdirSync(store.configDir)).toEqual(["credentials.json"]);
  });

  it("drops a profile's key, and keeps fields added by a later version", async () => {
    const { store, path } = freshStore();
    put(path, {
      later: 1,
      profiles: { a: { origin, key: "key-a", note: "x" }, b: { origin, key: "key-b" } },
    });
    expect(await removeKey(store, "b")).toBe(true);
    expect(await removeKey(store, "b")).toBe(false);
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({
      later: 1,
      profiles: { a: { origin, key: "key-a", note: "x" } },
    });
  });

  it.each([
    ["{", ":1:2 isn't valid JSON"],
    ['{"profiles": []}', ': "profiles" isn\'t an object'],
    ['{"profiles": {"a": "canary-key"}}', ': the entry for "a" isn\'t an object'],
    ['{"profiles": {"a": {"key": "canary-key"}}}', ': the entry for "a" has no origin or no key'],
    [
      '{"profiles": {"a": {"origin": "https://x", "key": "canary key"}}}',
      ': the key of "a" isn\'t a key: character 7 is a space, a control or a special character',
    ],
  ])("is reported, never shown, and left unchanged if broken (%s)", async (text, message) => {
    const { store, path } = freshStore();
    put(path, text);
    const [exitCode, told, hint] = refusal(() => readCredentials(store));
    expect([exitCode, told]).toEqual([2, path + message]);
    expect(`${told} ${hint}`).not.toContain("canary");
    if (!text.includes('"a"')) {
      await expect(saveKey(store, { profile: "b", origin, key: "key-b" })).rejects.toThrow(path);
      await expect(removeKey(store, "a")).rejects.toThrow(path);
    }
    expect(readFileSync(path, "utf8")).toBe(text);
    expect(readdirSync(store.configDir)).toEqual(["credentials.json"]);
  });
});

describe("saveLogin", () => {
  it("saves key and URL, and drops a default URL", async () => {
    const { store, path } = freshStore();
    const config = join(store.configDir, "config.json");
    put(config, { profiles: { p: { deployment: "dep_p" } } });
    await saveLogin(store, { profile: "p", key: "key-1", apiUrl: "https://stage.example.com/herm" });
    expect(JSON.parse(readFileSync(config, "utf8"))).toEqual({
      profiles: { p: { deployment: "dep_p", api_url: "https://stage.example.com/herm" } },
    });
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({
      profiles: { p: { origin: "https://stage.example.com", key: "key-1" } },
    });
    await saveLogin(store, { profile: "p", key: "key-2", apiUrl: origin });
    expect(JSON.parse(readFileSync(config, "utf8"))).toEqual({ profiles: { p: { deployment: "dep_p" } } });
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({ profiles: { p: { origin, key: "key-2" } } });
  });

  it("needs no settings file for the default URL", async () => {
    const { store } = freshStore();
    await saveLogin(store, { profile: "p", key: "key-1", apiUrl: origin });
    expect(readdirSync(store.configDir)).toEqual(["credentials.json"]);
  });

  it("saves no key if the settings file is broken", async () => {
    const { store } = freshStore();
    put(join(store.configDir, "config.json"), "{");
    await expect(saveLogin(store, { profile: "p", key: "key-1", apiUrl: origin })).rejects.toThrow(
      "config.json:1:2 isn't valid JSON",
    );
    expect(readdirSync(store.configDir)).toEqual(["config.json"]);
  });
});
