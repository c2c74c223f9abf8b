import { declareCommand, type InputOf, requestCodes } from "../../command/declaration.js";
import { advanced, flag } from "../../command/flags.js";
import type { Context } from "../../context/context.js";
import { exitCodes, hintTo, PartialFailureError, QuietExit } from "../../errors/cli-errors.js";
import { UnreadyError } from "../../fleet/outcome.js";
import { createPrinter } from "../../output/printer.js";
import { fileFlags, planRows, readSources } from "../manifest/file-flags.js";
import { failureOfPlans, skippedFailure } from "../manifest/planning/plan-failures.js";
import { makePlans } from "../manifest/planning/plans.js";
import { reportFlag, runWithReports } from "../manifest/report/flag.js";
import type { SetReport } from "../manifest/report/with-reports.js";
import { changeRows } from "../manifest/view/change-rows.js";
import { PlanPrinter } from "../manifest/view/plan-printer.js";

export const command = declareCommand({
  effect: "reads",
  printsText: true,
  flags: {
    ...fileFlags,
    strict: advanced(flag("fail if anything is skipped, not ready, unmatched or moved by DST")),
    report: reportFlag,
  },
  help: {
    about: "Show how deployments differ from manifests, without changing anything.",
    use: "Run it before apply, and every night in CI to find manual changes.",
    inPipe: planRows,
    exitCodes: requestCodes({
      0: "no difference",
      2: "a manifest was refused",
      4: "a selector matches no deployment; with --strict no automation",
      8: "a deployment could not be seen or read, none could be compared, or with --strict one isn't ready",
      9: "something differs",
    }),
    examples: [
      "herm diff --file herm.yaml",
      "herm diff --file automations --all-deployments --output json",
      "herm export | herm diff --file -",
    ],
  },
  run: (context, input): Promise<void> =>
    runWithReports(context, { given: input.report, command: "herm diff" }, (setReport) =>
      diff(context, input, setReport),
    ),
});

/** Prints the changes that apply would make. Throws QuietExit (9) if there are any, or the error from a comparison. */
async function diff(context: Context, input: InputOf<typeof command>, setReport: SetReport): Promise<void> {
  const { prune, strict, verbose: showsValues } = input;
  const printer = await createPrinter(context);
  const sources = readSources(context, input);
  const planning = await makePlans(context, { sources, rules: { prune, strict }, printer, showsValues });
  const { plans } = planning;
  const rows = changeRows(plans);
  const differing = rows.filter((row) => row.isDifference && (strict || row.reason !== "dst"));
  const report = { rows, differing, title: "herm: differences" };
  await new PlanPrinter(context, printer, { setReport }).print(planning, report);
  const failure = failureOfPlans(plans, { refused: [] });
  if (failure instanceof UnreadyError) throw nothingCompared(failure.message);
  if (failure !== undefined) throw failure;
  const skipped = skippedFailure({ ...planning, isStrict: strict });
  if (skipped !== undefined) throw skipped;
  if (differing.length > 0) throw new QuietExit(exitCodes.found);
  if (plans.every(({ isSkipped }) => isSkipped)) throw nothingCompared();
}

function nothingCompared(why?: string): PartialFailureError {
  const because = why === undefined ? "" : `: ${why}`;
  return new PartialFailureError(`no deployment could be compared${because}`, {
    hint: hintTo("to see which exist, and which are ready", "deployments", "list"),
  });
}
