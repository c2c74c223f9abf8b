import { existsSync } from "node:fs";
import { commandLine } from "../../command-line/next-command.js";
import { quoteForShells } from "../../command-line/shell-quote.js";
import type { Context } from "../../context.js";
import { DeclinedError, NotPossibleError, UsageError } from "../../errors.js";
import { counted } from "../../output/count.js";
import { printOne } from "../../output/one.js";
import { createPrinter } from "../../output/printer.js";
import { safe } from "../../output/safe.js";

/**
 * Puts the data aside, so that the next local server begins anew; a server in the background is stopped for it. Throws
 * NotPossibleError while one in the foreground has the data, UsageError where nobody can be asked.
 */
export async function resetData(
  context: Context,
  { dataFile, isConfirmed }: { dataFile: string; isConfirmed: boolean },
): Promise<void> {
  const { io, settings, signal } = context;
  const printer = await createPrinter(context);
  if (!isConfirmed && !io.canPrompt) throw new UsageError("--reset needs --yes when there is nobody to ask");
  if (!existsSync(dataFile)) {
    printer.note(`nothing to reset: ${dataFile} isn't there`);
    return printOne(printer, { json: { reset: false, data: dataFile }, table: async () => undefined });
  }
  const { findOwner, stopOwner } = await import("../../dev-server/owner.js");
  const { countData, setDataAside: setAside } = await import("../../dev-server/set-aside.js");
  const { askStanding } = await import("../../dev-server/standing.js");
  const owner = await findOwner(settings.files, dataFile);
  if (owner && !owner.isBackground) {
    throw new NotPossibleError(`${dataFile} is used by the server at ${owner.url} (pid ${owner.pid})`, {
      hint: "stop that one first",
    });
  }
  const there = owner ? await askStanding(owner) : await countData(dataFile);
  if (!isConfirmed) {
    const what = there && `${counted(there.automations, "automation")} and ${counted(there.runs, "run")} in `;
    const message = `Start with no data, and set aside ${what ?? ""}${dataFile}?`;
    if (!(await context.prompts.confirm({ message, default: false }))) throw new DeclinedError();
  }
  if (owner) await stopOwner(owner, signal);
  const kept = await setAside(settings.files, dataFile, context.now());
  await printOne(printer, {
    json: { reset: true, data: dataFile, kept, automations: there?.automations, runs: there?.runs },
    table: () =>
      printer.line(
        printer.stdoutIsTty
          ? `The local server starts with no data. The old data is saved in ${safe(kept, "cell")}`
          : `true\t${safe(dataFile, "cell")}\t${safe(kept, "cell")}`,
      ),
  });
  printer.note(`undo: mv -n ${quoteForShells(kept)} ${quoteForShells(dataFile)}`);
  printer.hint(`to look at it: ${commandLine(context, ["dev", "--data", kept])}`);
}
