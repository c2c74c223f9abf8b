import { commandLine, flagWords } from "../../../../command-line/next-command.js";
import type { Context } from "../../../../context.js";
import { UsageError } from "../../../../errors.js";
import { describeApi, isSameApi } from "../../../../incident/identity.js";
import { checkDeletions, type DeploymentPlan } from "../../../../manifest/fleet-plan.js";
import type { SavedPlan } from "../../../../manifest/plan-file/read.js";
import { dayMs, formatDuration, minuteMs } from "../../../../output/duration.js";
import { createPrinter, type Printer } from "../../../../output/printer.js";
import { readApiIdentity } from "../../../fleet/identity.js";
import { persist } from "../../../fleet/persist.js";
import { loadIncidentMarks, type MarksOf } from "../../shared/incident-marks.js";
import { checkConfirmation, defaultMostDeletes } from "../confirmation.js";
import type { OpenRecord } from "../record.js";
import type { Tell } from "../report/flag.js";
import type { ChangeRow } from "../rows.js";
import { settlePlans } from "../settle-plans.js";
import { ageOf } from "./age.js";
import { openPlan } from "./open.js";
import { openPlannedRecord } from "./record.js";
import { standingNow } from "./standing.js";
import { withTargetsNow } from "./targets.js";

export interface SavedPlanOptions {
  plan: string;
  /** In milliseconds; absent: a day. */
  maxAge?: number | undefined;
  /** Another place of the record than the plan names. */
  record?: string | undefined;
  yes: boolean;
  maxDeletes?: number | undefined;
  maxFailures?: number | undefined;
  tell: Tell;
}

/** Clocks of machines differ by so much. */
const mostAheadMs = 5 * minuteMs;

/**
 * Does what a saved plan says, as far as all is still as the plan saw it (src/manifest/README.md, "Saved plans"). Throws
 * UsageError for a plan that is too old or another API's, and as openPlan and settlePlans do.
 */
export async function applySavedPlan(context: Context, options: SavedPlanOptions): Promise<void> {
  const { plan: file, maxDeletes = defaultMostDeletes } = options;
  const printer = await createPrinter(context);
  const read = openPlan(context, file, printer);
  checkAge(context, read, options);
  if (read.plans.length > 1) await persist(context);
  await checkTarget(context, read, file);
  const plans = withoutHeld(await withTargetsNow(context, read.plans), await loadIncidentMarks(context));
  const saved = { ...read, plans };
  checkDeletions(plans, maxDeletes);
  const record = await openPlannedRecord(context, { saved, plan: file, flag: options.record, printer });
  const work = { saved, options, printer, record };
  try {
    await carryOutSaved(context, work).finally(() => record?.note(plans, { prune: false }));
  } finally {
    record?.close();
  }
}

/** What an open incident holds by now isn't deleted. */
function withoutHeld(plans: readonly DeploymentPlan[], marksOf: MarksOf): DeploymentPlan[] {
  return plans.map((plan) => ({
    ...plan,
    items: plan.items.map((item) => {
      const held = item.before && marksOf(plan.target.deploymentId, item.before)[0]?.text;
      return item.action === "delete" && held !== undefined
        ? { ...item, action: "skipped", reason: held }
        : item;
    }),
  }));
}

interface SavedWork {
  saved: SavedPlan;
  options: SavedPlanOptions;
  printer: Printer;
  record: OpenRecord | undefined;
}

async function carryOutSaved(
  context: Context,
  { saved, options, printer, record }: SavedWork,
): Promise<void> {
  const { plans } = saved;
  const { plan: file, yes } = options;
  const canAsk = context.io.canPrompt;
  const byId = new Map(plans.map((plan) => [plan.target.deploymentId, plan]));
  if (printer.format.isInWords) printer.note(`${file} was made ${ageOf(context, saved)}`);
  await settlePlans(context, {
    plans,
    printer,
    isAsked: canAsk && !yes,
    isSaved: true,
    keeping: record?.keeping,
    maxFailures: options.maxFailures,
    tell: options.tell,
    warnings: [],
    planAgain: async (deploymentId, listed) => {
      const plan = byId.get(deploymentId);
      return plan && standingNow(context, plan, listed);
    },
    begin: () => record?.begin(),
    check: (tasks) => checkConfirmation(tasks, canAsk || yes),
    repeat: (rows) => repeatCommand(context, options, rows),
    twiceHint: () => "a manifest's apply --remove-twins deletes identical copies",
  });
}

function checkAge(context: Context, { madeAt }: SavedPlan, { plan, maxAge = dayMs }: SavedPlanOptions): void {
  const ageMs = context.now().getTime() - madeAt.getTime();
  const hint = "nothing was sent; make it anew with apply --plan-out";
  if (ageMs < -mostAheadMs) {
    throw new UsageError(`${plan} was made at ${madeAt.toISOString()}, which is to come`, {
      hint: `${hint}, if this machine's clock is right`,
    });
  }
  if (ageMs <= maxAge) return;
  throw new UsageError(
    `${plan} was made ${formatDuration(ageMs)} ago: more than --max-age ${formatDuration(maxAge)}`,
    { hint: `${hint}, or allow more with --max-age` },
  );
}

async function checkTarget(context: Context, { target }: SavedPlan, file: string): Promise<void> {
  const api = await readApiIdentity(context, await context.client());
  if (isSameApi(target, api)) return;
  throw new UsageError(`${file} is a plan for ${describeApi(target)}, not for ${describeApi(api)}`, {
    hint: "nothing was sent; --profile, --api-url or --local choose the API",
  });
}

/** The same again: what is done by now is unchanged, and the rest is tried. Where all has changed since, what else. */
function repeatCommand(
  context: Context,
  { plan, record, maxDeletes, yes }: SavedPlanOptions,
  rows: readonly ChangeRow[],
): string | undefined {
  const isOpen = rows.some(({ isDifference, result, error }) => {
    return isDifference && result !== "done" && error?.startsWith("changed since the plan") !== true;
  });
  const isRefused = rows.some(({ error }) => error !== undefined);
  if (!isOpen) return isRefused ? "a new plan goes by what is there now" : undefined;
  return commandLine(context, [
    ...["automations", "apply", ...flagWords("--plan", plan)],
    ...(record === undefined ? [] : flagWords("--record", record)),
    ...(maxDeletes === undefined ? [] : ["--max-deletes", String(maxDeletes)]),
    ...(yes ? ["--yes"] : []),
  ]);
}
