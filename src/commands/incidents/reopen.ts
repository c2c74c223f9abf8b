import { declareCommand } from "../../command/declaration.js";
import { required } from "../../command/flags.js";
import { commandLine } from "../../command-line/next-command.js";
import { counted } from "../../output/count.js";
import { mayBePaused } from "./close.js";
import { changeIncident, printIncident, redactedState } from "./print-incident.js";

export const command = declareCommand({
  effect: "local",
  arguments: { name: required("name", "the incident", { completes: "incidents" }) },
  help: {
    about: "Reopen a closed incident, to resume its automations or pause more.",
    use: "Use it if it was closed too early. Nothing is sent.",
    exitCodes: { 4: "no such incident", 6: "another herm process is still using it after --max-wait" },
    examples: ["herm incidents reopen INC-42"],
  },
  /** Reopens an incident from its ledger; a resume still skips later changes. Leaves an open incident as it is. */
  run: (context, { name }): Promise<void> =>
    changeIncident(context, { name, verb: "reopen" }, async ({ ledger, state, printer }) => {
      const { incident } = state.head;
      const isChanged = state.closed !== undefined;
      if (isChanged) {
        ledger.write([{ reopened: true, at: context.now().toISOString() }]);
        await ledger.flush();
      }
      await printIncident(printer, {
        state: redactedState(state, context.settings),
        done: "reopened",
        isChanged,
      });
      if (!isChanged) return printer.note(`incident ${incident} is already open`);
      const { length } = mayBePaused(state);
      if (length === 0) return;
      const show = commandLine(context, ["incidents", "show", incident]);
      printer.note(`${counted(length, "automation")} may still be paused; to check: ${show}`);
    }),
});
