import type { Context } from "../../context/context.js";
import { changeRecordsOf } from "../../history/change-records.js";
import { LedgerState, noteResumedByRef } from "../../incident/ledger-state.js";
import { type Printer, printOne } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import { redactTexts } from "../../settings/redact.js";
import type { Settings } from "../../settings/settings.js";
import { headJson } from "./check-view.js";

/** Prints `✓ Closed INC-42` to a person, nothing if it was so already; `INC-42`, `closed` in a pipe, or JSON. */
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

/** Notes in incidents' states what this data folder's history resumed outside of them. Throws FileError. */
export function noteChanges({ settings }: Pick<Context, "settings">, states: readonly LedgerState[]): void {
  const sinceMs = Math.min(...states.map(({ head }) => Date.parse(head.created_at)));
  const changes = changeRecordsOf(settings, { sinceMs });
  for (const state of states) noteResumedByRef(state, changes);
}

/** A ledger's state for printing, without any key. */
export function redactedState(state: LedgerState, settings: Pick<Settings, "redact">): LedgerState {
  const { head, scopes } = state;
  return Object.assign(new LedgerState(head), state, redactTexts({ head, scopes }, settings));
}
