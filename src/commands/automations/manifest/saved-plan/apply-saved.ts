import { resolve } from "node:path";
import type { Context } from "../../../../context.js";
import { UsageError } from "../../../../errors.js";
import { FileError } from "../../../../files/file-error.js";
import { listCurrentAutomations } from "../../../../fleet/read-fleet.js";
import { readEach, unlessGone } from "../../../../fleet/read-many.js";
import { findDeployments, listDeployments, toTarget } from "../../../../fleet/selection.js";
import { describeApi, isSameApi } from "../../../../incident/identity.js";
import { conflictOf, type DeploymentPlan } from "../../../../manifest/plan/fleet-plan.js";
import { withoutPausedSince } from "../../../../manifest/plan/left-paused.js";
import { mostPlanBytes } from "../../../../manifest/plan-file/format.js";
import { readPlan, type SavedPlan } from "../../../../manifest/plan-file/read.js";
import { readApiIdentity } from "../../../../operations/rows/identity.js";
import { dayMs, formatDuration } from "../../../../output/duration.js";
import { createPrinter } from "../../../../output/printer.js";
import type { ApplyInput } from "../apply-flags.js";
import type { RecordedPlanning } from "../planning/plans.js";
import type { SetReport } from "../report/with-reports.js";
import { applyPlan } from "../sending/apply-run.js";
import { annotatingMistakes } from "../view/annotations.js";
import { PlanPrinter } from "../view/plan-printer.js";
import { openPlannedRecord } from "./record.js";
import { replanNames } from "./replan.js";

type SavedPlanOptions = ApplyInput & { plan: string; setReport: SetReport };

/** The age of the oldest plan that is applied: time for a review over a weekend. */
const mostAgeMs = 7 * dayMs;

/**
 * Applies a saved plan, as far as nothing changed since (src/manifest/README.md, "Saved plans"). Throws UsageError for
 * one that is too old or another API's, and as textOf, readPlan and applyPlan do.
 */
export async function applySavedPlan(context: Context, options: SavedPlanOptions): Promise<void> {
  const { plan: file, dryRun } = options;
  const printer = await createPrinter(context);
  const work = async () => readPlan(textOf(context, file), file);
  const saved = await annotatingMistakes(context, { printer, work });
  const age = checkAge(context, saved, file);
  await applyPlan(context, {
    input: options,
    view: new PlanPrinter(context, printer, { setReport: options.setReport }),
    prune: false,
    isSaved: true,
    canAsk: context.io.canPrompt,
    plan: async () => {
      await checkTarget(context, saved, file);
      const plans = await withoutPaused(context, await withTargetsNow(context, saved.plans));
      printer.note(`${file} was made ${age}`);
      const planned = { saved, plan: file, flag: options.record, isToBeWritten: !dryRun, printer };
      const record = await openPlannedRecord(context, planned);
      return { plans, record, warnings: [], planAgain: againstNow(context, plans) };
    },
    again: (_, left) =>
      left.every(({ error }) => error?.startsWith("changed since the plan")) ? "make a new plan" : {},
  });
}

/** Leaves out deletions of what was paused since the plan was made. Where a list fails, the deletion itself finds out. */
async function withoutPaused(context: Context, plans: readonly DeploymentPlan[]): Promise<DeploymentPlan[]> {
  const client = await context.client();
  const { signal } = context;
  const deleting = plans.filter(({ items }) =>
    items.some(({ action, before }) => action === "delete" && before?.enabled),
  );
  const { found } = await readEach(
    deleting.map((plan) => ({ plan, deployment_id: plan.target.deployment_id })),
    {
      client,
      signal,
      read: ({ deployment_id }) => listCurrentAutomations(client, deployment_id, { signal }),
    },
  );
  const listed = new Map(found.map(({ item, value }) => [item.plan, value.data]));
  return plans.map((plan) => {
    const items = withoutPausedSince(plan.items, listed.get(plan) ?? []);
    return { ...plan, items, error: conflictOf({ ...plan, items }, "make a new plan") };
  });
}

function againstNow(context: Context, plans: readonly DeploymentPlan[]): RecordedPlanning["planAgain"] {
  const byId = new Map(plans.map((plan) => [plan.target.deployment_id, plan]));
  return async (deployment_id, listed) => {
    const plan = byId.get(deployment_id);
    return plan && replanNames(context, plan, listed);
  };
}

/** A plan's age, for a person: `3 min ago`. Throws UsageError where it is too old. */
function checkAge(context: Context, { madeAt }: SavedPlan, file: string): string {
  const ageMs = context.now().getTime() - madeAt.getTime();
  const age = ageMs < 1000 ? "just now" : `${formatDuration(ageMs)} ago`;
  if (ageMs <= mostAgeMs) return age;
  throw new UsageError(`${file} was made ${age}; plans expire after 7 days`, {
    hint: "nothing was sent; make it again with apply --plan-out",
  });
}

async function checkTarget(context: Context, { target }: SavedPlan, file: string): Promise<void> {
  const api = await readApiIdentity(context, await context.client());
  if (isSameApi(target, api)) return;
  throw new UsageError(`${file} is a plan for ${describeApi(target)}, not for ${describeApi(api)}`, {
    hint: "nothing was sent; --profile, --api-url or --local choose the API",
  });
}

/** The text of a saved plan. Throws UsageError where it doesn't exist, isn't this user's own or is too large. */
function textOf({ settings }: Context, file: string): string {
  const path = resolve(settings.environment.cwd, file);
  try {
    const text = settings.files.readBeside(path, { mostBytes: mostPlanBytes });
    if (text !== undefined) return text;
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new UsageError(error.message, { hint: error.hint, cause: error });
  }
  throw new UsageError(`${file}: no such file`, {
    hint: (herm) => `${herm("apply", "--file", "herm.yaml", "--plan-out", file)} creates one`,
  });
}

const fewDeployments = 10;

/** Gives plans the deployments' names of now, which the file could misstate; the id for one that is gone. */
async function withTargetsNow(context: Context, plans: readonly DeploymentPlan[]): Promise<DeploymentPlan[]> {
  const client = await context.client();
  const { signal } = context;
  const ids = plans.map(({ target }) => target.deployment_id);
  const found =
    ids.length > fewDeployments
      ? await listDeployments(client, undefined, signal)
      : await Promise.all(ids.map((id) => unlessGone(findDeployments(client, [id], signal))));
  const now = new Map(found.flatMap((each) => each ?? []).map((each) => [each.deployment_id, each]));
  return plans.map((plan) => {
    const { deployment_id } = plan.target;
    return {
      ...plan,
      target: toTarget(now.get(deployment_id) ?? { deployment_id }, { isNamed: true }),
    };
  });
}
