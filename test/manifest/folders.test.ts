import { chmodSync, linkSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { filesIn, mistakesOf, readIn } from "./reading.js";

const manifest = (name: string) =>
  `automations:\n  - name: ${name}\n    schedule: every hour\n    instructions: x\n`;

const filesOf = async (reading: ReturnType<typeof readIn>) =>
  (await reading).manifests.map(({ file }) => file);

/** A folder with manifests, and other files, at every depth. */
function tree(more: Record<string, string> = {}): string {
  return filesIn({
    "defs/b.yaml": manifest("B"),
    "defs/team/a.yml": manifest("A"),
    "defs/team/deep/c.json": '{"removed": ["C"]}',
    "defs/notes/readme.md": "automations: none",
    "defs/notes/package.json": '{"scripts": {"removed": "x"}}',
    "defs/.github/x.yaml": manifest("X"),
    "defs/node_modules/y.yaml": manifest("Y"),
    "defs/team/.hidden.yaml": manifest("Z"),
    ...more,
  });
}

describe("a given folder", () => {
  it("is read without its subfolders, but those with manifests are listed", async () => {
    const { manifests, skippedFolders, skippedFiles } = await readIn(["defs"], { cwd: tree() });
    expect(manifests.map(({ file }) => file)).toEqual(["defs/b.yaml"]);
    expect({ skippedFolders, skippedFiles }).toEqual({ skippedFolders: ["defs/team"], skippedFiles: [] });
  });

  it("is read with subfolders, except dot folders, node_modules and links", async () => {
    const cwd = tree({ "outside/o.yaml": manifest("O"), "plain/p.txt": "automations: []" });
    symlinkSync("../outside", join(cwd, "defs/linked"));
    symlinkSync("../plain", join(cwd, "defs/plain"));
    symlinkSync("team", join(cwd, "defs/same"));
    symlinkSync("..", join(cwd, "defs/team/circle"));
    symlinkSync("../outside/o.yaml", join(cwd, "defs/file.yaml"));
    const { manifests, skippedFolders } = await readIn(["defs"], { cwd, isRecursive: true });
    expect(manifests.map(({ file }) => file)).toEqual([
      "defs/b.yaml",
      "defs/file.yaml",
      "defs/team/a.yml",
      "defs/team/deep/c.json",
    ]);
    expect(skippedFolders).toEqual(["defs/linked"]);
  });

  // Root can read any folder.
  it.skipIf(process.getuid?.() === 0)("lists only unreadable subfolders", async () => {
    const cwd = tree();
    chmodSync(join(cwd, "defs/team/deep"), 0);
    const reading = readIn(["defs"], { cwd, isRecursive: true });
    expect(await mistakesOf(reading)).toEqual(["defs/team/deep:1:1: the folder can't be read"]);
    chmodSync(join(cwd, "defs/team/deep"), 0o755);
  });

  it("prevents a prune while manifests in it are unread", async () => {
    const cwd = tree();
    expect(await mistakesOf(readIn(["defs"], { cwd, prune: true }))).toEqual([
      "defs/team:1:1: its manifests aren't read: --prune needs --recursive here",
    ]);
    const recursive = readIn(["defs/team"], { cwd, prune: true, isRecursive: true });
    expect(await filesOf(recursive)).toEqual(["defs/team/a.yml", "defs/team/deep/c.json"]);
  });

  it("is read without manifests over 1 MiB, but with any number of records", async () => {
    const record = `record: 1\n${"#".repeat(8 * 1024 * 1024 - 20)}\n`;
    const cwd = filesIn({ "defs/a.yaml": manifest("A"), "defs/r.yaml": record });
    for (let at = 0; at < 32; at += 1) linkSync(join(cwd, "defs/r.yaml"), join(cwd, `defs/r${at}.yaml`));
    expect(await filesOf(readIn(["defs"], { cwd }))).toEqual(["defs/a.yaml"]);
    const large = filesIn({ "defs/a.yaml": "#".repeat(9 * 1024 * 1024) });
    expect(await mistakesOf(readIn(["defs"], { cwd: large }))).toContain(
      "defs/a.yaml:1:1: is larger than 1 MiB",
    );
  });

  it("is reported if only its subfolders contain manifests", async () => {
    const cwd = filesIn({ "defs/team/a.yaml": manifest("A") });
    expect(await mistakesOf(readIn(["defs"], { cwd }))).toEqual([
      "defs:1:1: the folder has no .yaml, .yml or .json file; subfolders do: to read them, add --recursive",
    ]);
    expect(await filesOf(readIn(["defs"], { cwd, isRecursive: true }))).toEqual(["defs/team/a.yaml"]);
  });

  it.skipIf(process.getuid?.() === 0)("counts unreadable subfolders as containing manifests", async () => {
    const cwd = filesIn({ "defs/a.yaml": manifest("A") });
    mkdirSync(join(cwd, "defs/closed"), { mode: 0o000 });
    const { skippedFolders } = await readIn(["defs"], { cwd });
    expect(skippedFolders).toEqual(["defs/closed"]);
  });
});

describe("a folder's file that isn't a manifest", () => {
  const cwd = () =>
    filesIn({
      "a.yaml": manifest("A"),
      "package.json": '{"name": "x"}',
      "k8s.yaml": "kind: A\n---\nkind: B\n",
      "list.yaml": "- 1\n",
      "empty.yml": "",
      "tsconfig.json": '{ // not JSON\n "compilerOptions": {"paths": [,]} }',
      "typo.yaml": "automation:\n  - name: A\n",
    });

  it("is skipped, and listed", async () => {
    const folder = cwd();
    const { manifests, skippedFiles } = await readIn(["."], { cwd: folder });
    expect(manifests.map(({ file }) => file)).toEqual(["a.yaml"]);
    expect(skippedFiles).toEqual([
      { file: "empty.yml" },
      { file: "k8s.yaml" },
      { file: "list.yaml" },
      { file: "package.json" },
      { file: "tsconfig.json" },
      { file: "typo.yaml", misspelt: "automation" },
    ]);
  });

  it("is a mistake with --prune", async () => {
    const folder = filesIn({ "a.yaml": manifest("A"), "package.json": "{}", "typo.yaml": "remove: [x]\n" });
    const says =
      "neither a manifest nor a --values file: with --prune, every file needs a top-level automations: or removed: key";
    expect(await mistakesOf(readIn(["."], { cwd: folder, prune: true }))).toEqual([
      `package.json:1:1: ${says}`,
      `typo.yaml:1:1: ${says} (remove may be misspelt)`,
    ]);
  });

  it("is a mistake if it is named directly, even after its folder", async () => {
    const folder = filesIn({ "a.yaml": manifest("A"), "package.json": '{"deployments": ["dep_1"]}' });
    expect(await mistakesOf(readIn([".", "package.json"], { cwd: folder }))).toEqual([
      "package.json:1:1: a manifest needs a top-level automations: or removed: key",
    ]);
  });
});

describe("a file with two paths", () => {
  it("is read once, by its first path, despite other spellings, folders and links", async () => {
    const cwd = filesIn({ "defs/a.yaml": manifest("A"), "defs/b.yaml": manifest("B") });
    symlinkSync("a.yaml", join(cwd, "defs/link.yaml"));
    symlinkSync("defs", join(cwd, "same"));
    const paths = ["defs/a.yaml", "./defs/../defs/a.yaml", join(cwd, "defs/a.yaml"), "same/a.yaml", "defs"];
    expect(await filesOf(readIn(paths, { cwd }))).toEqual(["defs/a.yaml", "defs/b.yaml"]);
    expect(await filesOf(readIn(["defs/link.yaml", "defs/a.yaml"], { cwd }))).toEqual(["defs/link.yaml"]);
  });

  it("is a mistake if different folders give its paths different meanings", async () => {
    const cwd = filesIn({ "defs/a.yaml": manifest("A"), "prod/b.yaml": manifest("B") });
    symlinkSync("../defs/a.yaml", join(cwd, "prod/a.yaml"));
    expect(await filesOf(readIn(["prod"], { cwd }))).toEqual(["prod/a.yaml", "prod/b.yaml"]);
    expect(await mistakesOf(readIn(["defs", "prod"], { cwd }))).toEqual([
      "prod/a.yaml:1:1: this is defs/a.yaml through a link in another folder: give only one of them",
    ]);
  });
});
