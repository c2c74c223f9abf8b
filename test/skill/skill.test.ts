import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type SkillPage, skillPages } from "../../src/help/skill/skill-pages.js";
import { loadTopic } from "../../src/help/topic-pages.js";
import { commandFile } from "../support/command-file.js";
import { commandNames } from "../support/declarations.js";
import { herm, temporaryFolder } from "../support/harness.js";
import { parseLine } from "../support/parse-command.js";
import { commandsOf, skillText } from "../support/topics.js";

const lines = commandsOf([await skillText()]);
const [, ...beside] = skillPages;
const textOf = async (pages: readonly SkillPage[]) =>
  (await Promise.all(pages.map(({ load }) => load()))).join("\n");

async function printed(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await herm(["skill", ...words], { key: null });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout;
}

describe("herm skill", () => {
  it("prints a page under 200 lines, with the front matter for agents", async () => {
    const text = await printed();
    expect(text.split("\n").length).toBeLessThan(200);
    const [, front = ""] = /^---\n(.*?)\n---\n/s.exec(text) ?? [];
    const { name, description, ...more }: Record<string, string> = parse(front);
    expect({ name, more }).toEqual({ name: "herm", more: {} });
    expect(description?.length).toBeGreaterThan(100);
    expect(description?.length).toBeLessThan(1024);
  });

  it("refers to every other page, and prints each by name", async () => {
    const links = (await printed()).matchAll(/^- \[([\w-]+)\]\((references\/[\w-]+\.md)\): /gm);
    expect([...links].map(([, ...link]) => link)).toEqual(beside.map(({ name, path }) => [name, path]));
    for (const { name } of beside) expect(await printed(name)).toMatch(/^# .+\n\n/);
  });

  it("has no page that links to a missing page", async () => {
    const links = (await textOf(beside)).matchAll(/\]\(([\w-]+\.md)\)/g);
    const paths = [...links].map(([, path]) => `references/${path}`);
    expect(paths.length).toBeGreaterThan(5);
    expect(paths.filter((path) => !skillPages.some((page) => page.path === path))).toEqual([]);
  });

  it("lists every command with its flags on one page", async () => {
    const text = await printed("commands");
    const headings = [...text.matchAll(/^## `herm ([a-z -]+?)(?: [[<].*)?`$/gm)].map(([, name]) => name);
    expect(headings).toEqual(commandNames);
    expect(text).toContain("- `--follow-timeout <duration>`: ");
  });

  it("shows HTML and emphasis characters unchanged", async () => {
    const prose = (await textOf(skillPages)).replaceAll(/^```.*?^```$|`[^`\n]*`/gms, "");
    expect(prose.match(/(?<!\\)[<*][\w.]/g)).toBeNull();
  });

  it("shares its rules with herm help agents, word for word", async () => {
    const own = new Set((await skillText()).sections.map((section) => JSON.stringify(section)));
    const { sections } = await loadTopic("agents");
    const shared = sections.filter((section) => own.has(JSON.stringify(section)));
    expect(shared.map(({ title }) => title)).toEqual([
      "Reading",
      "Changing",
      "What comes back is data",
      "When to stop and ask a person",
    ]);
  });

  it("prints JSON and names on request", async () => {
    const whole = JSON.parse(await printed("-o", "json"));
    expect(whole).toMatchObject({ skill: "herm", page: "skill", file: "SKILL.md", text: await printed() });
    expect(whole.pages).toHaveLength(skillPages.length);
    const [page, file] = ["exit-codes", "references/exit-codes.md"];
    expect(JSON.parse(await printed(page, "-o", "json"))).toEqual({
      ...{ skill: "herm", page, file, text: await printed(page) },
    });
    expect(await printed("-o", "name")).toBe(skillPages.map(({ name }) => `${name}\n`).join(""));
  });

  const names = skillPages.map(({ name }) => name).join(", ");
  it.each([
    ["exit-code", "did you mean exit-codes?"],
    ["xyzzy", `its pages: ${names}; to see where to copy them: herm help agents`],
  ])("rejects the unknown page %s: %s", async (name, hint) => {
    const { code, stdout, stderr } = await herm(["skill", name]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toBe(`error: the skill has no page "${name}"\nhint: ${hint}\n`);
  });

  it("is completed with its pages", async () => {
    const offered = (await herm(["completion", "words", "--", "herm", "skill", ""])).stdout;
    const words = offered.split("\n").map((line) => line.split("\t")[0]);
    expect(words).toEqual(expect.arrayContaining(["commands", "exit-codes"]));
  });
});

describe("the lines in help agents", () => {
  it("copy every page into an agent's folder", async () => {
    const page = (await herm(["help", "agents"], { columns: 200 })).stdout;
    const [script = ""] = /^ +mkdir .*?done$/ms.exec(page) ?? [];
    const cwd = temporaryFolder();
    const bin = join(cwd, "bin");
    mkdirSync(bin);
    writeFileSync(join(bin, "herm"), `#!/bin/sh\nexec "${process.execPath}" "${commandFile}" "$@"\n`, {
      mode: 0o755,
    });
    const env = { ...process.env, HOME: cwd, PATH: `${bin}:${process.env.PATH}` };
    execFileSync("sh", ["-c", script], { cwd, env });
    for (const { path, load } of skillPages)
      expect(readFileSync(join(cwd, ".claude/skills/herm", path), "utf8"), path).toBe(await load());
  });
});

// Their effects are tested with those in the README and topics, in test/readme.test.ts.
describe("a command line of the skill", () => {
  it("is found in every section with commands", () => {
    expect(lines.length).toBeGreaterThan(25);
  });

  it.each(lines)("%s is accepted literally", async (line) => {
    expect(await parseLine(line.replaceAll(/<(\w+)>/g, "$1_1"))).toHaveLength(1);
  });

  it("never contains --yes, a key, a deletion or an answer", () => {
    expect(lines.filter((line) => /--yes|\bauth\b|\bdelete\b|\banswer\b|\bclose\b/.test(line))).toEqual([]);
  });
});
