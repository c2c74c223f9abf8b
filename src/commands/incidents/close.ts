import { declareCommand, type InputOf } from "../../command/declaration.js";
import { flag, optional } from "../../command/flags.js";
import { commandLine } from "../../command-line/next-command.js";
import type { Context } from "../../context/context.js";
import { DeclinedError } from "../../errors/cli-errors.js";
import { type CheckedItem, recallIncident } from "../../incident/check.js";
import type { LedgerState } from "../../incident/ledger-state.js";
import { requireInteractive } from "../../operations/plan-view.js";
import { Names } from "../../operations/rows/names.js";
import { counted, limitLines } from "../../output/count.js";
import type { Printer } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import { changeIncident, noteChanges, printIncident, redactedState } from "./print-incident.js";

export const command = declareCommand({
  effect: "local",
  arguments: {
    name: optional("name", "the incident (default: the only open one)", { completes: "incidents" }),
  },
  flags: { yes: flag("don't ask for confirmation") },
  help: {
    about: "Close an incident. Paused automations stay paused, and resume --incident no longer finds them.",
    use: "Use it if the remaining automations should stay paused. It asks for confirmation; to undo it, use incidents reopen. An incident closes by itself once everything is resumed. Nothing is sent.",
    exitCodes: {
      1: "you answered no",
      2: "--yes is missing, herm can't ask, and something may still be paused",
      4: "no such incident",
      6: "another herm process is still using it after --max-wait",
    },
    examples: ["herm incidents close INC-42", "herm incidents close INC-42 --yes"],
  },
  run: (context, input): Promise<void> => closeIncident(context, input),
});

/**
 * Closes an incident by hand after asking, and lists the automations still paused; leaves a closed incident as it is.
 * Throws DeclinedError, and UsageError if it can't ask and automations may still be paused.
 */
function closeIncident(context: Context, { name, yes: isConfirmed }: InputOf<typeof command>): Promise<void> {
  return changeIncident(context, { name, verb: "close" }, async ({ ledger, state, printer }) => {
    const { incident } = state.head;
    noteChanges(context, [state]);
    const paused = mayBePaused(state);
    const isChanged = state.closed === undefined;
    if (isChanged) {
      if (!isConfirmed) await ask(context, { incident, paused });
      ledger.write([{ closed: "given up", at: context.now().toISOString() }]);
      await ledger.flush();
    } else printer.note(`incident ${incident} is already closed`);
    await printIncident(printer, {
      state: redactedState(state, context.settings),
      done: "closed",
      isChanged,
    });
    listPaused(printer, paused);
    if (isChanged) printer.note(`undo: ${commandLine(context, ["incidents", "reopen", incident])}`);
  });
}

/** The automations that the incident paused, except those that the ledger shows as resumed. */
export function mayBePaused(state: LedgerState): CheckedItem[] {
  return recallIncident(state).items.filter(
    ({ state: each, was_enabled }) => was_enabled === true && ["paused", "skipped", "unknown"].includes(each),
  );
}

async function ask(
  context: Context,
  { incident, paused }: { incident: string; paused: readonly CheckedItem[] },
): Promise<void> {
  const { prompts, settings, io } = context;
  const stay = `ts ${counted(paused.length, "automation")} will stay paused`;
  if (paused.length > 0)
    requireInteractive(context, "closing an incident", (herm) =>
      settings.redact(`i${stay}; to resume: ${herm("automations", "resume", "--incident", incident)}`),
    );
  if (!io.canPrompt) return;
  const what = paused.length === 0 ? "It has nothing left to resume." : `I${stay}.`;
  const message = settings.redact(`Close ${incident}? ${what}`);
  if (!(await prompts.confirm({ message, default: false }))) throw new DeclinedError();
}

const mostNamed = 20;

function listPaused(printer: Printer, paused: readonly CheckedItem[]): void {
  if (paused.length === 0) return;
  printer.note(`${counted(paused.length, "automation")} may still be paused, and remain so until resumed:`);
  const lines = new Names(paused, []).groups(paused).map(({ what }) => safe(`  ${what}`, "cell"));
  for (const line of limitLines(lines, mostNamed)) printer.note(line);
}
