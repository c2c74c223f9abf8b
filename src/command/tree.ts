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

/** Commands and groups below it, of none at the top: those too that were there before they had words of their own. */
export function childrenOf(node: CommandNode | undefined): readonly CommandNode[] {
  if (node === undefined) return commands;
  return [...(node.children ?? []), ...commands.filter(({ formerly }) => formerly === node.name)];
}

/** The nodes that the words name, as far as they go. The words are without flags and their values. */
export function nodesAt(words: readonly string[]): CommandNode[] {
  let found: CommandNode[] = [];
  for (const [at, word] of words.entries()) {
    const next = words.slice(at + 1, at + 2);
    const node = childrenOf(found.at(-1)).find((each) => namesOf(each, next).includes(word));
    if (node === undefined) break;
    found = pathTo(node, found);
  }
  return found;
}

/** The nodes of one below `above`: of `automations apply` it is `apply`. */
export function pathTo(node: CommandNode, above: readonly CommandNode[]): CommandNode[] {
  return node.formerly === undefined ? [...above, node] : [node];
}

/** A group's are also its noun in the singular where one of its commands stands behind: `run list`, but not `run Daily`. */
export function namesOf(node: CommandNode, behind: readonly string[] = []): string[] {
  const { name, alias, load } = node;
  const isOne =
    load === undefined && childrenOf(node).some((each) => namesOf(each).some((one) => behind.includes(one)));
  return [
    name,
    ...(alias === undefined ? [] : [alias]),
    ...(isOne && name.endsWith("s") ? [name.slice(0, -1)] : []),
  ];
}

export function allCommands(nodes: readonly CommandNode[] = commands): [...CommandNode[], CommandNode][] {
  return nodes.flatMap((node): [...CommandNode[], CommandNode][] => [
    ...(node.load === undefined ? [] : [[node] as [CommandNode]]),
    ...allCommands(node.children ?? []).map((below): [...CommandNode[], CommandNode] => [node, ...below]),
  ]);
}
