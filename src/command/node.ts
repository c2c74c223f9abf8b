import type { CommandDeclaration } from "./declaration.js";

/** One word of the command line: a group with children, a command that is loaded when it is used, or both. */
export interface CommandNode {
  name: string;
  alias?: string;
  summary: string;
  /** The heading that it stands under in the help of all commands. */
  task?: string;
  /** Few people call it: help names it, and only the whole page says what it is for. */
  isSeldom?: boolean;
  /** Of a group: two of its commands' own examples, to begin with. */
  examples?: readonly [string, string];
  children?: readonly CommandNode[];
  load?: () => Promise<CommandDeclaration>;
}
