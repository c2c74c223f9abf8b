import { declareCommand } from "../../command/declaration.js";
import { optional } from "../../command/flags.js";
import { UsageError } from "../../errors/cli-errors.js";
import { didYouMean } from "../../errors/near-misses.js";
import { skillName, skillPages } from "../../help/skill/skill-pages.js";
import { createPrinter, printOne } from "../../output/printer.js";

export const command = declareCommand({
  effect: "reads",
  arguments: {
    page: optional("page", "a page of the skill, such as commands or exit-codes", {
      completes: "skill pages",
    }),
  },
  help: {
    about: "Print the skill that teaches an AI agent to use herm, or one of its pages.",
    use: "Teach an agent; for the folders where agents look for skills, see herm help agents. Works offline, without a key.",
    examples: ["herm skill", "herm skill commands", "herm skill --output json"],
  },
  /** Throws UsageError for an unknown name. */
  async run(context, { page: requested }): Promise<void> {
    const names = skillPages.map(({ name }) => name);
    const found = skillPages.find(({ name }) => name === (requested ?? names[0]));
    if (found === undefined) {
      throw new UsageError(`the skill has no page "${requested}"`, {
        hint:
          didYouMean(requested ?? "", names) ??
          `its pages: ${names.join(", ")}; to see where to copy them: herm help agents`,
      });
    }
    const printer = await createPrinter(context);
    const text = await found.load();
    const pages = skillPages.map(({ name, summary, path }) => ({ name, summary, file: path }));
    await printOne(printer, {
      json: {
        skill: skillName,
        page: found.name,
        file: found.path,
        text,
        ...(requested === undefined && { pages }),
      },
      name: requested === undefined ? names : found.name,
      table: () => printer.out(text),
    });
  },
});
