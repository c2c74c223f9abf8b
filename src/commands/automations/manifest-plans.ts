import type { Context } from "../../context.js";
import { automationFilter, selectsDeployments } from "../../fleet/selection.js";
import { type DeploymentPlan, planFleet } from "../../manifest/fleet-plan.js";
import { ManifestError } from "../../manifest/mistake.js";
import { readManifests } from "../../manifest/read.js";
import { type Survey, surveyAll } from "../../manifest/survey.js";
import { makeWishes } from "../../manifest/wishes.js";
import type { Printer } from "../../output/printer.js";
import { createKeySearch } from "../../settings/redact.js";
import { loadIncidentMarks } from "../incident-marks.js";
import { ReadingProgress } from "../reading-progress.js";
import { checkUnfitted, warnOfUnfitted } from "../targets.js";
import { exitCodeOf } from "../verdicts.js";
import type { ManifestOptions } from "./manifest-flags.js";
import { annotateMistakes } from "./manifest-github.js";
import { resolveParts } from "./manifest-targets.js";

export interface PlanWork {
  options: ManifestOptions;
  printer: Printer;
  resumePaused?: boolean;
  /** It is more than shown: what would be pruned is read whole, so that it is known whether somebody changes it meanwhile. */
  isToBeApplied?: boolean;
  /** How long a named deployment that isn't ready is waited for; absent: it is passed over. */
  waitReadyMs?: number;
  /** What fits nothing in `--except` is refused: the plan is to be carried out. */
  refusesUnfitted?: boolean;
  /** Before a deployment is listed: what another process is making there. */
  beforeListing?(deploymentId: string): Promise<void>;
}

/**
 * Reads the manifests, asks the API what is there, and plans. Nothing is sent before the manifests are found right;
 * what is wrong with them is annotated under GitHub Actions.
 */
export async function makePlans(context: Context, work: PlanWork): Promise<DeploymentPlan[]> {
  try {
    return await plan(context, work);
  } catch (error) {
    if (error instanceof ManifestError) annotateMistakes(context, { printer: work.printer, error });
    throw error;
  }
}

async function plan(context: Context, work: PlanWork): Promise<DeploymentPlan[]> {
  const { options, printer, resumePaused = false, isToBeApplied = false, waitReadyMs, beforeListing } = work;
  const { signal } = context;
  const { files, variables, selection, createOnly, prune } = options;
  const { manifests, unusedVariables, readSchedule } = await readManifests(files, {
    cwd: context.settings.places.cwd,
    stdin: context.io.stdin,
    signal,
    variables,
    findKey: createKeySearch(context.settings.apiKeys()),
    hasDeploymentFlags: selectsDeployments(selection),
    now: context.now(),
  });
  for (const name of unusedVariables) printer.warn(`--var ${name} is used nowhere in the manifests`);
  const client = await context.client();
  const parts = await resolveParts(context, { selection, manifests });
  const wishes = await makeWishes(parts, { client, readSchedule, signal });
  const includes = automationFilter(selection);
  const progress = new ReadingProgress(context, printer);
  const surveys = await surveyAll(wishes, {
    client,
    signal,
    exitCodeOf,
    withInstructions: !createOnly,
    alsoWhole: (automation) => prune && isToBeApplied && includes(automation),
    sleep: (ms, by) => context.sleep(ms, by),
    ...(waitReadyMs === undefined ? {} : { waitReadyMs }),
    ...(beforeListing === undefined ? {} : { beforeListing }),
    onStart: (stage, total) => progress.start(stage, total),
    onRead: () => progress.item(),
  }).finally(() => progress.finish());
  checkExcepts(work, surveys);
  const marksOf = await loadIncidentMarks(context);
  const plans = planFleet(surveys, {
    planOptions: (deploymentId) => ({
      createOnly,
      prune,
      resumePaused,
      includes,
      whyPaused: (automation) => marksOf(deploymentId, automation)[0],
    }),
    passesOverNamed: waitReadyMs === undefined,
  });
  for (const { target, isPassedOver } of plans) {
    if (isPassedOver) printer.warn(`${target.name} (${target.deploymentId}) isn't ready: left out`);
  }
  return plans;
}

/** Shows `--except` everything that is there and that the manifests name, and tells what fits nothing of it. */
function checkExcepts(
  { options: { selection }, printer, refusesUnfitted }: PlanWork,
  surveys: readonly Survey[],
) {
  const named = surveys.flatMap(({ target: { deploymentId }, desired, actual }) => [
    ...actual.map(({ automation_id, name }) => ({ deployment_id: deploymentId, automation_id, name })),
    ...desired.items.map(({ name }) => ({ deployment_id: deploymentId, name })),
    ...desired.removed.map(({ ref }) => ({ deployment_id: deploymentId, name: ref })),
  ]);
  for (const each of named) selection.except.fits(each);
  if (refusesUnfitted !== true) return warnOfUnfitted(printer, selection);
  const isReadWhole = surveys.every(({ error }) => error === undefined);
  checkUnfitted(printer, selection, { isReadWhole, names: named.map(({ name }) => name) });
}
