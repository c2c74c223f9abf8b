import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { releaseDate } from "../../.build/man-pages.mjs";
import { namedFlags } from "../../src/command/flags.js";
import { globalFlags } from "../../src/command-line/global-flags.js";
import "../../src/commands/command-tree.js";
import { commandTree, nodesAt } from "../../src/command/tree.js";
import { manPages } from "../../src/help/man/man-pages.js";
import { loadTopic } from "../../src/help/topic-pages.js";
import { topics } from "../../src/help/topics.js";
import { commandNames, declarations } from "../support/declarations.js";
import { isThere, sectionsOf, unroff } from "../support/roff.js";
import { linesOf, textsOf } from "../support/topics.js";

const root = join(import.meta.dirname, "../..");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const edition = { version: "1.2.3", date: "2026-03-03" };
const pages = new Map((await manPages(edition)).map(({ path, text }) => [path, text]));
const paths = [...pages.keys()];

const groups = commandTree()
  .filter(({ children = [] }) => children.length > 0)
  .map(({ name }) => name);
const commandPath = (name: string) => `man1/${["herm", ...name.split(" ")].join("-")}.1`;
const topicPath = (name: string) => `man7/herm-${name}.7`;
const pageOf = (path: string) => sectionsOf(pages.get(path) ?? "");
const wordsOf = (lines: readonly string[] = []) =>
  lines
    .filter((line) => !line.startsWith("."))
    .join(" ")
    .replaceAll(/ \\? +/g, " ");
const withoutMarks = (text: string) => text.replaceAll("`", "").replaceAll(/ +/g, " ");

describe("the man pages", () => {
  it("exist for herm and each group, command and topic, and nothing else", () => {
    const expected = [
      "man1/herm.1",
      ...new Set([...groups, ...commandNames].map(commandPath)),
      ...topics.map(({ name }) => topicPath(name)),
    ];
    expect(paths.toSorted()).toEqual(expected.toSorted());
    expect(paths.length).toBeGreaterThan(60);
  });

  it("are built, and listed in package.json for npm", () => {
    const built = readdirSync(join(root, "dist", "man"), { recursive: true, encoding: "utf8" });
    expect(built.filter((path) => path.includes(".")).toSorted()).toEqual(paths.toSorted());
    expect(manifest.man).toEqual(paths.map((path) => `dist/man/${path}`).toSorted());
  });

  it("are reproducible, and contain only the version's date", async () => {
    expect(await manPages(edition)).toEqual([...pages].map(([path, text]) => ({ path, text })));
    const { version } = manifest;
    const date = releaseDate(readFileSync(join(root, "CHANGELOG.md"), "utf8"), version);
    for (const { path, text } of await manPages({ version, date }))
      expect(readFileSync(join(root, "dist", "man", path), "utf8")).toBe(text);
  });

  it.each([
    ["the date in the heading", "# Changelog\n\n## 1.2.3 (2026-03-03)\n\n- One.\n", "2026-03-03"],
    ["no date if the heading has none", "## 1.2.3\n", ""],
    ["no date of another version", "## 1.2.30 (2026-03-03)\n", ""],
    ["no date before the release", "## Unreleased\n", ""],
  ])("contain, from the changelog, %s", (_, changelog, date) => {
    expect(releaseDate(changelog, "1.2.3")).toBe(date);
  });

  it.each(paths)("are ASCII, with title, name and version: %s", (path) => {
    const text = pages.get(path) ?? "";
    const [, name = "", section = ""] = /^man\d\/(.+)\.(\d)$/.exec(path) ?? [];
    expect(text).toMatch(/^[\n\x20-\x7e]+$/);
    expect(unroff(text.split("\n")[1] ?? "")).toBe(
      `.TH "${name.toUpperCase()}" "${section}" "2026-03-03" "herm 1.2.3" "herm manual"`,
    );
    const command = commandNames.find((each) => commandPath(each) === path);
    const words = command?.split(" ") ?? name.split("-").slice(1);
    const summary =
      section === "7"
        ? topics.find((each) => `herm-${each.name}` === name)?.summary
        : nodesAt(words).at(-1)?.summary;
    const expected = summary === undefined ? expect.stringMatching(/^herm - [a-z]/) : `${name} - ${summary}`;
    expect([...pageOf(path).keys()][0]).toBe("NAME");
    expect(pageOf(path).get("NAME")).toEqual([expected]);
  });

  it.each(paths)("contain, in %s, only references to other existing pages", (path) => {
    const led = [...(pages.get(path) ?? "").matchAll(/\\fB([a-z\\-]+)\\fR\((\d)\)/g)].map(
      ([, name = "", section]) => `man${section}/${unroff(name)}.${section}`,
    );
    expect(led.length).toBeGreaterThan(1);
    expect(led.filter((each) => !pages.has(each) || each === path)).toEqual([]);
  });

  it("lead from herm to every other page through its groups", () => {
    const reached = new Set<string>(["man1/herm.1"]);
    for (const path of reached) {
      for (const [, name = "", section] of (pages.get(path) ?? "").matchAll(/\\fB([a-z\\-]+)\\fR\((\d)\)/g))
        reached.add(`man${section}/${unroff(name)}.${section}`);
    }
    expect([...reached].toSorted()).toEqual(paths.toSorted());
  });
});

describe("the man page of a command or group", () => {
  it.each(commandNames)("contains everything declared for %s", (name) => {
    const { flags, help, arguments: named = {} } = declarations[name] ?? {};
    const page = pageOf(commandPath(name));
    for (const text of [help?.about, help?.use, help?.notes])
      expect(wordsOf(page.get("DESCRIPTION"))).toContain(withoutMarks(text ?? ""));
    const examples = wordsOf(page.get("EXAMPLES"));
    for (const line of help?.examples ?? []) expect(examples).toContain(line);
    expect(wordsOf(page.get("OUTPUT"))).toContain(help?.inPipe ?? "");
    for (const [code, words] of Object.entries(help?.exitCodes ?? {}))
      expect(page.get("EXIT STATUS")?.join("\n")).toContain(`\n${code}\n${withoutMarks(words)}`);
    for (const { name: word, about, isHidden } of Object.values(named)) {
      if (isHidden !== true) expect(page.get("ARGUMENTS")?.join("\n")).toContain(`\n${word}\n${about}`);
    }
    const options = page.get("OPTIONS")?.join("\n") ?? "";
    for (const { long, short, valueName, about, isHidden } of namedFlags(flags)) {
      const names = `${short === undefined ? "" : `${short}, `}${long}${valueName === undefined ? "" : ` <${valueName}>`}`;
      expect(options.includes(`\n${names}\n${withoutMarks(about)}`), long).toBe(isHidden !== true);
    }
    for (const { long } of globalFlags) expect(options).toContain(long);
  });

  it("describes the effect of a freeze if a freeze blocks the command", () => {
    const frozen = commandNames.filter((name) => pageOf(commandPath(name)).has("ENVIRONMENT"));
    expect(frozen).toEqual(commandNames.filter((name) => declarations[name]?.isFrozen !== undefined));
    expect(frozen.length).toBeGreaterThan(2);
  });

  it.each(groups)("lists each command of the group %s", (name) => {
    const commands = pageOf(commandPath(name)).get("COMMANDS")?.join("\n");
    for (const child of nodesAt([name]).at(-1)?.children ?? [])
      expect(commands).toContain(`herm-${name}-${child.name}(1)\n${child.summary}`);
  });

  it("explains the flags of every command, and lists every topic, for herm itself", () => {
    const page = pageOf("man1/herm.1");
    const options = page.get("OPTIONS") ?? [];
    for (const { long, summary } of globalFlags) {
      const at = options.findIndex((line) => line.split(/[ ,]+/).includes(long));
      expect(options[at + 1], long).toBe(summary);
    }
    for (const { name, summary } of topics)
      expect(page.get("TOPICS")?.join("\n")).toContain(`herm-${name}(7)\n${summary}`);
  });
});

describe("the man page of a topic", () => {
  it.each(topics.map(({ name }) => name))("contains all of herm help's text on %s", async (name) => {
    const text = await loadTopic(name);
    const page = pageOf(topicPath(name));
    const all = [...page.values()].flat();
    for (const said of textsOf(text)) expect(all).toContain(withoutMarks(said.trim()));
    for (const line of linesOf(text)) expect(all).toContain(line);
    for (const { title } of text.sections) expect(page.has(title), title).toBe(true);
  });
});

/** The warnings about the page, or an empty text. */
function saidBy(program: string, words: readonly string[], page: string): string[] {
  const { stdout, stderr } = spawnSync(program, words, { input: page, encoding: "utf8" });
  return `${stdout}${stderr}`.split("\n").filter((line) => line !== "");
}

const lint = ["-T", "lint", "-W", "warning"];

describe.skipIf(!isThere("mandoc"))("mandoc, if installed", () => {
  it.each(paths)("finds no mistake in %s", (path) => {
    expect(saidBy("mandoc", lint, pages.get(path) ?? "")).toEqual([]);
  });

  it("reports only the missing date before a release", async () => {
    const [page] = await manPages({ version: "1.2.3", date: "" });
    const said = saidBy("mandoc", lint, page?.text ?? "");
    expect(said).toEqual([expect.stringContaining('missing date, using ""')]);
  });
});

describe.skipIf(!isThere("groff"))("groff, if installed", () => {
  it.each(paths)("prints no warning about %s", (path) => {
    expect(saidBy("groff", ["-man", "-Tutf8", "-ww", "-z"], pages.get(path) ?? "")).toEqual([]);
  });
});

describe.skipIf(!isThere("mandoc") && !isThere("groff"))(
  "either formatter on a terminal of 80 columns",
  () => {
    const readers = [
      ["mandoc", ["-T", "utf8", "-O", "width=78"]],
      ["groff", ["-man", "-Tutf8", "-P-cbou", "-rLL=78n"]],
    ] as const;

    it.each(paths)("fits %s, except for files shown as is", async (path) => {
      const name = /^man7\/herm-(.*)\.7$/.exec(path)?.[1];
      const asTheyAre = name === undefined ? [] : linesOf(await loadTopic(name)).map((line) => line.trim());
      for (const [reader, words] of readers.filter(([program]) => isThere(program))) {
        const lines = saidBy(reader, words, pages.get(path) ?? "").map((line) =>
          line.replaceAll(/.\u0008/g, ""),
        );
        expect(lines.length).toBeGreaterThan(10);
        const long = lines.filter((line) => line.length > 80 && !asTheyAre.includes(line.trim()));
        expect(long).toEqual([]);
      }
    });
  },
);
