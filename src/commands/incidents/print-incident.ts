/** Chooses, changes and prints an incident. */

import type { Context } from "../../context/context.js";
import { UsageError } from "../../errors/cli-errors.js";
import { changeRecordsOf } from "../../history/change-records.js";
import { elsewhereHint, IncidentFolder, type KnownIncident } from "../../incident/incident-folder.js";
import type { Ledger } from "../../incident/ledger.js";
import { withIndexedLedger } from "../../incident/ledger-index.js";
import { LedgerState, noteResumedByRef } from "../../incident/ledger-state.js";
import { lockWait } from "../../operations/sending/locks.js";
import { counted } from "../../output/count.js";
import { createPrinter, type Printer, printOne } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import { factSeparatorFor } from "../../output/style.js";
import { redactTexts } from "../../settings/key.js";
import type { Settings } from "../../settings/settings.js";
import { headJson } from "./check-view.js";

/** Prints `✓ Closed INC-42` on a terminal, unless nothing changed; `INC-42`, `closed` in a pipe; or JSON. */
export async function printIncident(
  printer: Printer,
  { state, done, isChanged }: { state: LedgerState; done: "closed" | "reopened"; isChanged: boolean },
): Promise<void> {
  const { head, closed } = state;
  const incident = safe(head.incident, "cell");
  const verb = { closed: "Closed", reopened: "Reopened" }[done];
  await printOne(printer, {
    json: { ...headJson(state), closed_at: closed?.at ?? null },
    name: head.incident,
    table: async () => {
      if (!printer.stdoutIsTty) return printer.line(`${incident}\t${done}`);
      if (isChanged) await printer.line(`${printer.style.ok} ${verb} ${incident}`);
    },
  });
}

/** Adds to the incidents' states any resumes outside them that are in this data folder's history. Throws FileError. */
export function noteChanges({ settings }: Pick<Context, "settings">, states: readonly LedgerState[]): void {
  const sinceMs = Math.min(...states.map(({ head }) => Date.parse(head.created_at)));
  const changes = changeRecordsOf(settings, { sinceMs });
  for (const state of states) noteResumedByRef(state, changes);
}

/** The state from a ledger, ready to print, with any keys removed. */
export function redactedState(state: LedgerState, settings: Pick<Settings, "redact">): LedgerState {
  const { head, scopes } = state;
  return Object.assign(new LedgerState(head), state, redactTexts({ head, scopes }, settings));
}

/** Finds an incident by name, or the only open one, or asks. Throws UsageError with the names if it can't ask. */
export async function chooseIncident(
  context: Context,
  { name, verb }: { name: string | undefined; verb: string },
): Promise<KnownIncident> {
  const folder = new IncidentFolder(context.settings);
  if (name !== undefined) return folder.find(name);
  const { known } = folder.listOpen();
  const [only] = known;
  if (only === undefined) {
    throw new UsageError(`no incident to ${verb}: no incidents are open here`, {
      hint: (herm) => `to see closed ones: ${herm("incidents", "list")}; ${elsewhereHint(herm)}`,
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

/** Chooses an incident as `chooseIncident` does, and locks its ledger during `work`. */
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
