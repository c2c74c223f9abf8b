import { describe, expect, it } from "vitest";
import { type Argument, type NamedFlag, namedFlags, shownArguments } from "../../src/command/flags.js";
import { globalFlags } from "../../src/command-line/global-flags.js";
import "../../src/commands/command-tree.js";
import { type CommandNode, commandTree, nodesAt } from "../../src/command/tree.js";
import { topics } from "../../src/help/topics.js";
import { commandNames, declarations } from "../support/declarations.js";
import { herm } from "../support/harness.js";

const wordsOf = (name: string) => name.split(" ").filter(Boolean);
const groups = commandTree().filter(({ load }) => load === undefined);

async function pageOf(name: string): Promise<string> {
  const { code, stdout, stderr } = await herm([...wordsOf(name), "--help", "--verbose"]);
  const long = stdout.split("\n").filter((line) => line.length > 80);
  expect({ code, stderr, long }).toEqual({ code: 0, stderr: "", long: [] });
  return stdout;
}

type Rows = Record<string, string>;

/** The rows below each heading, each with its meaning in one line. */
function sectionsOf(page: string): Record<string, Rows> {
  const sections: Record<string, Rows> = {};
  for (const block of page.split("\n\n")) {
    const [, title = "", body = ""] = /^(.+):\n( [\s\S]*)$/.exec(block.trimEnd()) ?? [];
    const rows = body.replaceAll(/\n {5,}/g, "  ").split("\n");
    if (title === "" || title === "Examples" || title.startsWith("In a pipe")) continue;
    sections[title] = Object.fromEntries(
      rows.map((row) => {
        const [name = "", ...meaning] = row.trim().split(/ {2,}/);
        return [name, meaning.join(" ")];
      }),
    );
  }
  return sections;
}

type Named = Pick<NamedFlag, "long" | "short" | "valueName">;
const nameOf = ({ long, short, valueName }: Named) =>
  (short === undefined ? long : `${short}, ${long}`) + (valueName === undefined ? "" : ` <${valueName}>`);
const flagRows = (flags: readonly NamedFlag[]): Rows =>
  Object.fromEntries(flags.map((flag) => [nameOf(flag), flag.about]));
const globalRows = (group: string): Rows =>
  Object.fromEntries(
    globalFlags.filter((flag) => flag.group === group).map((flag) => [nameOf(flag), flag.summary]),
  );
const argumentRows = (named: readonly Argument[]): Rows =>
  Object.fromEntries(named.map(({ name, about }) => [name, about]));
const nodeRows = (nodes: readonly CommandNode[] = []): Rows =>
  Object.fromEntries(
    nodes.map(({ name, alias, summary }) => [alias === undefined ? name : `${name} (${alias})`, summary]),
  );

const shownFlags = (name: string) =>
  namedFlags(declarations[name]?.flags).filter(({ isHidden }) => isHidden !== true);

describe("the full help page", () => {
  it.each(commandNames)("has a row for everything declared for herm %s, and no other", async (name) => {
    const { help } = declarations[name] ?? {};
    const flagsIn = (group?: string) => flagRows(shownFlags(name).filter((flag) => flag.group === group));
    const choosing = flagsIn("Which ones");
    const named = argumentRows(shownArguments(declarations[name] ?? {}));
    const expected = {
      Commands: nodeRows(nodesAt(wordsOf(name)).at(-1)?.children),
      Files: flagsIn("Files"),
      [Object.keys(choosing).length > 0 ? "Which ones" : "Arguments"]: { ...named, ...choosing },
      Flags: flagsIn(),
      Safety: flagsIn("Safety"),
      Output: { ...flagsIn("Output"), ...globalRows("Output") },
      Connection: globalRows("Connection"),
      Help: { "-h, --help": "show help; with --verbose, this page" },
      "Exit codes": { ...help?.exitCodes },
    };
    expect(sectionsOf(await pageOf(name))).toEqual(
      Object.fromEntries(Object.entries(expected).filter(([, rows]) => Object.keys(rows).length > 0)),
    );
  });

  it.each(commandNames)("contains the texts, examples and alias of herm %s", async (name) => {
    const { help } = declarations[name] ?? {};
    const page = await pageOf(name);
    const said = page.replaceAll(/\s+/g, " ");
    for (const text of [help?.about, help?.use, help?.notes, help?.inPipe])
      expect(said).toContain(text ?? "");
    expect(said.replaceAll("\\ ", "")).toContain(`Examples: ${help?.examples.join(" ")}`);
    const nodes = nodesAt(wordsOf(name));
    const { alias } = nodes.at(-1) ?? {};
    const above = nodes.slice(0, -1).map((node) => node.name);
    expect(/^Alias: .*/m.exec(page)?.[0]).toBe(alias && `Alias: ${["herm", ...above, alias].join(" ")}`);
  });

  it.each(commandNames)("lists each choice and the effective default for herm %s", async (name) => {
    const said = (await pageOf(name)).replaceAll(/\s+/g, " ");
    for (const { long, choices, offers = choices, about, read } of shownFlags(name)) {
      for (const word of offers ?? []) expect(said, long).toMatch(new RegExp(`\\b${word}\\b`));
      const [, named] = /\(default:? ([^)]+)\)/.exec(about) ?? [];
      const usual = read(undefined, long);
      if (typeof usual === "number") expect(usual, long).toBe(read(named, long));
    }
  });

  it.each(groups)("contains all commands and examples of herm $name", async (group) => {
    const page = await pageOf(group.name);
    expect(sectionsOf(page)).toEqual({ Commands: nodeRows(group.children) });
    for (const example of group.examples ?? [])
      expect(page.replaceAll(/ \\\n +/g, " ")).toContain(`  ${example}\n`);
    if (group.alias !== undefined) expect(page).toContain(` (alias: herm ${group.alias}).\n`);
  });

  it("contains every command and topic", async () => {
    const page = await pageOf("");
    const { "Topics (herm help <topic>)": named, "Other commands": others, ...tasks } = sectionsOf(page);
    expect(named).toEqual(Object.fromEntries(topics.map(({ name, summary }) => [name, summary])));
    const inTasks = Object.values(tasks).flatMap((rows) =>
      Object.keys(rows).map((row) => row.split(/[ ,]+/)),
    );
    expect(others).toEqual(nodeRows(commandTree().filter(({ name }) => !inTasks.flat().includes(name))));
    expect(Object.keys(others ?? {}).length).toBeLessThan(commandTree().length);
  });
});
