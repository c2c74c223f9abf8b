import type { CommandDeclaration } from "./declaration.js";

export interface CommandNode {
  name: string;
  alias?: string;
  /** The group in which a command may also be typed. */
  formerly?: string;
  summary: string;
  examples?: readonly [string, string];
  children?: readonly CommandNode[];
  load?: () => Promise<CommandDeclaration>;
}

/** A command: its summary line in lists, and its loader. */
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

/** Registers each command and group once, so that help and completion can read the tree without importing commands. */
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

/** Every top-level command and group, in the order that help lists them. */
export function commandTree(): readonly CommandNode[] {
  return commands;
}

/** Commands and groups below a node, by default the top level: `herm pause` means `herm automations pause`. */
export function childrenOf(node: CommandNode | undefined): readonly CommandNode[] {
  if (node === undefined) return [...commands, ...(usualGroup()?.children ?? [])];
  return [...(node.children ?? []), ...commands.filter(({ formerly }) => formerly === node.name)];
}

/** The nodes that the words name, until one doesn't match. The words exclude flags and their values. */
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

function usualGroup(): CommandNode | undefined {
  return commands.find(({ name }) => name === "automations");
}

/** The path to a node below `above`: `automations apply` becomes `apply`, and `pause` `automations pause`. */
export function pathTo(node: CommandNode, above: readonly CommandNode[]): CommandNode[] {
  if (node.formerly !== undefined) return [node];
  const group = above.length === 0 && !commands.includes(node) ? usualGroup() : undefined;
  return group === undefined ? [...above, node] : [group, node];
}

/** A group may be in the singular, as in `incident`; `run` only before a command, since `run Daily` is a trigger. */
export function namesOf(node: CommandNode, behind: readonly string[] = []): string[] {
  const { name, alias, load } = node;
  const isBehind = (each: CommandNode) => namesOf(each).some((one) => behind.includes(one));
  const isOne = load === undefined && (name !== "runs" || childrenOf(node).some(isBehind));
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
