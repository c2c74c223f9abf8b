import { describe, expect, it } from "vitest";
import { namedFlags } from "../../src/command/flags.js";
import "../../src/commands/command-tree.js";
import { allCommands, commandTree, nodesAt } from "../../src/command/tree.js";
import { commandLines } from "../../src/help/layout.js";
import { commandNames as commands, declarations, helpTexts } from "../support/declarations.js";
import { herm } from "../support/harness.js";

const groups = commandTree()
  .filter(({ load }) => load === undefined)
  .map(({ name }) => name);
const all = ["", ...groups, ...commands];

const snapshot = (name: string) => `./snapshots/${name === "" ? "herm" : name.replaceAll(" ", "-")}.txt`;
const wordsOf = (name: string) => name.split(" ").filter(Boolean);
const linesOver = (text: string, width: number) => text.split("\n").filter((line) => line.length > width);

describe("the version", () => {
  it.each([[["--version"]], [["-v"]], [["-v", "--local"]], [["version"]]])(
    "is printed by herm %j",
    async (words) => {
      expect(await herm(words)).toEqual({ code: 0, stdout: "0.0.0-test\n", stderr: "" });
    },
  );

  it.each([...groups, ...commands])("is never printed in place of herm %s", async (name) => {
    for (const words of [
      [...wordsOf(name), "--version"],
      ["--version", ...wordsOf(name)],
    ]) {
      const { code, stdout, stderr } = await herm(words);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toBe("error: unknown flag --version\nhint: to print the version: herm --version\n");
    }
  });

  it("is printed as JSON with -o json", async () => {
    expect(JSON.parse((await herm(["version", "--json"])).stdout)).toEqual({ version: "0.0.0-test" });
  });
});

describe("a list command", () => {
  it("has the alias ls", () => {
    const lists = allCommands().filter((nodes) => nodes.at(-1)?.name === "list");
    expect(lists.map((nodes) => `${nodes[0]?.name} ${nodes.at(-1)?.alias}`)).toEqual([
      "automations ls",
      "runs ls",
      "deployments ls",
      "incidents ls",
      "config ls",
      "dev ls",
    ]);
  });
});

/** Commands that change only this machine. */
const withoutPlace =
  /^(auth log(in|out)|config (un)?set|deployments use|dev( deployment| fault( clear)?| reset| stop)?|incidents (close|import|reopen))$/;

describe("help", () => {
  it.each(all)("matches its snapshot for herm %s, within 80 columns", async (name) => {
    const { code, stdout, stderr } = await herm([...name.split(" ").filter(Boolean), "--help"]);
    expect({ code, stderr, long: linesOver(stdout, 80) }).toEqual({ code: 0, stderr: "", long: [] });
    await expect(stdout).toMatchFileSnapshot(snapshot(name));
  });

  it.each(all)("fits 24 lines, the prompt included, for herm %s", async (name) => {
    const { stdout } = await herm([...wordsOf(name), "--help"]);
    expect(stdout.trimEnd().split("\n").length).toBeLessThanOrEqual(23);
  });

  it.each(commands)("starts with usage and examples, and explains each flag, for herm %s", async (name) => {
    const help = helpTexts[name];
    const { stdout } = await herm([...wordsOf(name), "-h"]);
    expect(stdout).toMatch(new RegExp(`^Usage: herm ${name} .*\n\nExamples:\n  herm `));
    const [below = ""] = /^(Arguments|Which ones|Files|Flags|Safety|Output):$[\s\S]*$/m.exec(stdout) ?? [];
    for (const { long, isHidden, isAdvanced, about } of namedFlags(declarations[name]?.flags)) {
      const isShown = isHidden !== true && isAdvanced !== true;
      expect(new RegExp(`^  (-\\w, )?${long}( |$)`, "m").test(below), long).toBe(isShown);
      if (isShown) expect(below.replaceAll(/\s+/g, " ")).toContain(about);
    }
    const place = withoutPlace.test(name) ? "" : "-d <id|name>, ";
    expect(
      stdout
        .split("\n\n")
        .at(-1)
        ?.split(/; more: herm .* --help --verbose\n$/),
    ).toEqual([`Also ${place}-o <format>`, ""]);
    expect(help?.about).toMatch(/^[A-Z].*\.$/);
    expect(help?.use).toMatch(/^[A-Z].*\.$/);
  });

  it.each([
    [
      ["help", "runs", "list", "--verbose"],
      ["runs", "list"],
    ],
    [
      ["--verbose", "help", "runs", "list"],
      ["runs", "list"],
    ],
    [
      ["runs", "help", "list", "--verbose"],
      ["runs", "list"],
    ],
    [
      ["--verbose", "runs", "list", "-h"],
      ["runs", "list"],
    ],
    [["help", "--verbose"], []],
    [["-v", "help"], []],
    [["--help", "-v"], []],
    [
      ["runs", "list", "-v", "-h"],
      ["runs", "list"],
    ],
    [
      ["help", "runs", "list", "-v"],
      ["runs", "list"],
    ],
    [
      ["runs", "help", "list", "-v"],
      ["runs", "list"],
    ],
    [["apply", "--verbose", "--file", "x.yaml", "--help"], ["apply"]],
  ])("is the same for herm %j as for herm %j", async (words, path) => {
    expect(await herm(words)).toEqual(await herm([...path, "--help", "--verbose"]));
  });

  it("uses --verbose only for commands with that flag, or with --help", async () => {
    for (const flag of ["--verbose", "-v"]) {
      expect(await herm(["automations", "list", flag])).toMatchObject({ code: 2, stdout: "" });
      expect(await herm(["automations", flag])).toMatchObject({ code: 2, stdout: "" });
    }
    expect(await herm(["automations", "list", "--help", "--verbos"])).toEqual({
      code: 2,
      stdout: "",
      stderr: "error: unknown flag --verbos\nhint: did you mean --verbose?\n",
    });
  });

  it("names only existing commands if no command is given", async () => {
    const page = await herm(["--help"]);
    const paths = [...page.stdout.matchAll(/^ {2}(\S.*?) {2,}/gm)].flatMap(([, name = ""]) =>
      name.replace(/ \(.*/, "").split(", "),
    );
    expect(paths.length).toBeGreaterThan(12);
    for (const path of paths)
      expect(
        nodesAt(path.split(" "))
          .map(({ name }) => name)
          .join(" "),
      ).toBe(path);
  });

  it.each(groups)("starts, for herm %s, with two examples of its commands", async (name) => {
    const { examples = [], children = [] } = commandTree().find((each) => each.name === name) ?? {};
    const own = children.flatMap((child) => helpTexts[`${name} ${child.name}`]?.examples ?? []);
    expect(examples.filter((line) => own.includes(line))).toHaveLength(2);
  });

  it.each(groups)("appears for herm %s without a command, and lists each command", async (name) => {
    const alone = await herm([name]);
    expect(alone).toEqual(await herm([name, "--help"]));
    for (const child of commandTree().find((each) => each.name === name)?.children ?? []) {
      expect(alone.stdout).toContain(`\n  ${child.name} `);
    }
  });

  it("is the page of the full command for an alias", async () => {
    expect(await herm(["auto", "ls", "--help"])).toEqual(await herm(["automations", "list", "--help"]));
  });

  it.each([
    ["before the command", ["--help", "runs", "list"]],
    ["after other flags", ["runs", "list", "--failed", "-o", "json", "-h"]],
    ["with a missing argument", ["schedule", "explain", "--help"]],
  ])("appears for --help %s, whatever the other arguments", async (_where, words) => {
    expect((await herm(words)).stdout).toContain("Usage: herm");
  });

  it.each([
    [["help"], []],
    [["help", "automations"], ["automations"]],
    [
      ["help", "auto", "pause"],
      ["automations", "pause"],
    ],
    [
      ["help", "runs", "ls"],
      ["runs", "list"],
    ],
    [
      ["help", "automations", "get", "Daily"],
      ["automations", "get"],
    ],
    [["auto", "help"], ["automations"]],
    [
      ["automations", "help", "pause"],
      ["automations", "pause"],
    ],
    [["help", "help"], ["help"]],
  ])("is the same for herm %j as for herm %j --help", async (words, path) => {
    expect(await herm(words)).toEqual(await herm([...path, "--help"]));
  });

  it.each([
    [
      ["help", "automations", "puase"],
      'unknown command "puase" for herm automations',
      "did you mean herm help automations pause?",
    ],
    [
      ["help", "atuomations"],
      'unknown command or topic "atuomations"',
      "did you mean herm help automations?",
    ],
    [["runs", "help", "shwo"], 'unknown command "shwo" for herm runs', "did you mean herm runs show?"],
    [["help", "auto", "rm"], 'unknown command "rm" for herm automations', "use herm automations delete"],
  ])("rejects herm %j: %s, %s", async (words, message, hint) => {
    expect(await herm(words)).toEqual({ code: 2, stdout: "", stderr: `error: ${message}\nhint: ${hint}\n` });
  });

  it("doesn't appear for --help after --", async () => {
    expect(await herm(["schedule", "explain", "--", "--help"])).toMatchObject({ code: 2, stdout: "" });
  });

  it.each([20, 40, 80, 120])("fits a terminal of %i columns", async (columns) => {
    for (const more of [[], ["--verbose"]]) {
      for (const name of all) {
        const { stdout } = await herm([...wordsOf(name), "--help", ...more], { tty: true, columns });
        const long = linesOver(stdout, columns).filter(
          (line) => /\s\S+\s+\S/.test(line.trim()) && columns >= 40,
        );
        expect(long, name).toEqual([]);
      }
    }
  });

  it("has bold headings on a colour terminal, and no other escape codes", async () => {
    const words = ["automations", "pause", "--help"];
    const { stdout } = await herm(words, { tty: true, env: { NO_COLOR: "", FORCE_COLOR: "1" } });
    const plain = await herm(words);
    expect(stdout).toContain("\u001b[1mExamples:\u001b[22m\n");
    expect(stdout.replaceAll(/\u001b\[(1|22)m/g, "")).toBe(plain.stdout);
  });
});

describe("a long command line", () => {
  it.each([
    ["herm runs list --since 12h", ["  herm runs list \\", "    --since 12h"]],
    ["herm runs list -d dep_7xK9s2", ["  herm runs list \\", "    -d dep_7xK9s2"]],
    ["herm diff --file - --prune", ["  herm diff --file - \\", "    --prune"]],
    ['herm get "A long name"', ["  herm get \\", '    "A long name"']],
  ])("is split without separating a flag from its value: %s", (line, lines) => {
    expect(commandLines(line, 24)).toEqual(lines);
  });
});
