import type { Command } from "commander";
import type { Context } from "../context.js";
import { globalFlags } from "../global-flags.js";
import { knownNames } from "./known-names.js";

export interface Completion {
  root: Command;
  /** What was typed after `herm`; the last word is the one to complete. */
  words: readonly string[];
}

const valuesOfFlags: Readonly<Record<string, readonly string[]>> = {
  "--output": ["table", "json", "jsonl", "name"],
  "-o": ["table", "json", "jsonl", "name"],
  "--status": ["provisioning", "ready", "error"],
  "--tz": ["local", "UTC"],
};

/** The words that may stand where the last one stands, and begin as it does. */
export async function completeWords(context: Context, { root, words }: Completion): Promise<string[]> {
  const current = words.at(-1) ?? "";
  const before = words.slice(0, -1);
  const found = await candidates(context, { root, before, current });
  return [...new Set(found)].filter((word) => word.startsWith(current)).sort();
}

interface Place {
  root: Command;
  before: readonly string[];
  current: string;
}

async function candidates(context: Context, { root, before, current }: Place): Promise<readonly string[]> {
  const previous = before.at(-1) ?? "";
  const { command, takesValue } = walk(root, before);
  if (takesValue) {
    if (previous === "-d" || previous === "--deployment") return (await knownNames(context)).deployments;
    return valuesOfFlags[previous] ?? [];
  }
  if (current.startsWith("-")) return flagsOf(command);
  if (command.commands.length > 0) return command.commands.map((each) => each.name());
  if (command.name() === "completion") return ["bash", "zsh", "fish"];
  const isRef = command.registeredArguments.some((argument) => argument.name().includes("ref"));
  return isRef ? (await knownNames(context)).automations : [];
}

/** The command that the words lead to, and whether the last of them is a flag that still wants its value. */
function walk(root: Command, words: readonly string[]): { command: Command; takesValue: boolean } {
  let command = root;
  let takesValue = false;
  for (const word of words) {
    if (takesValue) takesValue = false;
    else if (word.startsWith("-")) takesValue = wantsValue(command, word);
    else command = childOf(command, word) ?? command;
  }
  return { command, takesValue };
}

function childOf(command: Command, word: string): Command | undefined {
  return command.commands.find((each) => each.name() === word || each.alias() === word);
}

function wantsValue(command: Command, word: string): boolean {
  if (word.includes("=")) return false;
  const own = command.options.find((option) => option.long === word || option.short === word);
  if (own !== undefined) return own.required;
  return globalFlags.some((flag) => (flag.long === word || flag.short === word) && flag.value !== undefined);
}

function flagsOf(command: Command): string[] {
  const own = command.options.flatMap((option) => option.long ?? []);
  return [...own, ...globalFlags.map((flag) => flag.long), "--help"];
}
