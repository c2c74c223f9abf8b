import type { Argument, Command, Option } from "commander";
import { findGlobalFlag, globalFlags } from "../../command-line/global-flags.js";
import type { TypedWords } from "../../command-line/typed-words.js";
import type { Context } from "../../context.js";
import { type Kind, type Suggestion, suggestionsOf } from "./suggestions.js";

/** The words that may stand at the cursor and begin as it does; `files`: the shell's own file names. */
export type Completion = readonly Suggestion[] | "files";

interface Place {
  command: Command;
  /** How many arguments the command has already. */
  given: readonly string[];
  /** The flag that still wants its value. */
  flag?: string;
}

/** Throws nothing that is worth telling: a completion that fails offers nothing. */
export async function completeWords(
  context: Context,
  { root, typed }: { root: Command; typed: Pick<TypedWords, "before" | "current"> },
): Promise<Completion> {
  const { before, current } = typed;
  if (before.includes("--")) return [];
  const { command, given, flag } = walk(root, before);
  if (flag !== undefined) return valuesOf(context, { command, flag, current });
  const attached = /^(--[\w-]+|-\w)=(.*)$/s.exec(current);
  if (attached !== null) {
    const [, name = "", value = ""] = attached;
    const found = await valuesOf(context, { command, flag: name, current: value });
    return found === "files" ? found : found.map(({ word, about }) => ({ word: `${name}=${word}`, about }));
  }
  if (current.startsWith("-")) return beginning(current, flagsOf(command, before));
  if (command.commands.length > 0) return beginning(current, commandsOf(command));
  const argument = argumentAt(command, given.length);
  if (argument === undefined) return [];
  const found = await suggestionsOf(context, kindOfArgument(argument.name()), current);
  return found === "files" ? found : beginning(current, found).filter(({ word }) => !given.includes(word));
}

function argumentAt({ registeredArguments }: Command, index: number): Argument | undefined {
  const last = registeredArguments.at(-1);
  return registeredArguments[index] ?? (last?.variadic === true ? last : undefined);
}

function beginning(current: string, found: readonly Suggestion[]): Suggestion[] {
  return found.filter(({ word }) => word.startsWith(current));
}

interface FlagPlace {
  command: Command;
  flag: string;
  current: string;
}

async function valuesOf(context: Context, { command, flag, current }: FlagPlace): Promise<Completion> {
  const own = ownFlag(command, flag);
  const global = own === undefined ? findGlobalFlag(flag) : undefined;
  const choices = own?.argChoices ?? global?.choices;
  if (choices !== undefined)
    return beginning(
      current,
      choices.map((word) => ({ word })),
    );
  const kind = kindOfFlag(own?.long ?? global?.long ?? "", own?.flags ?? "");
  const found = await suggestionsOf(context, kind, current);
  return found === "files" ? found : beginning(current, found);
}

const kindsOfFlags: Readonly<Record<string, Kind>> = {
  "--deployment": "deployments",
  "--profile": "profiles",
  "--customer": "customers",
  "--except": "exceptions",
  "--incident": "incidents",
  "--run": "runs",
  "--tz": "zones",
};

function kindOfFlag(long: string, flags: string): Kind {
  return kindsOfFlags[long] ?? (/<(file|path|dir)\b/.test(flags) ? "files" : "none");
}

function kindOfArgument(name: string): Kind {
  if (name === "ref") return "refs";
  if (name === "run|ref") return "runs or refs";
  if (name === "id|name") return "deployments";
  const kinds: Readonly<Record<string, Kind>> = {
    key: "settings",
    shell: "shells",
    name: "incidents",
    file: "files",
  };
  return kinds[name] ?? "none";
}

/** The command that the words lead to, its arguments so far, and the flag whose value is to come. */
function walk(root: Command, words: readonly string[]): Place {
  let command = root;
  let flag: string | undefined;
  const given: string[] = [];
  for (const word of words) {
    if (flag !== undefined) flag = undefined;
    else if (word.startsWith("-") && word !== "-") flag = wantsValue(command, word) ? word : undefined;
    else {
      const child = childOf(command, word);
      if (child === undefined) given.push(word);
      else command = child;
    }
  }
  return { command, given, ...(flag === undefined ? {} : { flag }) };
}

function childOf(command: Command, word: string): Command | undefined {
  return command.commands.find((each) => each.name() === word || each.alias() === word);
}

function ownFlag(command: Command, word: string): Option | undefined {
  return command.options.find(({ long, short }) => long === word || short === word);
}

function wantsValue(command: Command, word: string): boolean {
  if (word.includes("=")) return false;
  const own = ownFlag(command, word);
  return own === undefined ? findGlobalFlag(word)?.value !== undefined : own.required;
}

function commandsOf(command: Command): Suggestion[] {
  return command.commands.map((each) => ({ word: each.name(), about: each.summary() }));
}

/** Flags that were given already aren't offered again, but for those that repeat. */
function flagsOf(command: Command, before: readonly string[]): Suggestion[] {
  const own = command.options
    .filter(({ hidden, long }) => !hidden && long !== undefined)
    .map(({ long, description }) => ({ word: long ?? "", about: description }));
  const shared = globalFlags.map(({ long, summary }) => ({ word: long, about: summary }));
  const all = [...own, ...shared, { word: "--help", about: "show help" }];
  return all.filter(
    ({ word, about }) => !before.includes(word) || about.includes("(repeatable)") || word === "--deployment",
  );
}
