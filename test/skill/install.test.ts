import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { skillPages } from "../../src/help/skill/pages.js";
import { canFillDisk, fillDisk } from "../support/full-disk.js";
import { type HermOptions, herm, temporaryFolder } from "../support/harness.js";

const paths = skillPages.map(({ path }) => path);
const isRoot = process.getuid?.() === 0;

function place() {
  const home = temporaryFolder();
  const run = (words: readonly string[], options: HermOptions = {}) =>
    herm(["skill", "install", ...words], { key: null, home, ...options });
  const there = (): string[] =>
    readdirSync(home, { recursive: true, encoding: "utf8" })
      .filter((path) => !path.startsWith(".local") && lstatSync(join(home, path)).isFile())
      .toSorted();
  const at = (path: string) => join(home, path);
  return { home, run, there, at };
}

const written = paths.map((path) => `skills/herm/${path}`).toSorted();
const undoOf = (stderr: string) => [...stderr.matchAll(/^undo: (.*)$/gm)].map(([, line = ""]) => line);

describe("herm skill install", () => {
  it("shows the files, asks, writes them, and undo takes them away again", async () => {
    const { run, there, at } = place();
    const { code, stdout, stderr } = await run(["--dir", "skills"], { answers: [true] });
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `✓ ${paths.length} files of the skill written to skills/herm\n`,
    });
    for (const path of paths) expect(stderr).toContain(`+ skills/herm/${path}\n`);
    expect(there()).toEqual(written);
    for (const { path, load } of skillPages)
      expect(readFileSync(at(`skills/herm/${path}`), "utf8")).toBe(await load());
    const [undo = "", ...more] = undoOf(stderr);
    expect({ undo, more }).toEqual({ undo: `rm -r ${at("skills/herm")}`, more: [] });
    execFileSync("sh", ["-c", undo]);
    expect(there()).toEqual([]);
  });

  it("writes nothing when the answer is no", async () => {
    const { run, there, at } = place();
    const { code, stderr } = await run(["--dir", "skills"], { answers: [false] });
    expect({ code, there: there(), made: existsSync(at("skills")) }).toEqual({
      code: 1,
      there: [],
      made: false,
    });
    expect(stderr).toMatch(/nothing changed\n$/);
  });

  it("needs --yes where there is nobody to ask, having shown what it would write", async () => {
    const { run, there } = place();
    const { code, stderr } = await run(["--dir", "skills"]);
    expect({ code, there: there() }).toEqual({ code: 2, there: [] });
    expect(stderr).toContain("+ skills/herm/SKILL.md\n");
    expect(stderr).toContain("error: skill install needs --yes when herm can't ask");
    expect(await run(["--dir", "skills", "--yes"])).toMatchObject({ code: 0 });
    expect(there()).toEqual(written);
  });

  it("needs a folder", async () => {
    const { run } = place();
    expect(await run([])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(".claude/skills for Claude Code"),
    });
    expect(await run(["--dir="])).toMatchObject({ code: 2, stderr: expect.stringContaining("is empty") });
  });

  it("has nothing to do the second time, and asks nothing", async () => {
    const { run } = place();
    await run(["--dir", "skills", "--yes"]);
    expect(await run(["--dir", "skills"], { answers: [] })).toEqual({
      code: 0,
      stdout: "✓ the skill in skills/herm is up to date\n",
      stderr: "",
    });
    const rows = JSON.parse((await run(["--dir", "skills", "-o", "json"])).stdout);
    expect(rows).toEqual(paths.map((path) => ({ file: `skills/herm/${path}`, result: "unchanged" })));
  });

  it("refuses a file that differs, and with --force keeps what it held and says how to get it back", async () => {
    const { run, at } = place();
    await run(["--dir", "skills", "--yes"]);
    writeFileSync(at("skills/herm/SKILL.md"), "my own notes\n");
    const refused = await run(["--dir", "skills", "--yes"]);
    expect(refused).toMatchObject({ code: 6, stdout: "" });
    expect(refused.stderr).toBe(
      [
        "~ skills/herm/SKILL.md (replaces a file that differs)",
        "error: skills/herm/SKILL.md differs; nothing was written",
        "hint: --force replaces it, and saves the old one",
        "",
      ].join("\n"),
    );
    expect(readFileSync(at("skills/herm/SKILL.md"), "utf8")).toBe("my own notes\n");
    const { code, stdout, stderr } = await run(["--dir", "skills", "--force", "--yes"]);
    expect({ code, first: stdout.split("\n")[0] }).toEqual({
      code: 0,
      first: "skills/herm/SKILL.md\treplaced",
    });
    for (const line of undoOf(stderr)) execFileSync("sh", ["-c", line]);
    expect(readFileSync(at("skills/herm/SKILL.md"), "utf8")).toBe("my own notes\n");
  });

  it("leaves what else is in the folder alone, also in its undo", async () => {
    const { run, there, at } = place();
    mkdirSync(at("skills/herm"), { recursive: true });
    writeFileSync(at("skills/herm/notes.md"), "mine");
    const { stderr } = await run(["--dir", "skills", "--yes"]);
    expect(there()).toEqual([...written, "skills/herm/notes.md"].toSorted());
    for (const line of undoOf(stderr)) execFileSync("sh", ["-c", line]);
    expect(there()).toEqual(["skills/herm/notes.md"]);
  });

  it.each<[string, (at: (path: string) => string) => void, string]>([
    ["the skill's folder is a link", (at) => symlinkSync(at("out"), at("skills/herm")), "is a symbolic link"],
    [
      "a page is a link",
      (at) => {
        mkdirSync(at("skills/herm"));
        symlinkSync(at("out/x"), at("skills/herm/SKILL.md"));
      },
      "is a symbolic link",
    ],
    [
      "the folder of references is a link",
      (at) => {
        mkdirSync(at("skills/herm"));
        symlinkSync(at("out"), at("skills/herm/references"));
      },
      "is a symbolic link",
    ],
    ["a file is where the folder goes", (at) => writeFileSync(at("skills/herm"), ""), "isn't a folder"],
    [
      "a folder is where a page goes",
      (at) => mkdirSync(at("skills/herm/SKILL.md"), { recursive: true }),
      "isn't a file",
    ],
  ])("refuses where %s, --force too", async (_, prepare, why) => {
    const { run, there, at } = place();
    mkdirSync(at("skills"));
    mkdirSync(at("out"));
    prepare(at);
    const before = there();
    const { code, stderr } = await run(["--dir", "skills", "--yes", "--force"]);
    expect({ code, there: there() }).toEqual({ code: 6, there: before });
    expect(stderr).toMatch(new RegExp(`^error: skills/herm\\S* ${why}; nothing was written\n`));
  });

  it("goes through a folder that is itself a link: that is what was named", async () => {
    const { run, there, at } = place();
    mkdirSync(at("out"));
    symlinkSync(at("out"), at("skills"));
    expect(await run(["--dir", "skills", "--yes"])).toMatchObject({ code: 0 });
    expect(there()).toContain("out/herm/SKILL.md");
  });

  it("says so where --dir is a file", async () => {
    const { run, at } = place();
    writeFileSync(at("skills"), "");
    const { code, stderr } = await run(["--dir", "skills", "--yes"]);
    expect({ code, text: readFileSync(at("skills"), "utf8") }).toEqual({ code: 6, text: "" });
    expect(stderr).toContain("(ENOTDIR)");
  });

  it.skipIf(isRoot)(
    "writes nothing into a folder that can't be written (not as root, whom no mode stops)",
    async () => {
      const { run, there, at } = place();
      mkdirSync(at("skills"));
      chmodSync(at("skills"), 0o500);
      const { code, stderr } = await run(["--dir", "skills", "--yes"]);
      expect({ code, there: there() }).toEqual({ code: 6, there: [] });
      expect(stderr).toContain("can't be written (EACCES)");
    },
  );

  it.skipIf(!canFillDisk)("leaves nothing behind on a full disk (where prlimit can make one)", async () => {
    const { run, there, at } = place();
    fillDisk();
    const { code, stderr } = await run(["--dir", "skills", "--yes"]);
    expect({ code, there: there(), made: existsSync(at("skills")) }).toEqual({
      code: 6,
      there: [],
      made: false,
    });
    expect(stderr).toContain("can't be written (EFBIG)");
  });

  it("notices what somebody wrote while it asked", async () => {
    const { run, at } = place();
    const answer = () => {
      mkdirSync(at("skills/herm"), { recursive: true });
      writeFileSync(at("skills/herm/SKILL.md"), "quick");
      return true;
    };
    const { code, stderr } = await run(["--dir", "skills"], { answers: [answer] });
    expect(code).toBe(6);
    expect(stderr).toContain("a file has changed since; nothing was written");
    expect(readFileSync(at("skills/herm/SKILL.md"), "utf8")).toBe("quick");
  });
});
