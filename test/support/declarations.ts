import "../../src/commands/command-tree.js";
import { allCommands } from "../../src/command/tree.js";

/** The declarations of all commands, by their words: `automations list`. */
export const declarations = Object.fromEntries(
  await Promise.all(
    allCommands().map(async (nodes) => {
      const declaration = await nodes.at(-1)?.load?.();
      if (declaration === undefined) throw new Error("a command without a declaration");
      return [nodes.map(({ name }) => name).join(" "), declaration] as const;
    }),
  ),
);

/** All commands by their words, in the order that help lists them. */
export const commandNames = Object.keys(declarations);

/** The help of all commands. */
export const helpTexts = Object.fromEntries(
  Object.entries(declarations).map(([name, { help }]) => [name, help]),
);
