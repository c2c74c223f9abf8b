import type { CommandDeclaration } from "./declaration.js";

export interface CommandNode {
  name: string;
  alias?: string;
  summary: string;
  /** Two of a group's own examples. */
  examples?: readonly [string, string];
  children?: readonly CommandNode[];
  load?: () => Promise<CommandDeclaration>;
}

/** A command that is loaded when it is used. */
export function leaf(
  name: string,
  summary: string,
  load: () => Promise<{ command: CommandDeclaration }>,
  more: Pick<CommandNode, "alias"> = {},
): CommandNode {
  return { name, ...more, summary, load: async () => (await load()).command };
}
