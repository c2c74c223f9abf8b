import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { put } from "../settings/places.js";
import { type HermOptions, herm, temporaryFolder } from "../support/harness.js";

const standard = "https://api.prismagents.com";

function homeWith({ config, keys }: { config?: unknown; keys?: unknown } = {}) {
  const home = temporaryFolder();
  const folder = join(home, ".config", "herm");
  if (config !== undefined) put(join(folder, "config.json"), config);
  if (keys !== undefined) put(join(folder, "credentials.json"), { profiles: keys });
  const run = (args: string[], options: HermOptions = {}) =>
    herm(["config", ...args], { home, key: null, ...options, env: { HERM_API_URL: "", ...options.env } });
  const kept = () =>
    existsSync(join(folder, "config.json"))
      ? JSON.parse(readFileSync(join(folder, "config.json"), "utf8"))
      : undefined;
  return { home, folder, run, kept };
}

function placesIn(home: string): string {
  const config = join(home, ".config", "herm");
  return [
    `config dir: ${config}`,
    `config file: ${join(config, "config.json")}`,
    `credentials file: ${join(config, "credentials.json")}`,
    `data dir: ${join(home, ".local", "share", "herm")}\n`,
  ].join("\n");
}

const full = {
  config: {
    profile: "prod",
    profiles: { prod: { deployment: "dep_prod" }, stage: { api_url: "https://stage.example.com" } },
  },
  keys: {
    prod: { origin: standard, key: "hk_live_canary_0123456789" },
    stage: { origin: "https://stage.example.com", key: "short-key" },
  },
};

describe("config list", () => {
  it("shows profiles, with the last four characters of their keys", async () => {
    const { home, run } = homeWith(full);
    expect(await run(["list"])).toEqual({
      code: 0,
      stdout: [
        `prod\tyes\tdep_prod\t6789\t${standard}\t`,
        "stage\t\t\t\thttps://stage.example.com\thttps://stage.example.com",
        "",
      ].join("\n"),
      stderr: placesIn(home),
    });
    const shown = await run(["list"], { tty: true, columns: 120 });
    expect(shown.stdout).toContain("…6789");
    expect(shown.stdout).not.toContain("canary");
  });

  it("prints the settings as JSON", async () => {
    const { run } = homeWith(full);
    expect(JSON.parse((await run(["list", "--json"])).stdout).profiles).toEqual([
      {
        profile: "prod",
        in_use: true,
        api_url: null,
        deployment: "dep_prod",
        key: { last4: "6789", origin: standard },
      },
      {
        profile: "stage",
        in_use: false,
        api_url: "https://stage.example.com",
        deployment: null,
        key: { last4: null, origin: "https://stage.example.com" },
      },
    ]);
    expect((await run(["list", "-o", "name"])).stdout).toBe("prod\nstage\n");
  });

  it("explains how to add the first setting", async () => {
    const { home, run, folder } = homeWith();
    expect(await run(["list"])).toEqual({
      code: 0,
      stdout: "",
      stderr: `no profiles yet; to create one: herm auth login\n${placesIn(home)}`,
    });
    expect(existsSync(folder)).toBe(false);
  });
});

describe("config set", () => {
  it("saves a setting in the current profile, or in a named one", async () => {
    const { run, kept } = homeWith(full);
    expect(await run(["set", "deployment", " dep_2 "])).toEqual({
      code: 0,
      stdout: "deployment\tdep_2\n",
      stderr: "",
    });
    const other = await run(["set", "deployment", "Nord", "--profile", "stage", "--json"]);
    expect(JSON.parse(other.stdout)).toEqual({ profile: "stage", key: "deployment", value: "Nord" });
    expect(kept()).toEqual({
      profile: "prod",
      profiles: {
        prod: { deployment: "dep_2" },
        stage: { api_url: "https://stage.example.com", deployment: "Nord" },
      },
    });
  });

  it("selects the current profile", async () => {
    const { run, kept } = homeWith(full);
    expect(await run(["set", "profile", "stage"])).toEqual({
      code: 0,
      stdout: "profile\tstage\n",
      stderr: "",
    });
    expect(kept()).toEqual({ ...full.config, profile: "stage" });
    await run(["set", "profile", "default"]);
    expect(kept()).toEqual({ profiles: full.config.profiles });
  });

  it.each<[string, string[], HermOptions, string]>([
    [
      "a profile that doesn't exist",
      ["profile", "prd"],
      {},
      'warning: there is no profile "prd" yet; to create it: herm auth login --profile prd\n',
    ],
    [
      "a URL that the profile's key doesn't belong to",
      ["api_url", "https://other.example.com/"],
      {},
      `warning: the key of profile "prod" was saved for ${standard}, so it isn't sent to a different address; to save another: herm auth login --profile prod\n`,
    ],
    [
      "a deployment that the environment overrides",
      ["deployment", "dep_2"],
      { env: { HERM_DEPLOYMENT: "dep_env" } },
      "warning: HERM_DEPLOYMENT names a different deployment, which is used instead\n",
    ],
    [
      "a profile that the environment overrides",
      ["profile", "stage"],
      { env: { HERM_PROFILE: "prod" } },
      "warning: HERM_PROFILE names a different profile, which is used instead\n",
    ],
  ])("warns about %s", async (_title, args, options, stderr) => {
    const { run, kept } = homeWith(full);
    const before = kept();
    const result = await run(["set", ...args], options);
    expect([result.code, result.stderr]).toEqual([0, stderr]);
    expect(kept()).not.toEqual(before);
  });

  it("warns if the project names a different deployment", async () => {
    const { home, run } = homeWith(full);
    const cwd = join(home, "project");
    mkdirSync(cwd);
    const path = put(join(cwd, ".herm.json"), { deployment: "dep_project" });
    expect((await run(["set", "deployment", "dep_2"], { cwd })).stderr).toBe(
      `warning: ${path} names a different deployment, which is used instead\n`,
    );
    expect((await run(["set", "deployment", "dep_2", "--profile", "prod"], { cwd })).stderr).toBe("");
  });

  it.each<[string[], string]>([
    [
      ["api_url", "http://example.com"],
      "error: api_url is http:// to example.com: the key would be sent unencrypted\n",
    ],
    [["api_url", "example.com"], 'error: api_url: "example.com" isn\'t a URL\n'],
    [["profile", "a b"], 'error: profile: "a b" isn\'t a valid profile name\n'],
    [["deployment", " "], "error: deployment is empty\n"],
    [["output", "json"], 'error: there is no setting "output"\n'],
    [["api_key", "hk_live_canary"], 'error: there is no setting "api_key"\n'],
    [["deployment", "dep_1", "--local"], 'error: the profile "local" is built in and has no deployment\n'],
  ])("rejects %j and changes no file", async (args, error) => {
    const { run, kept } = homeWith(full);
    const result = await run(["set", ...args]);
    expect([result.code, result.stdout]).toEqual([2, ""]);
    expect(result.stderr.split("hint:")[0]).toBe(error);
    expect(result.stderr).not.toContain("canary");
    expect(kept()).toEqual(full.config);
  });

  it("leaves a broken file unchanged", async () => {
    const { folder, run } = homeWith({ config: "{" });
    expect(await run(["set", "deployment", "dep_1"])).toEqual({
      code: 2,
      stdout: "",
      stderr: `error: ${join(folder, "config.json")}:1:2 isn't valid JSON\nhint: fix the file, or move it away; herm left it unchanged\n`,
    });
    expect(readFileSync(join(folder, "config.json"), "utf8")).toBe("{");
  });
});

describe("config unset", () => {
  it("removes a setting, and does nothing the second time", async () => {
    const { run, kept } = homeWith(full);
    expect(await run(["unset", "deployment"])).toEqual({
      code: 0,
      stdout: "deployment\t\n",
      stderr: "deployment was dep_prod\n",
    });
    expect(await run(["unset", "deployment", "-o", "jsonl"])).toEqual({
      code: 0,
      stdout: '{"profile":"prod","key":"deployment","value":null}\n',
      stderr: "deployment wasn't set\n",
    });
    expect(await run(["unset", "profile", "--quiet"])).toEqual({
      code: 0,
      stdout: "profile\t\n",
      stderr: "",
    });
    expect(kept()).toEqual({ profiles: { stage: { api_url: "https://stage.example.com" } } });
  });

  it("doesn't create a file to remove a setting from", async () => {
    const { folder, run } = homeWith();
    expect((await run(["unset", "deployment"])).code).toBe(0);
    expect(existsSync(folder)).toBe(false);
  });
});

describe("the paths in config list", () => {
  it("appear in its JSON, even before any file exists", async () => {
    const { home, run } = homeWith();
    const config = join(home, ".config", "herm");
    expect(JSON.parse((await run(["list", "--json"])).stdout)).toEqual({
      config_dir: config,
      config_file: join(config, "config.json"),
      credentials_file: join(config, "credentials.json"),
      data_dir: join(home, ".local", "share", "herm"),
      project_file: null,
      accessible: null,
      profiles: [],
    });
  });

  it("follow the environment, and include the project's file", async () => {
    const { home, run } = homeWith();
    const cwd = join(home, "project");
    mkdirSync(cwd);
    const project = put(join(cwd, ".herm.json"), { deployment: "dep_1" });
    const env = { HERM_CONFIG_DIR: "/x/config", HERM_DATA_DIR: "/x/data" };
    expect(JSON.parse((await run(["list", "--json"], { cwd, env })).stdout)).toMatchObject({
      config_dir: "/x/config",
      data_dir: "/x/data",
      project_file: project,
    });
    expect((await run(["list"], { cwd, env })).stderr).toContain(`project file: ${project}\n`);
  });
});
