import type { Command } from "commander";
import type { Context } from "../../context.js";
import { recallIncident } from "../../incident/check.js";
import { withLedger } from "../../incident/ledger.js";
import { counted } from "../../output/count.js";
import { printOne } from "../../output/one.js";
import { createPrinter, type Printer } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import { headJson } from "./check-view.js";
import { chooseIncident } from "./choose-incident.js";

export function addIncidentsCloseCommand(parent: Command, context: Context): void {
  parent
    .command("close")
    .argument("[name]", "the incident (default: the only open one)")
    .action((name: string | undefined) => closeIncident(context, name));
}

/** Closes an incident by hand and names what stays paused; closed already: nothing to do. */
export async function closeIncident(context: Context, name: string | undefined): Promise<void> {
  const { place } = await chooseIncident(context, { name, verb: "close" });
  const printer = await createPrinter(context);
  await withLedger(context.settings.files, place, async (ledger) => {
    const { state } = ledger;
    if (state === undefined) return;
    const { incident } = state.head;
    if (state.closed !== undefined) printer.note(`incident ${incident} is closed already`);
    else {
      ledger.write([{ type: "closed", at: context.now().toISOString(), why: "given up" }]);
      await ledger.settle();
    }
    const closed = { ...headJson(state.head, state.scopes), closed_at: state.closed?.at ?? null };
    await printClosed(context, printer, { incident, closed });
    const given = recallIncident(state).items.filter(
      ({ state: each, was_enabled }) => was_enabled === true && ["paused", "left", "unknown"].includes(each),
    );
    if (given.length === 0) return;
    printer.note(
      `${counted(given.length, "automation")} of it may still be paused, for good until somebody resumes:`,
    );
    for (const item of given) printer.note(`  ${item.name} (${item.deployment_id}/${item.automation_id})`);
  });
}

async function printClosed(
  context: Context,
  printer: Printer,
  { incident, closed }: { incident: string; closed: object },
): Promise<void> {
  await printOne(printer, context.settings.output, {
    json: closed,
    name: incident,
    table: () =>
      printer.line(
        printer.stdoutIsTty
          ? `${printer.style.green("✓")} Closed ${safe(incident, "cell")}`
          : `${safe(incident, "cell")}\tclosed`,
      ),
  });
}
