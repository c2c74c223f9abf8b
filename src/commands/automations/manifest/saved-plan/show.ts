import type { Context } from "../../../../context.js";
import { exitCodes, QuietExit } from "../../../../errors.js";
import { describeApi } from "../../../../incident/identity.js";
import type { SavedPlan } from "../../../../manifest/plan-file/read.js";
import { createPrinter } from "../../../../output/printer.js";
import { safe } from "../../../../output/safe.js";
import { annotateRows, writeStepSummary } from "../github.js";
import { countsText, renderPlan } from "../plan-view.js";
import { emptyPlan } from "../print-plans.js";
import type { Tell } from "../report/flag.js";
import { printManifestRows, rowsOf } from "../rows.js";
import { ageOf } from "./age.js";
import { openPlan } from "./open.js";

/** Shows a saved plan; asks no API. Throws QuietExit (9) where it changes anything, and as openPlan. */
export async function showSavedPlan(
  context: Context,
  { file, tell }: { file: string; tell: Tell },
): Promise<void> {
  const printer = await createPrinter(context);
  const saved = openPlan(context, file, printer);
  const rows = rowsOf(saved.plans);
  const told = { rows, differing: rows, title: "herm: a saved plan", counts: countsText(rows) };
  tell(told);
  if (printer.isForPerson) {
    const lines = [safe(headText(context, saved), "cell"), ...(await renderPlan(rows, printer.look))];
    await printer.out(`${lines.join("\n")}\n`);
  } else {
    await printManifestRows(printer, rows, emptyPlan);
  }
  annotateRows(context, { printer, ...told });
  await writeStepSummary(context, { printer, ...told });
  if (rows.length > 0) throw new QuietExit(exitCodes.found);
}

function headText(context: Context, saved: SavedPlan): string {
  return `a plan for ${describeApi(saved.target)}, made ${ageOf(context, saved)}`;
}
