import { namedFlags } from "../../src/command/flags.js";
import { readInput } from "../../src/command/input.js";
import { findGlobalFlag, splitGlobalFlags } from "../../src/command-line/global-flags.js";
import "../../src/command-tree.js";
import { findPath, nodesAt } from "../../src/command/tree.js";
import { declarations } from "../support/declarations.js";
import { readShellLine } from "../support/shell-line.js";

/** A command line that an agent ran, and what came of it. */
export interface Step {
  line: string;
  code: number;
  stdout?: string;
  stderr?: string;
}

/** A command line as its declaration reads it: the order of flags, short forms and aliases don't matter. */
export interface ReadStep {
  command: string;
  /** Set before the command. */
  env: Readonly<Record<string, string>>;
  /** Arguments and flags by the declaration's names, without those that weren't given. */
  input: Readonly<Record<string, unknown>>;
  isJson: boolean;
  /** It changes something: of the API, or of this machine. */
  isChange: boolean;
}

/** Throws for what herm would refuse to read, or for another program. */
export async function readStep(line: string): Promise<ReadStep> {
  const [only, ...more] = readShellLine(line);
  if (only === undefined || more.length > 0 || only.words[0] !== "herm")
    throw new Error("isn't one herm command");
  const words = only.words.slice(1);
  const command = findPath(words.filter(isName)).join(" ");
  const declaration = declarations[command];
  if (declaration === undefined) throw new Error("isn't a command");
  const { flags, rest } = splitGlobalFlags(words, namedFlags(declaration.flags));
  const nodes = nodesAt(command.split(" "));
  const all: Record<string, unknown> = {
    ...(await readInput({ declaration, nodes, words: rest })).input,
    deployments: flags.deployments,
  };
  const given = Object.entries(all).filter(([, value]) => isGiven(value));
  const input = Object.fromEntries(given);
  const isChange = declaration.effect !== "reads" && input.dryRun !== true;
  return { command, env: only.env, input, isJson: flags.output === "json", isChange };
}

/** Neither a flag nor a global flag's value. */
function isName(word: string, at: number, words: readonly string[]): boolean {
  return !word.startsWith("-") && findGlobalFlag(words[at - 1] ?? "")?.valueName === undefined;
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0);
}
