import { existsSync } from "node:fs";
import { declareCommand } from "../../command/declaration.js";
import { flag } from "../../command/flags.js";
import { commandLine } from "../../command-line/next-command.js";
import { quoteForShells } from "../../command-line/shell-quote.js";
import { DeclinedError, NotPossibleError, UsageError } from "../../errors.js";
import { counted } from "../../output/count.js";
import { createPrinter } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import { printOne } from "../../output/single-result.js";
import { chooseDataFile, dataFlags } from "./flags.js";

export const command = declareCommand({
  effect: "local",
  flags: { ...dataFlags, yes: flag("don't ask") },
  help: {
    about: "Start over with a local server's data; the old data is saved beside it.",
    use: "Use it for a fresh start. It stops a background server.",
    exitCodes: { 1: "you answered no", 6: "a server in the foreground uses the data" },
    examples: ["herm dev reset --yes", "herm dev reset --example"],
  },
  /** Throws NotPossibleError while a server in the foreground has the data, UsageError where nobody can be asked. */
  async run(context, { yes: isConfirmed, ...choice }): Promise<void> {
    const { io, settings, signal } = context;
    const dataFile = chooseDataFile(context, choice);
    const printer = await createPrinter(context);
    if (!isConfirmed && !io.canPrompt) throw new UsageError("this needs --yes when herm can't ask");
    if (!existsSync(dataFile)) {
      printer.note(`nothing to reset: ${dataFile} doesn't exist`);
      return printOne(printer, { json: { reset: false, data: dataFile }, table: async () => undefined });
    }
    const { findOwner, stopOwner } = await import("../../dev-server/owner.js");
    const { countData, renameData } = await import("../../dev-server/reset-data.js");
    const { askStatus } = await import("../../dev-server/server-status.js");
    const owner = await findOwner(settings.files, dataFile);
    if (owner && !owner.isBackground) {
      throw new NotPossibleError(`${dataFile} is used by the server at ${owner.url} (pid ${owner.pid})`, {
        hint: "stop that one first",
      });
    }
    const there = owner ? await askStatus(owner) : await countData(dataFile);
    if (!isConfirmed) {
      const what =
        there && `${counted(there.automations, "automation")} and ${counted(there.runs, "run")} in `;
      const message = `Start over, and set aside ${what ?? ""}${dataFile}?`;
      if (!(await context.prompts.confirm({ message, default: false }))) throw new DeclinedError();
    }
    if (owner) await stopOwner(owner, signal);
    const backup = await renameData(settings.files, dataFile, context.now());
    await printOne(printer, {
      json: { reset: true, data: dataFile, kept: backup, automations: there?.automations, runs: there?.runs },
      table: () =>
        printer.line(
          printer.stdoutIsTty
            ? `The local server starts over. The old data is saved in ${safe(backup, "cell")}`
            : `true\t${safe(dataFile, "cell")}\t${safe(backup, "cell")}`,
        ),
    });
    printer.note(`undo: mv -n ${quoteForShells(backup)} ${quoteForShells(dataFile)}`);
    printer.hint(`to look at it: ${commandLine(context, ["dev", "--data", backup])}`);
  },
});
