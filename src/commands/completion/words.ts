import { shownArguments } from "../../command/arguments.js";
import type { CommandDeclaration } from "../../command/declaration.js";
import { type NamedFlag, namedFlags } from "../../command/flags.js";
import { parseUnfinished } from "../../command/parse.js";
import { type CommandNode, commandTree, nodesAt } from "../../command/tree.js";
import { findGlobalFlag, globalFlags, isNamed, verboseFlag } from "../../command-line/global-flags.js";
import type { TypedWords } from "../../command-line/typed-words.js";
import type { Context } from "../../context.js";
import { topics } from "../../help/topics.js";
import { type Suggestion, suggestionsOf } from "./suggestions.js";

export type Completion = readonly Suggestion[] | "files";

export async function completeWords(
  context: Context,
  { before, current }: Pick<TypedWords, "before" | "current">,
): Promise<Completion> {
  if (before.includes("--")) return [];
  const line = await parseUnfinished(before);
  const { declaration, flag } = line;
  const nodes = line.nodes.at(-1)?.children ?? (line.nodes.length === 0 ? commandTree() : []);
  const given = line.given.arguments
    .flat()
    .filter((word): word is string => word !== undefined && !/^-./.test(word));
  if (flag !== undefined) return valuesOf(context, { declaration, flag, current });
  const attached = /^(--[\w-]+|-\w)=(.*)$/s.exec(current);
  if (attached !== null) {
    const [, name = "", value = ""] = attached;
    const found = await valuesOf(context, { declaration, flag: name, current: value });
    return found === "files" ? found : found.map(({ word, about }) => ({ word: `${name}=${word}`, about }));
  }
  if (current.startsWith("-")) return beginning(current, flagsOf(declaration, before));
  if (declaration === undefined) return beginning(current, suggested(nodes));
  const below = given.length === 0 ? beginning(current, suggested(nodes)) : [];
  const argument = argumentAt(declaration, given.length);
  if (argument === undefined) return below;
  if (argument.completes === "commands") return beginning(current, commandsBehind(given));
  const found = await suggestionsOf(context, argument.completes, current);
  if (found === "files") return found;
  return [...below, ...beginning(current, found).filter(({ word }) => !given.includes(word))];
}

function commandsBehind(words: readonly string[]): Suggestion[] {
  const found = nodesAt(words);
  if (found.length < words.length) return [];
  if (found.length > 0) return suggested(found.at(-1)?.children ?? []);
  return [...suggested(commandTree()), ...topicsBeside(commandTree())];
}

function topicsBeside(nodes: readonly CommandNode[]): Suggestion[] {
  const beside = topics.filter((topic) => nodes.every(({ name }) => name !== topic.name));
  return [
    ...beside.map(({ name, summary }) => ({ word: name, about: summary })),
    { word: "topics", about: "list every topic" },
  ];
}

function suggested(nodes: readonly CommandNode[]): Suggestion[] {
  return nodes.map(({ name, summary }) => ({ word: name, about: summary }));
}

function argumentAt(declaration: CommandDeclaration, index: number) {
  const named = shownArguments(declaration);
  const last = named.at(-1);
  return named[index] ?? (last?.isVariadic === true ? last : undefined);
}

function beginning(current: string, found: readonly Suggestion[]): Suggestion[] {
  return found.filter(({ word }) => word.startsWith(current));
}

async function valuesOf(
  context: Context,
  {
    declaration,
    flag,
    current,
  }: { declaration: CommandDeclaration | undefined; flag: string; current: string },
): Promise<Completion> {
  const own = namedFlags(declaration?.flags).find((each) => isNamed(each, flag));
  const known = own ?? findGlobalFlag(flag);
  if (known?.choices !== undefined) {
    const typed = own?.isList === true ? current.slice(0, current.lastIndexOf(",") + 1) : "";
    const given = typed.split(",");
    const remaining = (own?.offers ?? known.choices).filter((word) => !given.includes(word));
    return beginning(
      current,
      remaining.map((word) => ({ word: typed + word })),
    );
  }
  const found = await suggestionsOf(context, known?.completes, current);
  return found === "files" ? found : beginning(current, found);
}

function flagsOf(declaration: CommandDeclaration | undefined, before: readonly string[]): Suggestion[] {
  const own = namedFlags(declaration?.flags).filter(({ isHidden }) => isHidden !== true);
  const shared = globalFlags.map((flag) => ({ ...flag, about: flag.summary }));
  const help: Pick<NamedFlag, "long" | "about" | "isRepeatable">[] = [{ long: "--help", about: "show help" }];
  if (before.includes("--help") || before.includes("-h"))
    help.push({ long: verboseFlag.long, about: "with --help: show everything" });
  return [...own.filter(({ long }) => help.every((each) => each.long !== long)), ...shared, ...help]
    .filter(({ long, isRepeatable }) => isRepeatable === true || !before.includes(long))
    .map(({ long, about }) => ({ word: long, about }));
}
