import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { readConfig } from "../../src/settings/config-file.js";
import { saveGeneralSetting, saveProfileField, writeConfig } from "../../src/settings/save.js";
import { put, refusal } from "./places.js";
import { freshFolder } from "./spawn-writer.js";
import { storeIn } from "./trials.js";

function freshStore() {
  const store = storeIn(freshFolder());
  return { store, path: join(store.configDir, "config.json") };
}

describe("the settings file", () => {
  it("is empty if missing, and isn't created by a read", () => {
    const { store } = freshStore();
    expect(readConfig(store)).toEqual({ profile: undefined, profiles: new Map(), whole: {} });
    expect(existsSync(store.configDir)).toBe(false);
  });

  it("stores settings field by field, and drops empty fields", async () => {
    const { store, path } = freshStore();
    await saveProfileField(store, { profile: "a.b", field: "deployment", value: "dep_1" });
    await saveProfileField(store, { profile: "a.b", field: "api_url", value: "https://x.example.com" });
    await saveProfileField(store, { profile: "constructor", field: "deployment", value: "Fleet — Nord" });
    await saveGeneralSetting(store, { profile: "a.b" });
    expect(readFileSync(path, "utf8")).toBe(
      `${JSON.stringify(
        {
          profiles: {
            "a.b": { deployment: "dep_1", api_url: "https://x.example.com" },
            constructor: { deployment: "Fleet — Nord" },
          },
          profile: "a.b",
        },
        undefined,
        2,
      )}\n`,
    );
    await saveProfileField(store, { profile: "constructor", field: "deployment", value: undefined });
    await saveProfileField(store, { profile: "a.b", field: "api_url", value: undefined });
    await saveGeneralSetting(store, { profile: undefined });
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({ profiles: { "a.b": { deployment: "dep_1" } } });
  });

  it("keeps fields added by a later version", async () => {
    const { store, path } = freshStore();
    put(path, { later: [1], profiles: { a: { later: true }, b: {} } });
    await saveProfileField(store, { profile: "a", field: "deployment", value: "dep_1" });
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({
      later: [1],
      profiles: { a: { later: true, deployment: "dep_1" } },
    });
  });

  it.each([
    ['{"profile": "x"', ":1:16 isn't valid JSON"],
    ['{"profile": 1}', ": profile must be text"],
    ['{"profile": "a b"}', ': profile: "a b" isn\'t a valid profile name'],
    ['{"profiles": []}', ": profiles isn't an object"],
    ['{"profiles": {"a": 1}}', ": profiles.a isn't an object"],
    ['{"profiles": {"../a": {}}}', ': profiles: "../a" isn\'t a valid profile name'],
    ['{"profiles": {"a": {"deployment": ""}}}', ": profiles.a: deployment must be text"],
    ['{"profiles": {"a": {"api_url": {}}}}', ": profiles.a: api_url must be text"],
  ])("is reported in one line, and left unchanged, if broken (%s)", async (text, message) => {
    const { store, path } = freshStore();
    put(path, text);
    expect(refusal(() => readConfig(store)).slice(0, 2)).toEqual([2, path + message]);
    await expect(saveGeneralSetting(store, { profile: "p" })).rejects.toThrow(path + message);
    expect(readFileSync(path, "utf8")).toBe(text);
  });

  it("accepts only values that match its schema", async () => {
    const { store, path } = freshStore();
    put(path, { profile: "a" });
    await expect(writeConfig(store, { profile: "a b" })).rejects.toThrow("Config schema violation");
    await expect(writeConfig(store, { profiles: { a: { api_url: 1 } } })).rejects.toThrow(
      "Config schema violation",
    );
    expect(readFileSync(path, "utf8")).toBe('{"profile":"a"}');
  });

  it("is read without a library", async () => {
    const entry = fileURLToPath(new URL("../../src/settings/load.ts", import.meta.url));
    const result = await build({
      entryPoints: [entry],
      bundle: true,
      platform: "node",
      format: "cjs",
      write: false,
      metafile: true,
    });
    expect(Object.keys(result.metafile.inputs).filter((path) => path.includes("node_modules"))).toEqual([]);
  });
});
