import type { Command } from "commander";
import type { Context } from "../../../context.js";
import { exitCodes, QuietExit } from "../../../errors.js";
import { createPrinter } from "../../../output/printer.js";
import { addManifestFlags, type ManifestFlags, type ManifestOptions, readManifestFlags } from "./flags.js";
import { annotateRows, writeStepSummary } from "./github.js";
import { countsText } from "./plan-view.js";
import { makePlans } from "./plans.js";
import { rowsOf } from "./rows.js";
import { failureOfPlans, printPlannedRows } from "./run-apply.js";

interface DiffFlags extends ManifestFlags {
  strictDst?: boolean;
  verbose?: boolean;
}

export interface DiffOptions extends ManifestOptions {
  /** What only daylight saving moved counts as a difference. */
  isStrictDst: boolean;
  isVerbose: boolean;
}

export function addDiffCommand(parent: Command, context: Context): void {
  const command = parent.command("diff");
  addManifestFlags(command)
    .option("--strict-dst", "count what only daylight saving moved as a difference")
    .option("--verbose", "every deployment by itself, with all that is equal and new texts whole")
    .action((flags: DiffFlags) =>
      diffManifests(context, {
        ...readManifestFlags(context, flags),
        isStrictDst: flags.strictDst === true,
        isVerbose: flags.verbose === true,
      }),
    );
}

/** Prints what apply would change. Throws QuietExit (9) where there is something, and what couldn't be compared. */
export async function diffManifests(context: Context, options: DiffOptions): Promise<void> {
  const printer = await createPrinter(context);
  const { plans } = await makePlans(context, { options, printer });
  const rows = rowsOf(plans);
  await printPlannedRows(context, { printer, rows, isVerbose: options.isVerbose });
  const differing = rows.filter((row) => row.isDifference && (options.isStrictDst || row.reason !== "dst"));
  annotateRows(context, { printer, rows, differing });
  await writeStepSummary(context, { printer, rows, title: "herm: differences", counts: countsText(rows) });
  const failure = failureOfPlans(plans);
  if (failure !== undefined) throw failure;
  if (differing.length > 0) throw new QuietExit(exitCodes.found);
}
