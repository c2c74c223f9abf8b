import type { Context } from "../../../context.js";
import { createPrinter } from "../../../output/printer.js";
import { requireAsker } from "../../fleet/planned.js";
import { printManifestRows } from "../manifest/rows.js";
import { printPlans, settlePlans } from "../manifest/settle-plans.js";
import { type CopyInput, chooseCopying } from "./choose.js";
import { planCopies } from "./plan.js";
import { copyCommand } from "./repeat.js";

/** Copies what refs or a selection choose (src/manifest/README.md, "Copies"). Throws as settlePlans does. */
export async function copyAutomations(context: Context, input: CopyInput): Promise<void> {
  const isAsked = !input.yes && !input.dryRun;
  if (isAsked) requireAsker(context, "copy");
  const printer = await createPrinter(context);
  const copying = await chooseCopying(context, { input, printer });
  if (copying.sources.length === 0) return printManifestRows(printer, [], "there is nothing to copy");
  const { concurrency } = input;
  const planning = await planCopies(context, { copying, input, printer });
  const work = { ...planning, command: "copy", printer, isAsked, concurrency } as const;
  if (input.dryRun) {
    const failure = await printPlans(context, work);
    if (failure !== undefined) throw failure;
    return;
  }
  await settlePlans(context, {
    ...work,
    repeat: (rows) => copyCommand(context, { copying, input, rows }),
  });
}
