import { declareCommand, type InputOf } from "../../../command/declaration.js";
import { seldom, yes } from "../../../command/flags.js";
import { requestCodes } from "../../../command/help.js";
import type { Context } from "../../../context.js";
import { exitCodes, PartialFailureError, QuietExit } from "../../../errors.js";
import { UnreadyError } from "../../../fleet/readiness.js";
import { counted } from "../../../output/count.js";
import { createPrinter } from "../../../output/printer.js";
import { fileFlags, planFlag, planRows, readManifestFlags, refusePlanElsewhere } from "./flags.js";
import { annotateRows, writeStepSummary } from "./github.js";
import { strictFailure } from "./not-ours.js";
import { countsText } from "./plan-view.js";
import { makePlans } from "./plans.js";
import { failureOfPlans, hintAtStopped } from "./plans-failure.js";
import { printPlannedRows } from "./print-plans.js";
import { reportFlag, reporting, type Tell } from "./report/flag.js";
import { type ChangeRow, rowsOf } from "./rows.js";
import { tellWarnings } from "./tell-warnings.js";

export const command = declareCommand({
  effect: "reads",
  flags: {
    ...fileFlags,
    plan: planFlag("show a saved plan, and ask no API", ["strict", "strictDst", "record"]),
    strict: seldom(yes("fail for what is skipped, not ready, or matches nothing")),
    strictDst: seldom(yes("count shifts by daylight saving as differences")),
    verbose: yes("every row by itself, whole, and where values are from"),
    report: reportFlag,
  },
  help: {
    about: "Show how deployments differ from manifests. Changes nothing.",
    use: "Before apply, and every night in CI to find out what was changed by hand.",
    inPipe: `${planRows}; no rows where nothing differs`,
    exitCodes: requestCodes({
      0: "no difference",
      2: "a manifest or a plan was refused",
      4: "a selector matches no deployment; with --strict no automation",
      8: "some deployments could not be read, or none could be compared; with --strict also where one isn't ready",
      9: "something differs; of a saved plan: it changes something",
    }),
    examples: [
      "herm automations diff --file herm.yaml",
      "herm automations diff --file automations --all-deployments --output json",
      "herm automations export | herm automations diff --file -",
    ],
  },
  run: (context, input): Promise<void> =>
    reporting(context, { given: input.report, command: "herm automations diff" }, (tell) =>
      diff(context, input, tell),
    ),
});

async function diff(context: Context, input: InputOf<typeof command>, tell: Tell): Promise<void> {
  const { plan: file } = input;
  if (file === undefined) return diffManifests(context, input, tell);
  refusePlanElsewhere(context, file);
  const { showSavedPlan } = await import("./saved-plan/show.js");
  return showSavedPlan(context, { file, tell });
}

/** Prints what apply would change. Throws QuietExit (9) where there is something, and what couldn't be compared. */
async function diffManifests(context: Context, input: InputOf<typeof command>, tell: Tell): Promise<void> {
  const options = readManifestFlags(context, input);
  const printer = await createPrinter(context);
  const planning = await makePlans(context, {
    options,
    printer,
    tellsValues: input.verbose,
    isStrict: input.strict,
  });
  const { plans, warnings } = planning;
  const rows = rowsOf(plans);
  const isEqual = rows.every((row) => !row.isDifference && row.error === undefined);
  const compared = plans.filter(({ isPassedOver }) => !isPassedOver).length;
  const isPipe = printer.format.isInWords === true && !printer.isForPerson;
  const isSilent = isPipe && isEqual && rows.length > 0 && compared > 0;
  if (!isSilent) await printPlannedRows(context, { printer, rows });
  tellWarnings(context, { printer, warnings });
  const differing = rows.filter((row) => row.isDifference && (input.strictDst || row.reason !== "dst"));
  annotateRows(context, { printer, rows, differing });
  const told = { rows, differing, title: "herm: differences", counts: countsText(rows) };
  tell({ ...told, warnings });
  await writeStepSummary(context, { printer, ...told });
  hintAtStopped(printer, plans);
  const failure = failureOfPlans(plans);
  if (failure instanceof UnreadyError) throw nothingCompared(failure.message);
  if (failure !== undefined) throw failure;
  const strict = input.strict ? strictFailure(plans) : undefined;
  if (strict !== undefined) throw strict;
  if (differing.length > 0) throw new QuietExit(exitCodes.found);
  if (compared === 0) throw nothingCompared();
  if (printer.format.isInWords) printer.note(equalText({ compared, of: plans.length, isEqual, rows }));
}

/** `31 deployments compared, no difference`. `isEqual`: not even one that only daylight saving made. */
function equalText({ compared, of, isEqual, rows }: Equality): string {
  const except = isEqual ? "" : " but what daylight saving moved";
  const unread = of > compared ? `; ${counted(of - compared, "deployment")} not compared` : "";
  const left = rows.filter(({ action }) => action === "left").length;
  const gone = left === 0 ? "" : `; ${left} left, deleted since`;
  const skipped = rows.filter(({ reason }) => reason === "not ours").length;
  const foreign = skipped === 0 ? "" : `; ${skipped} skipped, not ours`;
  return `${counted(compared, "deployment")} compared, no difference${except}${gone}${foreign}${unread}`;
}

interface Equality {
  compared: number;
  of: number;
  isEqual: boolean;
  rows: readonly ChangeRow[];
}

function nothingCompared(why?: string): PartialFailureError {
  const because = why === undefined ? "" : `: ${why}`;
  return new PartialFailureError(`no deployment could be compared${because}`, {
    hint: (herm) => `${herm("deployments", "list")} shows which there are, and which are ready`,
  });
}
