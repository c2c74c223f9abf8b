import { shownArguments } from "../command/arguments.js";
import type { CommandDeclaration } from "../command/declaration.js";
import { type NamedFlag, namedFlags } from "../command/flags.js";
import { nodesAt } from "../command/tree.js";
import type { AliasTarget } from "../command-aliases.js";
import { findGlobalFlag } from "../command-line/global-flags.js";
import { withoutUser } from "../command-line/next-command.js";
import { quoteForShells } from "../command-line/shell-quote.js";

/** A command line that was refused. */
export interface RefusedLine {
  words: readonly string[];
  /** The number of its words that name the command: those are replaced. */
  named: number;
  /** The flags of the command that was typed, where there is one; they don't go with another command. */
  flags?: readonly NamedFlag[];
  /** The flag that was refused. */
  refused?: string;
}

/** Values of a flag that says yes or no, in other tools. */
const switched = /^(true|false|yes|no|on|off|0|1)$/;

/** True for the flag that follows a log in other tools, which takes no value. */
export function isFollowFlag(word: string): boolean {
  return word === "-f" || word === "--follow";
}

/** The text that was typed as the value of an unknown flag. */
export function typedValue(words: readonly string[], flag: string): string {
  const at = words.findIndex((word) => word === flag || word.startsWith(`${flag}=`));
  return (words[at] === flag ? words[at + 1] : words[at]?.slice(flag.length + 1)) ?? "";
}

/** The meant command with what was typed behind the other one: `herm automations delete Daily --yes`. */
export async function suggestedCommand(meant: AliasTarget, typed: RefusedLine): Promise<string> {
  const path = meant.command.split(" ");
  const nodes = nodesAt(path);
  const declaration = await nodes.at(-1)?.load?.();
  if (declaration === undefined) throw new Error(`there is no command ${meant.command}`);
  const own = namedFlags(declaration.flags);
  const { refs, flags, shared } = readTyped(typed, typed.flags === undefined ? own : []);
  const { lastIs } = meant;
  const least = shownArguments(declaration).length > 0 ? 1 : 0;
  const last = lastIs !== undefined && refs.length > least ? refs.pop() : undefined;
  const isTyped = last !== undefined || (flags.length === 0 && least > 0);
  const value =
    lastIs === undefined || !isTyped ? [] : [lastIs, last === undefined ? '"…"' : quoteForShells(last)];
  const fitting = fittingRefs(refs, { meant, declaration, given: path.length - nodes.length });
  const more = [flags.length === 0 ? (meant.more ?? []) : [], value].flat();
  const quoted = [...flags, ...shared.map(withoutUser)].map(quoteForShells);
  return ["herm", ...path, ...fitting, ...more, ...quoted].join(" ");
}

function fittingRefs(
  refs: readonly string[],
  {
    meant: { takes },
    declaration,
    given,
  }: { meant: AliasTarget; declaration: CommandDeclaration; given: number },
): string[] {
  const named = shownArguments(declaration).slice(given);
  const most = named.some(({ isVariadic }) => isVariadic) ? refs.length : named.length;
  const isRun = (ref = "") => /^(dep_\w+\/)?run_\w+$/.test(ref);
  const isOther = refs[0] === undefined || (takes === "<automation>" && isRun(refs[0]));
  if (takes !== undefined && isOther) return [takes];
  return refs.slice(0, most).map(quoteForShells);
}

interface TypedLine {
  refs: string[];
  /** Flags of the meant command, with their values. */
  flags: string[];
  /** Flags that every command takes, with their values. */
  shared: string[];
}

/** Behind a flag that nobody knows a word may be its value: what follows is left out. */
function readTyped({ words, named, flags = [], refused }: RefusedLine, own: readonly NamedFlag[]): TypedLine {
  const parts: TypedLine = { refs: [], flags: [], shared: [] };
  let left = named;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (word === "--") break;
    if (!word.startsWith("-") || word === "-") {
      if (left > 0) left -= 1;
      else parts.refs.push(word);
      continue;
    }
    const [name = ""] = word.split("=");
    const isNamed = ({ long, short }: { long: string; short?: string }) => long === name || short === name;
    const global = findGlobalFlag(name);
    const known = own.find(isNamed);
    const other = flags.find(isNamed);
    const isKnown = [global, known, other].some((flag) => flag !== undefined);
    if (!isKnown && isFollowFlag(word)) continue;
    if (!isKnown && name !== refused) break;
    if (name === refused && switched.test(words[at + 1] ?? "")) at += 1;
    const value = global === undefined ? (known ?? other)?.valueName : global.valueName;
    const whole = value === undefined || word.includes("=") ? [word] : words.slice(at, at + 2);
    at += whole.length - 1;
    if (global !== undefined) parts.shared.push(...whole);
    else if (known !== undefined) parts.flags.push(...whole);
  }
  return parts;
}
