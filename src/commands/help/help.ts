import { several } from "../../command/arguments.js";
import { declareCommand } from "../../command/declaration.js";
import { printHelpFor } from "../../help/print-help.js";

export const command = declareCommand({
  effect: "reads",
  arguments: {
    command: several("command", "the command's words, such as runs list", { completes: "commands" }),
  },
  help: {
    about: "Show the help of a command, as its --help does; without one, all commands by task.",
    use: "To see what a command can do before running it.",
    examples: ["herm help", "herm help automations pause"],
  },
  run: ({ io }, { command: words }): Promise<void> => printHelpFor(io, words),
});
