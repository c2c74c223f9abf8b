import { chownSync, mkdirSync, readFileSync, statSync, symlinkSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createPrivateFiles } from "../../src/files/private-files.js";
import { findProject, saveProjectDeployment } from "../../src/settings/project-file.js";
import { herm, startServer } from "../support/harness.js";
import { put, refusal } from "./places.js";
import { self } from "./self.js";
import { freshFolder } from "./spawn-writer.js";

const files = createPrivateFiles(self);
const said = { deployment: "dep_1", profile: "prod" };

/** A tree `root/home/shop/repo/inner` with `.git` in repo, and `root/outside/repo/inner` likewise. */
function tree() {
  const root = freshFolder();
  const home = join(root, "home");
  const repo = join(home, "shop", "repo");
  const outside = join(root, "outside", "repo");
  for (const folder of [repo, outside]) {
    mkdirSync(join(folder, "inner"), { recursive: true });
    mkdirSync(join(folder, ".git"));
  }
  const find = (cwd: string) => findProject({ cwd, home, uid: self.uid }, files)?.path;
  return { root, home, repo, outside, find };
}

describe("a project file", () => {
  it("is the nearest one up to the repository's root", () => {
    const { repo, home, find } = tree();
    put(join(home, "shop", ".herm.json"), said);
    expect(find(join(repo, "inner"))).toBeUndefined();
    put(join(repo, ".herm.json"), said);
    expect(find(join(repo, "inner"))).toBe(join(repo, ".herm.json"));
    put(join(repo, "inner", ".herm.json"), said);
    expect(find(join(repo, "inner"))).toBe(join(repo, "inner", ".herm.json"));
  });

  it("is the nearest one below home outside a repository, but never home's own", () => {
    const { home, find } = tree();
    put(join(home, ".herm.json"), said);
    expect([find(join(home, "shop")), find(home)]).toEqual([undefined, undefined]);
    put(join(home, "shop", ".herm.json"), said);
    mkdirSync(join(home, "shop", "notes"));
    expect(find(join(home, "shop", "notes"))).toBe(join(home, "shop", ".herm.json"));
  });

  it("is found below a home that is a symbolic link", () => {
    const { root, home } = tree();
    symlinkSync(home, join(root, "link"));
    const path = put(join(home, "shop", ".herm.json"), said);
    const places = { cwd: join(home, "shop"), home: join(root, "link"), uid: self.uid };
    expect(findProject(places, files)?.path).toBe(path);
  });

  it("is used outside home only within a repository", () => {
    const { root, outside, find } = tree();
    put(join(root, "outside", ".herm.json"), said);
    expect([find(join(root, "outside")), find(join(outside, "inner"))]).toEqual([undefined, undefined]);
    put(join(outside, ".herm.json"), said);
    expect(find(join(outside, "inner"))).toBe(join(outside, ".herm.json"));
  });

  it("is ignored in a folder beside home with the same prefix", () => {
    const { root, home } = tree();
    const beside = `${home}-2`;
    put(join(beside, ".herm.json"), said);
    expect(findProject({ cwd: beside, home, uid: self.uid }, files)).toBeUndefined();
    put(join(root, "..home", ".herm.json"), said);
    expect(findProject({ cwd: join(root, "..home"), home: root, uid: self.uid }, files)?.profile).toBe(
      "prod",
    );
  });

  it.skipIf(self.uid === undefined)("is ignored if it belongs to another user, which is reported", () => {
    const { repo, home } = tree();
    const planted = put(join(repo, ".herm.json"), { api_key: "planted" });
    const told: string[] = [];
    const find = (uid: number) =>
      findProject({ cwd: join(repo, "inner"), home, uid }, files, (path) => told.push(path));
    expect(find((self.uid ?? 0) + 1)).toBeUndefined();
    expect(told).toEqual([planted]);
    put(planted, said);
    expect(find(self.uid ?? 0)).toMatchObject(said);
    expect(told).toEqual([planted]);
  });

  it.skipIf(self.uid !== 0)("causes one warning, in a command that would use it", async () => {
    const { repo, home } = tree();
    const planted = put(join(repo, ".herm.json"), said);
    chownSync(planted, 12_345, 12_345);
    const server = await startServer();
    const { code, stdout, stderr } = await herm(["automations", "list", "-o", "json"], {
      server,
      home,
      cwd: repo,
      env: { HERM_DEPLOYMENT: "dep_local" },
    });
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: "[]\n",
      stderr: `warning: ${planted} was not read: it belongs to another user\n`,
    });
    const offline = await herm(["schedule", "explain", "@daily"], { home, cwd: repo });
    expect(offline.stderr).toBe("");
    const flagged = await herm(["automations", "list", "--profile", "prod"], { server, home, cwd: repo });
    expect(flagged.stderr).not.toContain("warning");
  });

  it("may contain deployment, profile, or both", () => {
    const { repo, home } = tree();
    const path = put(join(repo, ".herm.json"), { $schema: "https://x/y.json", ...said });
    expect(findProject({ cwd: repo, home, uid: self.uid }, files)).toEqual({ path, ...said });
    put(path, { deployment: "Nord" });
    expect(findProject({ cwd: repo, home, uid: self.uid }, files)).toEqual({
      path,
      deployment: "Nord",
      profile: undefined,
    });
  });

  const secrets = "a project file can't contain keys or URLs; to save them in a profile: herm auth login";
  const fixIt = "fix the file, or move it away; herm left it unchanged";
  const others = 'it may contain only "deployment" and "profile"';
  it.each<[string, string, string | undefined]>([
    ['{"api_key": "planted"}', ': "api_key" doesn\'t belong in a project file', secrets],
    ['{"HERM_API_KEY": "planted"}', ': "HERM_API_KEY" doesn\'t belong in a project file', secrets],
    ['{"token": "planted"}', ': "token" doesn\'t belong in a project file', secrets],
    ['{"api_url": "https://planted"}', ': "api_url" doesn\'t belong in a project file', secrets],
    ['{"baseUrl": "https://planted"}', ': "baseUrl" doesn\'t belong in a project file', secrets],
    ['{"deploment": "dep_1"}', ': "deploment" doesn\'t belong in a project file', others],
    ['{"__proto__": {"profile": "x"}}', ': "__proto__" doesn\'t belong in a project file', others],
    ['{"deployment": 1}', ": deployment must be text", fixIt],
    ['{"profile": " "}', ": profile must be text", fixIt],
    [
      '{"profile": "../x"}',
      ': profile: "../x" isn\'t a valid profile name',
      "up to 64 letters, digits, dots, hyphens and underscores, starting with a letter or digit",
    ],
    ["{'a'}", ":1:2 isn't valid JSON", fixIt],
  ])("is rejected for %s, and its contents are never shown", (text, message, hint) => {
    const { repo, home } = tree();
    const path = put(join(repo, ".herm.json"), text);
    const refused = refusal(() => findProject({ cwd: repo, home, uid: self.uid }, files));
    expect(refused).toEqual([2, path + message, hint]);
    expect(refused.join(" ")).not.toContain("planted");
  });

  it("is rejected if far too large", () => {
    const { repo, find } = tree();
    const path = put(join(repo, ".herm.json"), said);
    truncateSync(path, 65_537);
    expect(refusal(() => find(repo)).slice(0, 2)).toEqual([1, `${path} is larger than 64 KiB`]);
  });

  it("is rejected if it is a symbolic link", () => {
    const { repo, home, find } = tree();
    symlinkSync(put(join(home, "elsewhere.json"), said), join(repo, ".herm.json"));
    expect(refusal(() => find(repo)).slice(0, 2)).toEqual([
      1,
      `${join(repo, ".herm.json")} is a symbolic link`,
    ]);
  });
});

describe("saveProjectDeployment", () => {
  it("saves the deployment in the working folder, and keeps the profile", () => {
    const { repo, home } = tree();
    const cwd = join(repo, "inner");
    const path = saveProjectDeployment({ cwd, home, uid: self.uid, files }, "dep_1");
    expect([path, readFileSync(path, "utf8")]).toEqual([
      join(cwd, ".herm.json"),
      '{\n  "deployment": "dep_1"\n}\n',
    ]);
    expect(statSync(cwd).mode & 0o077).not.toBe(0);
    put(path, { profile: "prod", deployment: "dep_1" });
    saveProjectDeployment({ cwd, home, uid: self.uid, files }, "dep_2");
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({ profile: "prod", deployment: "dep_2" });
  });

  it("rejects a folder where the file would never be read", () => {
    const { home } = tree();
    expect(refusal(() => saveProjectDeployment({ cwd: home, home, uid: self.uid, files }, "dep_1"))).toEqual([
      2,
      `a .herm.json in ${home} would not be read`,
      "it is read inside a git repository, and in folders below your home",
    ]);
  });

  it("leaves an unreadable file unchanged", () => {
    const { repo, home } = tree();
    const path = put(join(repo, ".herm.json"), '{"api_key": "planted"}');
    expect(refusal(() => saveProjectDeployment({ cwd: repo, home, uid: self.uid, files }, "dep_1"))[0]).toBe(
      2,
    );
    expect(readFileSync(path, "utf8")).toBe('{"api_key": "planted"}');
  });
});
