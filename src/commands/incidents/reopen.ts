import type { Command } from "commander";
import { commandLine } from "../../command-line/next-command.js";
import type { Context } from "../../context.js";
import { withLedger } from "../../incident/ledger.js";
import { counted } from "../../output/count.js";
import { createPrinter } from "../../output/printer.js";
import { chooseIncident } from "./choose-incident.js";
import { mayBePaused } from "./close.js";
import { printIncident } from "./print-incident.js";

export function addIncidentsReopenCommand(parent: Command, context: Context): void {
  parent
    .command("reopen")
    .argument("<name>", "the incident")
    .action((name: string) => reopenIncident(context, name));
}

/**
 * Takes a close back: the incident goes on as its ledger has it, and what was changed since is left alone by a resume as
 * ever. Open already: nothing to do.
 */
export async function reopenIncident(context: Context, name: string): Promise<void> {
  const { place } = await chooseIncident(context, { name, verb: "reopen" });
  const printer = await createPrinter(context);
  await withLedger(context.settings.files, place, async (ledger) => {
    const { state } = ledger;
    if (state === undefined) return;
    const { incident } = state.head;
    if (state.closed === undefined) printer.note(`incident ${incident} is open already`);
    else {
      ledger.write([{ type: "reopened", at: context.now().toISOString() }]);
      await ledger.settle();
    }
    await printIncident(context, printer, { state, done: "reopened" });
    const count = counted(mayBePaused(state).length, "automation");
    const show = commandLine(context, ["incidents", "show", incident]);
    printer.note(`${count} of it may still be paused; ${show} asks the server`);
  });
}
