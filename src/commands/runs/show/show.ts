import type { Command } from "commander";
import type { Context } from "../../../context.js";
import { printOne } from "../../../output/one.js";
import { createPrinter } from "../../../output/printer.js";
import { runJson } from "../../../runs/run-row.js";
import { readMessages } from "../shared/messages.js";
import { requireRunRef } from "../shared/require-run-ref.js";
import { resolveRun } from "../shared/resolve-run.js";
import { renderPipedRun, renderRun } from "./view.js";

export function addRunsShowCommand(parent: Command, context: Context): void {
  parent
    .command("show")
    .argument("[run|ref]", "a run (run_…), or an automation for its newest run")
    .action((ref: string | undefined) => showRun(context, { ref }));
}

/** Prints a run and its messages. */
export async function showRun(context: Context, { ref }: { ref: string | undefined }): Promise<void> {
  const found = await resolveRun(context, await requireRunRef(context, { ref, verb: "show" }));
  const messages = await readMessages(context, found);
  const printer = await createPrinter(context);
  await printOne(printer, context.settings.output, {
    json: { ...runJson(found), messages: messages ?? [] },
    name: found.run.run_id,
    table: () => {
      const { style, columns } = printer;
      const view = { found, messages, now: context.now(), style, columns };
      return printer.out(printer.stdoutIsTty ? renderRun(view) : renderPipedRun(view));
    },
  });
}
