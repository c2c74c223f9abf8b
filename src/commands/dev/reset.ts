import { existsSync } from "node:fs";
import { declareCommand } from "../../command/declaration.js";
import { flag } from "../../command/flags.js";
import { commandLine } from "../../command-line/next-command.js";
import { DeclinedError, NotPossibleError, UsageError } from "../../errors/cli-errors.js";
import { counted } from "../../output/count.js";
import { createPrinter, printOne } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import { chooseDataFile, dataFlags, dataWords } from "./dev-flags.js";

export const command = declareCommand({
  effect: "local",
  flags: {
    ...dataFlags,
    undo: flag("restore the data from before the last reset"),
    yes: flag("don't ask for confirmation"),
  },
  help: {
    about: "Replace a local server's data with fresh data, and keep a copy of the old data.",
    use: "Use it for a fresh start. It stops a background server.",
    exitCodes: {
      1: "you answered no",
      6: "a foreground server is using the data, or there is no reset to undo",
    },
    examples: ["herm dev reset --yes", "herm dev reset --example", "herm dev reset --undo"],
  },
  /** Throws NotPossibleError while a server in the foreground uses the data, and UsageError if it can't ask. */
  async run(context, { yes: isConfirmed, undo: isUndo, ...choice }): Promise<void> {
    const { io, settings, signal } = context;
    const dataFile = chooseDataFile(context, choice);
    const printer = await createPrinter(context);
    if (!isConfirmed && !io.canPrompt) throw new UsageError("this needs --yes when herm can't ask");
    if (!isUndo && !existsSync(dataFile)) {
      printer.note(`nothing to reset: ${dataFile} doesn't exist`);
      return printOne(printer, { json: { reset: false, data: dataFile }, table: async () => undefined });
    }
    const { findOwner, stopOwner } = await import("../../dev-server/owner.js");
    const { countData, renameData, restoreData } = await import("../../dev-server/reset-data.js");
    const { askStatus } = await import("../../dev-server/server-status.js");
    const owner = await findOwner(settings.files, dataFile);
    if (owner && !owner.isBackground) {
      throw new NotPossibleError(`${dataFile} is used by the server at ${owner.url} (pid ${owner.pid})`, {
        hint: "stop it first",
      });
    }
    const isThere = existsSync(dataFile);
    const there = owner ? await askStatus(owner) : isThere ? await countData(dataFile) : undefined;
    if (!isConfirmed) {
      const what =
        there && `${counted(there.automations, "automation")} and ${counted(there.runs, "run")} in `;
      const aside = isThere ? `, and set aside ${what ?? ""}${dataFile}` : "";
      const message = `${isUndo ? "Restore the data from before the last reset" : "Start over"}${aside}?`;
      if (!(await context.prompts.confirm({ message, default: false }))) throw new DeclinedError();
    }
    if (owner) await stopOwner(owner, signal);
    const kept = await (isUndo ? restoreData : renameData)(settings.files, dataFile, context.now());
    const [done, text] = isUndo
      ? ["restored", "Restored the local server's data from before the last reset."]
      : ["reset", "The local server will start with fresh data."];
    const { automations, runs } = there ?? {};
    await printOne(printer, {
      json: { [done]: true, data: dataFile, kept, automations, runs },
      table: () =>
        printer.line(
          printer.stdoutIsTty
            ? `${text}${kept === undefined ? "" : ` The old data is saved in ${safe(kept, "cell")}`}`
            : `true\t${safe(dataFile, "cell")}\t${safe(kept ?? "", "cell")}`,
        ),
    });
    if (kept === undefined) return;
    printer.note(`undo: ${commandLine(context, ["dev", "reset", ...dataWords(choice), "--undo"])}`);
    printer.hint(`to look at it: ${commandLine(context, ["dev", "--data", kept])}`);
  },
});
