import { resolve } from "node:path";
import type { Command } from "commander";
import { commandLine } from "../../command-line/next-command.js";
import type { Context } from "../../context.js";
import { IncidentFolder } from "../../incident/incident-folder.js";
import { printOne } from "../../output/one.js";
import { createPrinter } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import { headJson } from "./check-view.js";

export function addIncidentsImportCommand(parent: Command, context: Context): void {
  parent
    .command("import")
    .argument("<file>", "the ledger")
    .action((file: string) => importIncident(context, file));
}

/** Copies a ledger into the data folder; a longer copy of one that is there replaces it. Throws ConflictError where the two went apart. */
export async function importIncident(context: Context, file: string): Promise<void> {
  const printer = await createPrinter(context);
  const folder = new IncidentFolder(context.settings);
  const { state, place, isChange } = await folder.import(resolve(context.settings.places.cwd, file));
  const { head, scopes } = state;
  const incident = safe(head.incident, "cell");
  await printOne(printer, context.settings.output, {
    json: headJson(head, scopes),
    name: head.incident,
    table: () =>
      printer.line(
        printer.stdoutIsTty
          ? `${printer.style.green("✓")} ${isChange ? "Imported" : "Already here:"} ${incident}`
          : `${incident}\t${isChange ? "imported" : "unchanged"}`,
      ),
  });
  const show = commandLine(context, ["incidents", "show", head.incident]);
  printer.note(`its ledger is ${place.path}; ${show} asks the server`);
}
