import type { CommandDeclaration } from "./declaration.js";

export interface CommandNode {
  name: string;
  alias?: string;
  /** The group behind which a command may be typed too. */
  formerly?: string;
  summary: string;
  /** Two of a group's own examples. */
  examples?: readonly [string, string];
  children?: readonly CommandNode[];
  load?: () => Promise<CommandDeclaration>;
}

/** A command: its line in a list, and what loads it when it is used. */
type Leaf = readonly [
  summary: string,
  load: () => Promise<{ command: CommandDeclaration }>,
  more?: { alias?: string; formerly?: string; children?: Commands },
];

type Group = Pick<CommandNode, "alias" | "summary" | "examples"> & { children: Commands };

export interface Commands {
  readonly [name: string]: Leaf | Group;
}

const commands: CommandNode[] = [];

/** Registers every command and group, once: help and completion read the tree without importing what leads to them. */
export function registerCommands(named: Commands): void {
  commands.push(...nodesOf(named));
}

function nodesOf(named: Commands): CommandNode[] {
  return Object.entries(named).map(([name, node]) => {
    if ("summary" in node) return { name, ...node, children: nodesOf(node.children) };
    const [summary, load, { children, ...more } = {}] = node;
    const nodes = children && nodesOf(children);
    return { name, ...more, summary, load: async () => (await load()).command, children: nodes };
  });
}

/** Every command and group at the top, in the order of help. */
export function commandTree(): readonly CommandNode[] {
  return commands;
}

/** The nodes that the words name, as far as they go. The words are without flags and their values. */
export function nodesAt(words: readonly string[]): CommandNode[] {
  const found: CommandNode[] = [];
  let nodes: readonly CommandNode[] | undefined = commands;
  const present = presentWords(words);
  for (const [at, word] of present.entries()) {
    const node: CommandNode | undefined =
      nodes?.find((each) => isNamed(each, word)) ??
      nodes?.find((each) => isOneOf(each, word, present[at + 1]));
    if (node === undefined) break;
    found.push(node);
    nodes = node.children;
  }
  return found;
}

/** The commands that were in this group before they had words of their own. */
export function movedFrom(group: CommandNode | undefined): CommandNode[] {
  return commands.filter(({ formerly }) => formerly !== undefined && formerly === group?.name);
}

/** Words with `apply` for `automations apply`. */
export function presentWords([group, ...words]: readonly string[]): readonly string[] {
  const moved = commands.find((each) => each.formerly !== undefined && isNamed(each, words[0]));
  const former = commands.find(({ name }) => name === moved?.formerly);
  const isFormer = former !== undefined && (isNamed(former, group) || former.name === `${group}s`);
  return isFormer || group === undefined ? words : [group, ...words];
}

function isNamed({ name, alias }: CommandNode, word: string | undefined): boolean {
  return word !== undefined && (name === word || alias === word);
}

/** True for a group's noun in the singular before one of its commands: `run list`, but not `run Daily`. */
function isOneOf({ name, children = [] }: CommandNode, word: string, next: string | undefined): boolean {
  return name === `${word}s` && children.some((child) => isNamed(child, next));
}

export function allCommands(nodes: readonly CommandNode[] = commands): [...CommandNode[], CommandNode][] {
  return nodes.flatMap((node): [...CommandNode[], CommandNode][] => [
    ...(node.load === undefined ? [] : [[node] as [CommandNode]]),
    ...allCommands(node.children ?? []).map((below): [...CommandNode[], CommandNode] => [node, ...below]),
  ]);
}

/** The full names of the command that the words name. */
export function findPath(words: readonly string[]): string[] {
  return nodesAt(words).map(({ name }) => name);
}
