import { required } from "../../command/arguments.js";
import { declareCommand } from "../../command/declaration.js";
import { commandLine } from "../../command-line/next-command.js";
import type { Ledger } from "../../incident/ledger.js";
import { withIndexedLedger } from "../../incident/ledger-index.js";
import { lockWait } from "../../operations/sending/wait-for-lock.js";
import { counted } from "../../output/count.js";
import { createPrinter } from "../../output/printer.js";
import { chooseIncident } from "./choose-incident.js";
import { mayBePaused } from "./close.js";
import { printIncident, redactedState } from "./print-incident.js";

export const command = declareCommand({
  effect: "local",
  arguments: { name: required("name", "the incident", { completes: "incidents" }) },
  help: {
    about: "Reopen a closed incident, to resume it or pause more with it.",
    use: "When it was closed too early. Nothing is sent.",
    exitCodes: { 4: "no such incident", 6: "another herm is still busy with it after --max-wait" },
    examples: ["herm incidents reopen INC-42"],
  },
  /** Reopens an incident as its ledger has it: a resume skips what was changed since, as ever. Open already: nothing to do. */
  async run(context, { name }): Promise<void> {
    const { location, state: known } = await chooseIncident(context, { name, verb: "reopen" });
    const { incident } = known.head;
    const printer = await createPrinter(context);
    const work = async (ledger: Ledger) => {
      const { state } = ledger;
      if (state === undefined) return;
      if (state.closed === undefined) printer.note(`incident ${incident} is already open`);
      else {
        ledger.write([{ reopened: true, at: context.now().toISOString() }]);
        await ledger.flush();
      }
      await printIncident(printer, { state: redactedState(state, context.settings), done: "reopened" });
      const { length } = mayBePaused(state);
      if (length === 0) return;
      const show = commandLine(context, ["incidents", "show", incident]);
      printer.note(`${counted(length, "automation")} may still be paused; check: ${show}`);
    };
    await withIndexedLedger(
      context.settings,
      location,
      work,
      lockWait(context, { printer, what: `incident ${incident}` }),
    );
  },
});
