import type { Context } from "../../../context.js";
import { exitCodes, QuietExit, UsageError } from "../../../errors.js";
import { tasksOf } from "../../../manifest/plan/fleet-plan.js";
import { counted } from "../../../output/count.js";
import { minuteMs } from "../../../output/duration.js";
import { createPrinter } from "../../../output/printer.js";
import type { ApplyInput } from "./apply-flags.js";
import type { ManifestOptions } from "./file-flags.js";
import { NoRecordError, strictFailure, unknownHint } from "./planning/failures.js";
import { makePlans } from "./planning/plans.js";
import type { SetReport } from "./report/with-reports.js";
import { applyPlan, type PlanSource } from "./sending/apply-run.js";
import { PlanPrinter } from "./view/plan-printer.js";

type ApplyOptions = ManifestOptions & ApplyInput & { startRecord(): Promise<void>; setReport: SetReport };

const defaultWaitMs = 2 * minuteMs;

/** Applies manifests (src/manifest/README.md). Throws as applyPlan does. */
export async function applyManifests(context: Context, options: ApplyOptions): Promise<void> {
  const { planOut } = options;
  const isToBeAsked = !options.yes && !options.dryRun && planOut === undefined;
  const isStdinTaken = [...options.files, ...options.valueFiles].includes("-");
  const terminal = isStdinTaken && isToBeAsked ? context.terminalPrompts?.() : undefined;
  const canAsk = isStdinTaken ? terminal !== undefined : context.io.canPrompt;
  try {
    if (options.prune && isToBeAsked && !canAsk) {
      throw new UsageError("--prune needs --yes when herm can't ask");
    }
    if (planOut !== undefined) (await import("./saved-plan/save-plan.js")).checkPlanOut(context, planOut);
    const isLeftAlone = isStdinTaken && !canAsk && context.io.isAttended === true;
    const asking = { options, canAsk, prompts: terminal?.prompts, isLeftAlone };
    await applyFiles(context, asking).catch(async (error: unknown) => {
      if (!(error instanceof NoRecordError) || !canAsk || isStdinTaken || !isToBeAsked) throw error;
      await options.startRecord();
      await applyFiles(context, asking);
    });
  } finally {
    terminal?.close();
  }
}

async function applyFiles(
  context: Context,
  { options, ...asking }: Pick<PlanSource, "canAsk" | "prompts" | "isLeftAlone"> & { options: ApplyOptions },
): Promise<void> {
  const { planOut, setReport, prune, dryRun } = options;
  const printer = await createPrinter(context);
  const view = new PlanPrinter(context, printer, { setReport });
  const planning = await applyPlan(context, {
    ...asking,
    input: { ...options, dryRun: dryRun || planOut !== undefined },
    view,
    prune,
    plan: () =>
      makePlans(context, {
        options,
        printer,
        refusesUnmatched: true,
        isToBeApplied: !dryRun && planOut === undefined,
        waitReady: { namedMs: options.waitReady ?? defaultWaitMs, foundMs: options.waitReady },
      }),
    preview:
      planOut === undefined
        ? undefined
        : async (planned) => {
            const { plans, record } = planned;
            const { savePlan } = await import("./saved-plan/save-plan.js");
            await savePlan(context, { file: planOut, plans, record: record?.file });
            printer.note(`${counted(tasksOf(plans).length, "change")} saved in ${planOut}`);
            await view.preview(planned, options);
            if (record === undefined) return;
            const { hintAtRecordOutside } = await import("./saved-plan/record.js");
            await hintAtRecordOutside(context, { plan: planOut, record: record.file, printer });
          },
    again: ({ plans }, left) => {
      if (left.length > 0 && left.every(({ isUnseen }) => isUnseen)) return unknownHint(plans);
      const stopped = plans.filter(({ items }) => items.some(({ isCause }) => isCause));
      const ids = new Set(stopped.map(({ target }) => target.deployment_id));
      const isStopped = left.every((row) => ids.has(row.deployment_id));
      return isStopped ? "resolve that, then run the same command again" : {};
    },
  });
  const failure = options.strict ? strictFailure(planning) : undefined;
  if (failure !== undefined) throw failure;
  if (planOut !== undefined && tasksOf(planning.plans).length > 0) throw new QuietExit(exitCodes.found);
}
