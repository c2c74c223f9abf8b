import { readInput } from "../../src/command/input.js";
import { parseLine } from "../../src/command/parse.js";
import { readGlobalFlags } from "../../src/command-line/global-flags.js";
import "../../src/command-tree.js";
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
  const typed = await parseLine(only.words.slice(1));
  const { declaration, nodes, globals, refusal } = typed;
  if (declaration === undefined) throw new Error("isn't a command");
  if (refusal !== undefined) throw refusal;
  const command = nodes.map(({ name }) => name).join(" ");
  const flags = readGlobalFlags(globals);
  const all: Record<string, unknown> = {
    ...readInput(declaration, typed).input,
    deployments: flags.deployments,
  };
  const given = Object.entries(all).filter(([, value]) => isGiven(value));
  const input = Object.fromEntries(given);
  const isChange = declaration.effect !== "reads" && input.dryRun !== true;
  return { command, env: only.env, input, isJson: flags.output === "json", isChange };
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0);
}
