import { declareCommand } from "../../command/declaration.js";
import { flag, several } from "../../command/flags.js";
import type { Context } from "../../context/context.js";
import { printHelpFor, printTopic } from "../../help/print-help.js";
import { findTopic, topics } from "../../help/topics.js";

export const command = declareCommand({
  effect: "reads",
  arguments: {
    command: several("command|topic", "a topic, or a command such as runs list", {
      completes: "commands",
    }),
  },
  flags: { verbose: flag("show everything about a command, as --help --verbose does") },
  help: {
    about: "Show help for a command or topic; with neither, list all commands.",
    use: "See what a command can do before you run it, or how things work together. To list the topics, run herm help topics.",
    notes:
      "A global install with npm includes man pages: man herm, man herm-automations-pause, man 7 herm-schedules.",
    inPipe: "topic, summary (of herm help topics)",
    examples: ["herm help automations pause", "herm help schedules", "herm help topics"],
  },
  async run(context, { command: words, verbose }): Promise<void> {
    const topic = findTopic(words);
    if (topic !== undefined) return printTopic(context.io, topic);
    if (words.length === 1 && words[0] === "topics") return listTopics(context);
    await printHelpFor(context.io, words, { isForHelp: true, isVerbose: verbose });
  },
});

async function listTopics(context: Context): Promise<void> {
  const { createPrinter } = await import("../../output/printer.js");
  const { printSummaries } = await import("../../output/table/summaries.js");
  await printSummaries(await createPrinter(context), {
    items: topics.map(({ name, summary }) => ({ topic: name, summary })),
    key: "topic",
  });
}
