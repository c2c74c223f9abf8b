import type { Context } from "../../../context.js";
import { automationFilter, selectsDeployments } from "../../../fleet/selection.js";
import { ManifestError } from "../../../manifest/mistake.js";
import { type ManifestSet, readManifests } from "../../../manifest/read.js";
import type { Survey } from "../../../manifest/survey.js";
import { makeWishes } from "../../../manifest/wishes.js";
import { listed } from "../../../output/count.js";
import type { Printer } from "../../../output/printer.js";
import { createKeySearch } from "../../../settings/redact.js";
import { isFleet, persist } from "../../fleet/persist.js";
import { checkUnfitted, warnOfUnfitted } from "../../targets/selection.js";
import { keptFolder } from "../shared/kept.js";
import type { ManifestOptions } from "./flags.js";
import { annotateMistakes } from "./github.js";
import { type Planning, planWishes } from "./plan-wishes.js";
import type { OpenRecord } from "./record.js";
import { resolveParts } from "./targets.js";

export interface PlanWork {
  options: ManifestOptions;
  printer: Printer;
  resumePaused?: boolean;
  removeTwins?: boolean;
  /** Every row tells what its variables are. */
  tellsValues?: boolean;
  /** It is more than shown: what would be pruned is read whole, so that it is known whether somebody changes it meanwhile. */
  isToBeApplied?: boolean;
  /** It is carried out by another command: a record stays as it is. */
  isSaved?: boolean;
  /** How long a named deployment that isn't ready is waited for; absent: it is passed over. */
  waitReadyMs?: number;
  /** What fits nothing in `--except` is refused: the plan is to be carried out. */
  refusesUnfitted?: boolean;
  /** What was deleted since it was recorded is made again. */
  recreate?: boolean;
}

/** What is planned, and the record that it is planned by; to be closed when the command is done. */
export interface RecordedPlanning extends Planning {
  record?: OpenRecord | undefined;
}

/**
 * Reads the manifests, asks the API what is there, and plans. Nothing is sent before the manifests are found right;
 * what is wrong with them is annotated under GitHub Actions.
 */
export async function makePlans(context: Context, work: PlanWork): Promise<RecordedPlanning> {
  try {
    return await plan(context, work);
  } catch (error) {
    if (error instanceof ManifestError) annotateMistakes(context, { printer: work.printer, error });
    throw error;
  }
}

async function plan(context: Context, work: PlanWork): Promise<RecordedPlanning> {
  const { printer, isToBeApplied = false, isSaved = false } = work;
  const set = await readManifestSet(context, work);
  const { record: found } = set;
  if (found === undefined) return makeSetPlans(context, { ...work, set });
  const { openRecord } = await import("./record.js");
  const record = await openRecord(context, { found, printer, isToBeWritten: isToBeApplied && !isSaved });
  try {
    record.tell(work.options);
    return { ...(await makeSetPlans(context, { ...work, set, record })), record };
  } catch (error) {
    record.close();
    throw error;
  }
}

/** Reads the manifests, and tells what of them counts for nothing. Sends nothing. */
export async function readManifestSet(
  context: Context,
  { options, printer }: Pick<PlanWork, "options" | "printer">,
): Promise<ManifestSet> {
  const { signal } = context;
  const { files, givenValues, valueFiles, selection, isRecursive, prune, recordFile } = options;
  const set = await readManifests(files, {
    cwd: context.settings.places.cwd,
    keptFolder: keptFolder(context),
    isRecursive,
    prune,
    recordFile,
    stdin: context.io.stdin,
    signal,
    givenValues,
    valueFiles,
    findKey: createKeySearch(context.settings.apiKeys()),
    hasDeploymentFlags: selectsDeployments(selection),
    now: context.now(),
  });
  tellUnread(printer, set);
  return set;
}

/** Plans by manifests that were read, and by their record. */
export async function makeSetPlans(
  context: Context,
  { set, record, ...work }: PlanWork & { set: ManifestSet; record?: OpenRecord },
): Promise<Planning> {
  const { options, printer, waitReadyMs, recreate } = work;
  const { resumePaused = false, removeTwins = false, isToBeApplied = false } = work;
  const { signal } = context;
  const { selection, createOnly } = options;
  const prune = options.prune && (record?.isKnown ?? true);
  const { manifests, readSchedule, instructionFiles } = set;
  if (isFleet(selection)) await persist(context);
  const parts = await resolveParts(context, { selection, manifests });
  if (parts.length > 1) await persist(context);
  const client = await context.client();
  const wishes = await makeWishes(parts, {
    client,
    readSchedule,
    instructionFiles,
    tellsValues: work.tellsValues,
    signal,
  });
  const includes = automationFilter(selection);
  return planWishes(context, {
    wishes: record?.known(wishes) ?? wishes,
    record,
    printer,
    waitReadyMs,
    withInstructions: !createOnly,
    alsoWhole: (automation) =>
      removeTwins ||
      (prune && isToBeApplied && includes(automation)) ||
      record?.isInDoubt(automation) === true,
    planOptions: { createOnly, prune, resumePaused, removeTwins, includes, recreate },
    conflictHint:
      "give each its own automation_id in the manifest, or delete one; apply --remove-twins deletes identical copies",
    check: (surveys) => {
      checkExcepts(work, surveys);
      record?.settle(surveys);
    },
  });
}

const mostNamed = 10;

/** What of the folders and flags plays no part in the plan. */
function tellUnread(printer: Printer, { passedOver, unreadFolders, unusedValues }: ManifestSet): void {
  for (const { file, names } of unusedValues) {
    const are = names.length === 1 ? "is" : "are";
    const what =
      file === undefined ? `${listed(names)} ${are}` : `${file} sets ${listed(names)}, which ${are}`;
    printer.warn(`${what} used nowhere in the manifests`);
  }
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
