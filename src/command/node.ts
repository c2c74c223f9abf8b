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
