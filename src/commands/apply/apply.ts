import { declareCommand, requestCodes } from "../../command/declaration.js";
import type { Context } from "../../context/context.js";
import { createPrinter } from "../../output/printer.js";
import { planRows, readSources } from "../manifest/file-flags.js";
import { runWithReports } from "../manifest/report/flag.js";
import type { SetReport } from "../manifest/report/with-reports.js";
import { type ApplyInput, applyFlags } from "./apply-flags.js";

export const command = declareCommand({
  effect: "destroys",
  printsText: true,
  isFrozen: ({ dryRun, printSchema }) => !dryRun && !printSchema,
  whenFrozen: (context, input, refuse) => runWithReports(context, workOf(input), refuse),
  flags: applyFlags,
  help: {
    about: "Make a deployment's automations match manifests. Applying again changes nothing.",
    use: "Provision automations from files, by hand or in CI. It shows the plan and asks for confirmation; if it can't ask, deletions need --yes. It never touches automations that aren't in the files, and paused ones stay paused.",
    notes:
      "Below the plan it warns about identical instructions under two names, and notes hours that daylight saving skips or repeats.",
    inPipe: planRows,
    exitCodes: requestCodes({
      0: "done, or nothing to do",
      1: "you answered no",
      2: "a manifest was refused; nothing was changed",
      4: "a selector matches no deployment; with --strict no automation",
      6: "a freeze, too many deletions, a missing record, a name that matches several, another herm process still busy there after --max-wait, or the only change already made by somebody else",
      8: "some failed or can't be seen, or with --strict something isn't ready or in the record: run the command in the hint; or another machine also created one",
      12: "the outcome of some is unknown: run the command in the hint",
    }),
    examples: [
      "herm apply --file herm.yaml --dry-run",
      "herm apply --file automations --all-deployments --yes",
    ],
  },
  async run(context, input): Promise<void> {
    if (input.printSchema) {
      const { manifestSchema } = await import("../../manifest/printed-schema.js");
      return (await createPrinter(context)).json(manifestSchema);
    }
    await runWithReports(context, workOf(input), (setReport) => apply(context, input, setReport));
  },
});

const workOf = ({ report: given }: Pick<ApplyInput, "report">) => ({
  given,
  command: "herm apply",
});

async function apply(context: Context, input: ApplyInput, setReport: SetReport): Promise<void> {
  const startRecord = async () => {
    const { adoptAutomations } = await import("../adopt/run-adopt.js");
    return adoptAutomations(context, { ...input, forget: [], dryRun: false, different: false });
  };
  const sources = readSources(context, input);
  return (await import("./run-apply.js")).applyManifests(context, { sources, input, setReport, startRecord });
}
