import type { CommandDeclaration } from "./declaration.js";

/** One word of the command line: a group with children, a command that is loaded when it is used, or both. */
export interface CommandNode {
  name: string;
  alias?: string;
  summary: string;
  /** Of a group: two of its commands' own examples, to begin with. */
  examples?: readonly [string, string];
  children?: readonly CommandNode[];
  load?: () => Promise<CommandDeclaration>;
}
