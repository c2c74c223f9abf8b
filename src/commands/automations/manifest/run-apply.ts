import type { Context } from "../../../context.js";
import { UsageError } from "../../../errors.js";
import { minuteMs } from "../../../output/duration.js";
import { createPrinter } from "../../../output/printer.js";
import type { ApplyInput } from "./apply-flags.js";
import type { ManifestOptions } from "./file-flags.js";
import { NoRecordError, skippedFailure, unknownHint } from "./planning/failures.js";
import { makePlans } from "./planning/plans.js";
import type { SetReport } from "./report/with-reports.js";
import { applyPlan, type PlanSource } from "./sending/apply-run.js";
import { PlanPrinter } from "./view/plan-printer.js";

type ApplyOptions = ManifestOptions & ApplyInput & { startRecord(): Promise<void>; setReport: SetReport };

const defaultWaitMs = 2 * minuteMs;

/** Applies manifests (src/manifest/README.md). Throws as applyPlan does. */
export async function applyManifests(context: Context, options: ApplyOptions): Promise<void> {
  const isToBeAsked = !options.yes && !options.dryRun;
  const isStdinTaken = [...options.files, ...options.valueFiles].includes("-");
  const terminal = isStdinTaken && isToBeAsked ? context.terminalPrompts?.() : undefined;
  const canAsk = isStdinTaken ? terminal !== undefined : context.io.canPrompt;
  try {
    if (options.prune && isToBeAsked && !canAsk) {
      throw new UsageError("--prune needs --yes when herm can't ask");
    }
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
  const { setReport, prune, dryRun } = options;
  const printer = await createPrinter(context);
  const planning = await applyPlan(context, {
    ...asking,
    input: options,
    view: new PlanPrinter(context, printer, { setReport }),
    prune,
    plan: () =>
      makePlans(context, {
        options,
        printer,
        refusesUnmatched: true,
        isToBeApplied: !dryRun,
        waitReady: { namedMs: options.waitReady ?? defaultWaitMs, foundMs: options.waitReady },
      }),
    again: ({ plans }, left) => {
      if (left.length > 0 && left.every(({ isUnseen }) => isUnseen)) return unknownHint(plans);
      const stopped = plans.filter(({ items }) => items.some(({ isCause }) => isCause));
      const ids = new Set(stopped.map(({ target }) => target.deployment_id));
      const isStopped = left.every((row) => ids.has(row.deployment_id));
      return isStopped ? "resolve that, then run the same command again" : {};
    },
  });
  const failure = skippedFailure({ ...planning, isStrict: options.strict });
  if (failure !== undefined) throw failure;
}
