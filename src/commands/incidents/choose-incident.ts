import type { Context } from "../../context/context.js";
import { UsageError } from "../../errors/errors.js";
import { elsewhereHint, IncidentFolder, type KnownIncident } from "../../incident/incident-folder.js";
import type { Ledger } from "../../incident/ledger.js";
import { withIndexedLedger } from "../../incident/ledger-index.js";
import type { LedgerState } from "../../incident/ledger-state.js";
import { lockWait } from "../../operations/sending/wait-for-lock.js";
import { counted } from "../../output/count.js";
import { createPrinter, type Printer } from "../../output/printer.js";
import { factSeparatorFor } from "../../output/style.js";

/**
 * Finds an incident by name; without one the only open one, or a pick. Throws UsageError with the names where nobody can be
 * asked.
 */
export async function chooseIncident(
  context: Context,
  { name, verb }: { name: string | undefined; verb: string },
): Promise<KnownIncident> {
  const folder = new IncidentFolder(context.settings);
  if (name !== undefined) return folder.find(name);
  const { known } = folder.listOpen();
  const [only] = known;
  if (only === undefined) {
    throw new UsageError(`no incident to ${verb}: none is open here`, {
      hint: (herm) => `${herm("incidents", "list")} shows closed ones to name; ${elsewhereHint(herm)}`,
    });
  }
  if (known.length === 1) return only;
  if (!context.io.canPrompt) {
    const names = known.map(({ state }) => state.head.incident).join(", ");
    throw new UsageError("no incident given", {
      hint: `open here: ${context.settings.redact(names)}`,
    });
  }
  return context.prompts.pick({
    message: `Which incident to ${verb}?`,
    choices: known.map((incident) => ({
      name: context.settings.redact(incident.state.head.incident),
      value: incident,
      description: [
        context.settings.redact(incident.state.head.reason ?? "no reason given"),
        counted(incident.state.items.size, "automation"),
      ].join(factSeparatorFor(context)),
    })),
  });
}

/** Chooses as `chooseIncident`, and locks the ledger while `work` changes it. */
export async function changeIncident(
  context: Context,
  choice: { name: string | undefined; verb: string },
  work: (open: { ledger: Ledger; state: LedgerState; printer: Printer }) => Promise<void>,
): Promise<void> {
  const { location, state } = await chooseIncident(context, choice);
  const printer = await createPrinter(context);
  const wait = lockWait(context, { printer, what: `incident ${state.head.incident}` });
  const change = async (ledger: Ledger) => {
    if (ledger.state !== undefined) await work({ ledger, state: ledger.state, printer });
  };
  await withIndexedLedger(context.settings, location, change, wait);
}
