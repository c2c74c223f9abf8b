import { resolve } from "node:path";
import { declareCommand } from "../../command/declaration.js";
import { required, text } from "../../command/flags.js";
import { commandLine } from "../../command-line/next-command.js";
import { IncidentFolder } from "../../incident/incident-folder.js";
import { lockWait } from "../../operations/sending/locks.js";
import { createPrinter, printOne } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import { headJson } from "./check-view.js";
import { redactedState } from "./print-incident.js";

export const command = declareCommand({
  effect: "local",
  arguments: { file: required("file", "the ledger", { completes: "files" }) },
  flags: { as: text("name", "use another name if the incident already exists here") },
  help: {
    about: "Take over an incident: copy a colleague's ledger into the data folder.",
    use: "Use it to take over from a colleague. Nothing is sent.",
    exitCodes: {
      2: "it isn't a ledger",
      4: "no such file",
      6: "it has diverged from the copy here, or another herm process is still using it after --max-wait",
    },
    examples: ["herm incidents import inc-42.jsonl", "herm incidents import inc-42.jsonl --as INC-42-ada"],
  },
  /** Copies a ledger into the data folder, or replaces a shorter copy. Throws NotPossibleError if the two diverged. */
  async run(context, { file, as }): Promise<void> {
    const printer = await createPrinter(context);
    const folder = new IncidentFolder(context.settings);
    const path = resolve(context.settings.environment.cwd, file);
    const wait = lockWait(context, { printer });
    const { location, isChange, ...imported } = await folder.import(path, { as, at: context.now(), wait });
    const state = redactedState(imported.state, context.settings);
    const { head, closed } = state;
    const incident = safe(head.incident, "cell");
    await printOne(printer, {
      json: headJson(state),
      name: head.incident,
      table: () =>
        printer.line(
          printer.stdoutIsTty
            ? `${printer.style.ok} ${isChange ? "Imported" : "Already here:"} ${incident}`
            : `${incident}\t${isChange ? "imported" : "unchanged"}`,
        ),
    });
    const show = commandLine(context, ["incidents", "show", head.incident]);
    printer.note(`its ledger is ${location.path}; to check it: ${show}`);
    if (!isChange || closed !== undefined) return;
    const by = `${head.by.user}@${head.by.host}`;
    printer.note(`${by} started it: from now on, only one of you should resume it`);
  },
});
