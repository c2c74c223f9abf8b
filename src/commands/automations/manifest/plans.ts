import type { Context } from "../../../context.js";
import { automationFilter, selectsDeployments } from "../../../fleet/selection.js";
import type { ActualAutomation } from "../../../manifest/change.js";
import { type DeploymentPlan, isDifference, planFleet } from "../../../manifest/fleet-plan.js";
import { ManifestError } from "../../../manifest/mistake.js";
import { type ManifestSet, readManifests } from "../../../manifest/read.js";
import { type Survey, surveyAll } from "../../../manifest/survey.js";
import { makeWishes } from "../../../manifest/wishes.js";
import { listed } from "../../../output/count.js";
import type { Printer } from "../../../output/printer.js";
import { createKeySearch } from "../../../settings/redact.js";
import { isFleet, persist } from "../../fleet/persist.js";
import { ReadingProgress } from "../../fleet/reading.js";
import { checkUnfitted, warnOfLeftOut, warnOfUnfitted } from "../../targets/selection.js";
import { loadIncidentMarks } from "../shared/incident-marks.js";
import { keptFolder } from "../shared/kept.js";
import type { ManifestOptions } from "./flags.js";
import { annotateMistakes } from "./github.js";
import { resolveParts } from "./targets.js";

export interface PlanWork {
  options: ManifestOptions;
  printer: Printer;
  resumePaused?: boolean;
  removeTwins?: boolean;
  /** It is more than shown: what would be pruned is read whole, so that it is known whether somebody changes it meanwhile. */
  isToBeApplied?: boolean;
  /** How long a named deployment that isn't ready is waited for; absent: it is passed over. */
  waitReadyMs?: number;
  /** What fits nothing in `--except` is refused: the plan is to be carried out. */
  refusesUnfitted?: boolean;
}

export interface Planning {
  plans: DeploymentPlan[];
  /** Says which minutes the plans make peaks: for below the plan, where it is shown. */
  tellPeaks(): Promise<void>;
  /** What would be planned for one of the deployments by what is there now. */
  planAgain(deploymentId: string): Promise<DeploymentPlan | undefined>;
}

/**
 * Reads the manifests, asks the API what is there, and plans. Nothing is sent before the manifests are found right;
 * what is wrong with them is annotated under GitHub Actions.
 */
export async function makePlans(context: Context, work: PlanWork): Promise<Planning> {
  try {
    return await plan(context, work);
  } catch (error) {
    if (error instanceof ManifestError) annotateMistakes(context, { printer: work.printer, error });
    throw error;
  }
}

async function plan(context: Context, work: PlanWork): Promise<Planning> {
  const { options, printer, removeTwins = false, isToBeApplied = false, waitReadyMs } = work;
  const { signal } = context;
  const { files, variables, selection, isRecursive, prune } = options;
  const read = await readManifests(files, {
    cwd: context.settings.places.cwd,
    keptFolder: keptFolder(context),
    isRecursive,
    prune,
    stdin: context.io.stdin,
    signal,
    variables,
    findKey: createKeySearch(context.settings.apiKeys()),
    hasDeploymentFlags: selectsDeployments(selection),
    now: context.now(),
  });
  tellUnread(printer, read);
  const { manifests, readSchedule } = read;
  const client = await context.client();
  if (isFleet(selection)) await persist(context);
  const parts = await resolveParts(context, { selection, manifests });
  if (parts.length > 1) await persist(context);
  const wishes = await makeWishes(parts, { client, readSchedule, signal });
  const includes = automationFilter(selection);
  const survey = {
    client,
    signal,
    withInstructions: !options.createOnly,
    alsoWhole: (automation: ActualAutomation) =>
      removeTwins || (options.prune && isToBeApplied && includes(automation)),
    sleep: (ms: number, by?: AbortSignal) => context.sleep(ms, by),
  };
  const progress = new ReadingProgress(context, printer);
  const surveys = await surveyAll(wishes, {
    ...survey,
    waitReadyMs,
    onStart: (stage, total) => progress.start(stage, total),
    onRead: () => progress.item(),
  }).finally(() => progress.finish());
  checkExcepts(work, surveys);
  const plans = await planSurveys(context, work, surveys);
  for (const { target, isPassedOver } of plans) if (isPassedOver) warnOfLeftOut(printer, target);
  const planAgain = async (deploymentId: string) => {
    const theirs = wishes.filter(({ target }) => target.deploymentId === deploymentId);
    const [plan] = await planSurveys(context, work, await surveyAll(theirs, survey));
    return plan;
  };
  const tellPeaks = async () => {
    if (!plans.some(({ changes }) => changes.some(isDifference))) return;
    const { madePeaks } = await import("./made-peaks.js");
    const peaks = madePeaks({ surveys, plans, includes, now: context.serverNow() });
    for (const text of peaks) printer.note(`with these changes ${text}`);
  };
  return { plans, tellPeaks, planAgain };
}

async function planSurveys(
  context: Context,
  { options, resumePaused = false, removeTwins = false, waitReadyMs }: PlanWork,
  surveys: readonly Survey[],
): Promise<DeploymentPlan[]> {
  const { createOnly, prune, selection } = options;
  const includes = automationFilter(selection);
  const marksOf = await loadIncidentMarks(
    context,
    surveys.map(({ target }) => target.deploymentId),
  );
  return planFleet(surveys, {
    planOptions: (deploymentId) => ({
      createOnly,
      prune,
      resumePaused,
      removeTwins,
      includes,
      whyPaused: (automation) => marksOf(deploymentId, automation)[0],
    }),
    passesOverNamed: waitReadyMs === undefined,
  });
}

const mostNamed = 10;

/** What of the folders and flags plays no part in the plan. */
function tellUnread(printer: Printer, { passedOver, unreadFolders, unusedVariables }: ManifestSet): void {
  for (const name of unusedVariables) printer.warn(`--var ${name} is used nowhere in the manifests`);
  for (const { file, misspelt } of passedOver) {
    if (misspelt !== undefined) printer.warn(`${file} is skipped: is ${misspelt} misspelt?`);
  }
  const others = passedOver.filter(({ misspelt }) => misspelt === undefined).map(({ file }) => file);
  if (others.length > 0) {
    printer.note(
      `skipped, because they have no automations or removed at the top: ${listed(others, mostNamed)}`,
    );
  }
  if (unreadFolders.length > 0) {
    printer.warn(
      `manifests in these folders weren't read (--recursive reads them): ${listed(unreadFolders, mostNamed)}`,
    );
  }
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
