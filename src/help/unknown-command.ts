/** Explains unknown commands: words from other tools, near misses, and a command to paste. */

import type { CommandDeclaration } from "../command/declaration.js";
import { type NamedFlag, namedFlags, shownArguments } from "../command/flags.js";
import {
  allCommands,
  type CommandNode,
  childrenOf,
  commandTree,
  namesOf,
  nodesAt,
  pathTo,
} from "../command/tree.js";
import { findGlobalFlag, type GlobalFlag, helpFlag } from "../command-line/global-flags.js";
import { withoutUser } from "../command-line/next-command.js";
import { quoteForShells } from "../command-line/shell-quote.js";
import { UsageError } from "../errors/cli-errors.js";
import { askWhetherMeant, editDistance, nearMisses } from "../errors/near-misses.js";
import { topics } from "./topics.js";

const topicNames = topics.map(({ name }) => name);

interface UnknownWord {
  path: readonly string[];
  word: string;
  words: readonly string[];
  isForHelp?: boolean | undefined;
}

/** The error for a word that isn't a command at `path`. Suggests a likely or similar one there, or one elsewhere. */
export async function describeUnknown({
  path,
  word,
  words,
  isForHelp = false,
}: UnknownWord): Promise<UsageError> {
  const where = path.length === 0 ? "" : ` for herm ${path.join(" ")}`;
  const mayBeTopic = path.length === 0 && isForHelp;
  const message = `unknown command${mayBeTopic ? " or topic" : ""} "${word}"${where}`;
  const above = nodesAt(path);
  const typed: RefusedLine = { words, named: path.length + 1 };
  const names = words.filter((each) => !each.startsWith("-"));
  const next = names[names.indexOf(word) + 1];
  const near = nearNodes(word, childrenOf(above.at(-1)));
  const leadsOn = near.some(({ children = [] }) => children.some((child) => isNamed(child, next)));
  const groups = commandTree().flatMap((node) => (node.load === undefined ? [[node]] : []));
  const elsewhere = [...groups, ...allCommands()].filter((nodes) => isNamed(nodes.at(-1), word));
  const explaining =
    path.length === 0 ? topics.find(({ name, words: led = [] }) => [name, ...led].includes(word)) : undefined;
  const isNew = path.length === 0 && elsewhere.length === 0 && explaining === undefined;
  const ofUsual = isNew ? commandAliases.get("automations") : undefined;
  const known = [...(commandAliases.get(path.join(" ")) ?? []), ...(ofUsual ?? [])];
  const meant = leadsOn ? undefined : known.find(({ words: each }) => each.includes(word));
  const isOfGroup = path.length > 0 && meant !== undefined;
  const behind = leadsOn || isOfGroup ? undefined : meantBehind([...path, word, next]);
  if (behind !== undefined) return describeMeant(behind, { message, typed: { words, named: 2 } });
  if (meant !== undefined && !(isForHelp && explaining))
    return describeMeant(following(meant, words), { message, typed });
  const [led] = near;
  const below = led?.children?.find((child) => isNamed(child, next));
  if (led !== undefined && below?.load !== undefined && near.length === 1) {
    const command = [...path, led.name, below.name].join(" ");
    return describeMeant(
      { words: [], targets: [{ command }] },
      { message, typed: { words, named: path.length + 2 } },
    );
  }
  if (explaining !== undefined) return new UsageError(message, { hint: explains(explaining.name, word) });
  const lineOf = (nodes: readonly CommandNode[]) => {
    const command = nodes.map(({ name }) => name).join(" ");
    if (isForHelp) return `herm help ${command}`;
    return nodes.at(-1)?.load === undefined ? `herm ${command}` : suggestedCommand({ command }, typed);
  };
  if (elsewhere.length > 0)
    return new UsageError(message, { hint: didYouMeanOf(await Promise.all(elsewhere.map(lineOf))) });
  const nearTopics = path.length === 0 ? nearMisses(word, topicNames) : [];
  const lines = new Map(mayBeTopic ? nearTopics.map((name) => [name, `herm help ${name}`]) : []);
  for (const node of near) lines.set(node.name, await lineOf(pathTo(node, above)));
  const closest = [...lines.keys()].sort((one, other) => editDistance(word, one) - editDistance(word, other));
  if (closest.length > 0)
    return new UsageError(message, { hint: didYouMeanOf(closest.map((name) => lines.get(name) ?? "")) });
  const foreign = path.length === 0 ? groupAliases.get(word) : undefined;
  if (foreign !== undefined)
    return describeMeant({ words: [], targets: [{ command: `${foreign} list` }] }, { message, typed });
  const [nearWord] = nearMisses(
    word,
    known.flatMap((each) => each.words),
  );
  const nearlyMeant = known.find((each) => nearWord !== undefined && each.words.includes(nearWord));
  if (nearlyMeant !== undefined) return describeMeant(nearlyMeant, { message, typed });
  return new UsageError(message, { hint: hintOf(path, nearTopics[0], mayBeTopic) });
}

/** Finds the meaning of another tool's group together with its next word: `cron list`. */
function meantBehind([group = "", word]: readonly (string | undefined)[]): CommandAlias | undefined {
  const meant = groupAliases.get(group);
  if (meant === undefined || word === undefined) return undefined;
  const command = nodesAt([meant, word])[1];
  if (command !== undefined) return { words: [], targets: [{ command: `${meant} ${command.name}` }] };
  return commandAliases.get(meant)?.find(({ words }) => words.includes(word));
}

/** `logs -f` means to follow a run. */
function following(meant: CommandAlias, words: readonly string[]): CommandAlias {
  const targets = meant.targets.filter(({ command }) => command === "runs watch");
  return targets.length > 0 && words.some(isFollowFlag) ? { ...meant, targets } : meant;
}

function hintOf(path: readonly string[], topic: string | undefined, mayBeTopic: boolean): string {
  if (topic !== undefined) return explains(topic, topic);
  const list = `to see the commands: ${["herm", ...path].join(" ")} --help`;
  return mayBeTopic ? `${list}; to see the topics: herm help topics` : list;
}

function explains(topic: string, what: string): string {
  return `to read about ${what}: herm help ${topic}`;
}

async function describeMeant(
  { targets: meant, because, instead }: CommandAlias,
  { message, typed }: { message: string; typed: RefusedLine },
): Promise<UsageError> {
  if (instead !== undefined) return new UsageError(message, { hint: `use ${instead}` });
  const lines = await Promise.all(
    meant.map(async (each) => {
      const line = await suggestedCommand(each, typed);
      return each.does === undefined ? `use ${line}` : `${each.does}: ${line}`;
    }),
  );
  return new UsageError(because ?? message, { hint: lines.join("\n") });
}

function nearNodes(word: string, nodes: readonly CommandNode[]): CommandNode[] {
  const near = nearMisses(
    word,
    nodes.flatMap((node) => namesOf(node)),
  );
  return nodes.filter((node) => namesOf(node).some((name) => near.includes(name)));
}

function isNamed(node: CommandNode | undefined, word: string | undefined): boolean {
  return node !== undefined && word !== undefined && namesOf(node).includes(word);
}

/** Joins words with commas, except before the last. */
function didYouMeanOf(words: readonly string[]): string | undefined {
  return askWhetherMeant(words.length < 3 ? words : [words.slice(0, -1).join(", "), ...words.slice(-1)]);
}

interface RefusedLine {
  words: readonly string[];
  /** The number of words that name the command and are to be replaced. */
  named: number;
  /** The flags of the typed command, if there is one; a different command may not accept them. */
  flags?: readonly NamedFlag[];
  refused?: string;
}

/** Values that flags for yes or no have in other tools. */
const switched = /^(true|false|yes|no|on|off|0|1)$/;

/** True for the flag that follows a log in other tools; it has no value. */
function isFollowFlag(word: string): boolean {
  return word === "-f" || word === "--follow";
}

export function typedValue(words: readonly string[], flag: string): string {
  const at = words.findIndex((word) => word === flag || word.startsWith(`${flag}=`));
  return (words[at] === flag ? words[at + 1] : words[at]?.slice(flag.length + 1)) ?? "";
}

/** The likely command, followed by the rest of the typed words: `herm automations delete Daily --yes`. */
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
  const isRun = (ref = "") => /^(dep_\w+\/)?run_\w+$/.test(ref);
  const isOther = refs[0] === undefined || (takes === "<automation>" && isRun(refs[0]));
  if (takes !== undefined && isOther) return [takes];
  return named.length === 0 ? [] : refs.map(quoteForShells);
}

interface TypedLine {
  refs: string[];
  flags: string[];
  /** Flags that every command accepts, with their values. */
  shared: string[];
}

/** The word after an unknown flag may be its value, so everything from there on is dropped. */
function readTyped({ words, named, flags = [], refused }: RefusedLine, own: readonly NamedFlag[]): TypedLine {
  const parts: TypedLine = { refs: [], flags: [], shared: [] };
  let left = named;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (word === "--") {
      parts.shared.push(...words.slice(at));
      break;
    }
    if (!word.startsWith("-") || word === "-") {
      if (left > 0) left -= 1;
      else parts.refs.push(word);
      continue;
    }
    const [name = ""] = word.split("=");
    const isNamed = ({ long, short }: { long: string; short?: string }) => long === name || short === name;
    const global: Partial<GlobalFlag> | undefined = findGlobalFlag(name) ?? [helpFlag].find(isNamed);
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

/** The command that another tool's word means here. */
export interface AliasTarget {
  /** Its path in the tree, and arguments if it needs any: `automations delete`, `config set profile`. */
  command: string;
  /** Added if no flags were typed. */
  more?: string | undefined;
  /** Shown if several commands could be meant. */
  does?: string | undefined;
  /** The placeholder for an argument that is missing: `<run>`. */
  takes?: string | undefined;
  /** The flag that the last word is the value of: `rename a b`. */
  lastIs?: string | undefined;
}

interface CommandAlias {
  words: readonly string[];
  targets: readonly AliasTarget[];
  /** Command lines shown unchanged, if the typed words fit no command. */
  instead?: string | undefined;
  because?: string | undefined;
}

/** Groups in other tools, and ours: `cron list`. */
const groupAliases: ReadonlyMap<string, string> = new Map(
  [
    { words: ["cron", "crons", "job", "jobs", "routine", "routines"], group: "automations" },
    { words: ["schedule", "schedules", "task", "tasks", "triggers"], group: "automations" },
    { words: ["workflow", "workflows"], group: "automations" },
    { words: ["agent", "agents"], group: "deployments" },
    { words: ["context", "contexts", "profile", "profiles"], group: "auth" },
  ].flatMap(({ words, group }) => words.map((word) => [word, group] as const)),
);

type Meant = string | Readonly<Record<string, string>>;

/**
 * Aliases by the group in which they are typed ("" for `herm` alone, which accepts those of `automations` as well). The
 * words are followed by the reason why there is no such command, by the command meant, by several with their purposes,
 * or by lines that start with `herm` and are shown unchanged. A flag that ends with `=` receives the last word.
 */
const meant: Readonly<Record<string, Readonly<Record<string, Meant>>>> = {
  "": {
    "retry rerun": "automations trigger <automation>",
    "stop disable suspend": "automations pause",
    events: "herm runs watch <run>, herm top, or the client's events.stream in a program",
    "logs log": { "runs show": "to see a run", "runs watch": "to follow one as it happens" },
    whoami: "auth status",
    "init configure": {
      "auth login": "to save your key",
      export: "to write automations to files",
      "apply --print-schema": "to print the schema of these files, for an editor",
    },
    "context contexts": "config set profile <name>",
    serve: "dev",
    topics: "help topics",
    "docs man": "help",
  },
  automations: {
    "show describe view inspect status": "automations get",
    "rm remove": "automations delete",
    "new add": "automations create",
    edit: "automations update --edit",
    "set patch": "automations update",
    "copy cp clone": "herm export --by-name, then herm apply --file <file> --deployment <other>",
    "rename mv": "automations update --name=",
    schedule: "automations update --schedule=",
    "run exec": "automations trigger",
    "retry rerun": "automations trigger <automation>",
    start: { "automations trigger": "to run it now", "automations resume": "to resume its schedule" },
    "stop disable suspend": "automations pause",
    "enable unpause": "automations resume",
    "logs log": { "runs show": "to see its last run", "runs list": "to list its runs" },
    runs: "runs list",
    history: "history",
    "watch tail": "runs watch",
    answer: "runs answer",
    ps: "runs list --running",
    next: "automations upcoming",
    stats: "automations audit --by automation",
    backfill: "automations catch-up",
    plan: "diff",
    "validate check": "lint",
    prune: "apply --prune",
    "rollback revert undo": "undo",
    import: {
      apply: "to make automations match files",
      adopt: "to record existing ones as yours",
    },
  },
  runs: {
    "stop cancel kill: a run can't be stopped": {
      "automations pause <automation>": "to prevent further runs",
      'runs answer <run> "…" --steer': "to tell the agent what to do",
    },
    "rm remove delete: runs can't be deleted": { "runs show <run>": "to see one" },
    "start create trigger run retry rerun": "automations trigger <automation>",
    "get describe view inspect logs log status": "runs show",
    "tail attach": "runs watch",
    "reply approve": "runs answer",
    ps: "runs list --running",
    stats: "automations audit --by automation",
  },
  deployments: {
    "get show describe view": "deployments list",
    "switch select set": "deployments use",
  },
  schedule: {
    "show describe next": "schedule explain",
  },
  incidents: {
    "get describe view status": "incidents show",
    "create open start pause": "automations pause --all-deployments --incident INC-1",
    "resume undo": "automations resume --incident INC-1",
    "resolve delete": "incidents close",
  },
  auth: {
    "signin add": "auth login --profile=",
    "signout rm remove delete": "auth logout --profile=",
    "whoami show": "auth status",
    "list ls get": "config list",
    "switch use": "config set profile <name>",
  },
  config: {
    "show view get": "config list",
    "rm remove delete": "config unset",
    "add edit": "config set",
    "use-context use switch": "config set profile <name>",
  },
};

/** @internal */
export const commandAliases: ReadonlyMap<string, readonly CommandAlias[]> = new Map(
  Object.entries(meant).map(([group, rows]) => [group, Object.entries(rows).map(readAlias)]),
);

function readAlias([typed, targets]: [string, Meant]): CommandAlias {
  const [words = "", because] = typed.split(": ");
  if (typeof targets === "string" && targets.startsWith("herm "))
    return { words: words.split(" "), because, targets: [], instead: targets };
  const lines = typeof targets === "string" ? [[targets] as const] : Object.entries(targets);
  return { words: words.split(" "), because, targets: lines.map(([line, does]) => readTarget(line, does)) };
}

function readTarget(line: string, does: string | undefined): AliasTarget {
  const [, command = "", takes, rest] = /^([a-z]+(?:[ -][a-z]+)*)(?: (<\w+>))?(?: (.+))?$/.exec(line) ?? [];
  return { command, takes, does, ...(rest?.endsWith("=") ? { lastIs: rest.slice(0, -1) } : { more: rest }) };
}
