import "../../src/commands/command-tree.js";
import { allCommands } from "../../src/command/tree.js";

/** Every command's declaration, by its words: `automations list`. */
export const declarations = Object.fromEntries(
  await Promise.all(
    allCommands().map(async (nodes) => {
      const declaration = await nodes.at(-1)?.load?.();
      if (declaration === undefined) throw new Error("a command without a declaration");
      return [nodes.map(({ name }) => name).join(" "), declaration] as const;
    }),
  ),
);

/** Every command by its words, in the order of help. */
export const commandNames = Object.keys(declarations);

/** Every command's help. */
export const helpTexts = Object.fromEntries(
  Object.entries(declarations).map(([name, { help }]) => [name, help]),
);
