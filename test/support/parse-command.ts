import type { Command } from "commander";
import { findGlobalFlag, splitGlobalFlags } from "../../src/command-line/global-flags.js";
import { findPath } from "../../src/command-tree.js";
import { Invocation } from "../../src/invocation.js";
import { buildProgram } from "../../src/program.js";
import { testSystem } from "./harness.js";
import { readShellLine } from "./shell-line.js";

/**
 * Parses each `herm` command of a shell line against the real tree, without running it, and gives their names; throws
 * what one is refused with.
 */
export async function parseLine(line: string): Promise<string[]> {
  const names: string[] = [];
  for (const { words } of readShellLine(line)) {
    if (words[0] !== "herm") continue;
    const program = await buildProgram(new Invocation(testSystem()), "all");
    const path = findPath(withoutFlags(words.slice(1)));
    const command = commandAt(program, path);
    const { rest } = splitGlobalFlags(words.slice(1), command.options);
    if (command.commands.length === 0) {
      command.action(() => void names.push(path.join(" ")));
      await program.parseAsync(rest, { from: "user" });
    } else if (rest.length === path.length) names.push(path.join(" "));
    else throw new Error(`no command in: ${line}`);
  }
  return names;
}

function withoutFlags(words: readonly string[]): string[] {
  return words.filter(
    (word, at) => !word.startsWith("-") && findGlobalFlag(words[at - 1] ?? "")?.value === undefined,
  );
}

function commandAt(program: Command, path: readonly string[]): Command {
  return path.reduce(
    (parent, name) => parent.commands.find((each) => each.name() === name) ?? parent,
    program,
  );
}
