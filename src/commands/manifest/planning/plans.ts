/** Plans the changes that files ask for in each deployment, and collects the warnings. */

import { saysNotThere } from "../../../api/exchange.js";
import type { Automation } from "../../../api/types.js";
import { commandLine, flagWords, type TargetFlags } from "../../../command-line/next-command.js";
import type { Context } from "../../../context/context.js";
import { NothingFoundError, type NotPossibleError } from "../../../errors/cli-errors.js";
import { globMatcher } from "../../../fleet/exclusions.js";
import {
  automationFilter,
  type DeploymentTarget,
  isOfSeveral,
  listDeployments,
  type Selection,
  selectsDeployments,
  toTarget,
} from "../../../fleet/selection.js";
import { readOneOfMany } from "../../../fleet/silent-deployments.js";
import { inFileOrder } from "../../../manifest/mistake.js";
import {
  type DeploymentPlan,
  type DeploymentPlanOptions,
  guardDeletions,
  planDeployment,
} from "../../../manifest/plan/fleet-plan.js";
import { notInRecord } from "../../../manifest/plan/plan-item.js";
import type { ManifestSet } from "../../../manifest/read/manifest-set.js";
import { nameInKey } from "../../../manifest/record/automation-record.js";
import { recordName } from "../../../manifest/record/choose.js";
import {
  type DeploymentState,
  readStates,
  type StateOptions,
} from "../../../manifest/state/deployment-state.js";
import { type DesiredState, readDesired, unmatchedRefs } from "../../../manifest/state/desired-state.js";
import { idsForNobody, refuseMissing } from "../../../manifest/state/file-targets.js";
import type { WaitReady } from "../../../manifest/state/listing.js";
import type { Warning } from "../../../manifest/warnings.js";
import { ReadingProgress } from "../../../operations/rows/progress.js";
import { unknownDeployment } from "../../../operations/rows/session.js";
import { retryOutages } from "../../../operations/rows/wait-notes.js";
import {
  checkUnmatched,
  selectionWords,
  warnOfSkipped,
  warnOfUnmatched,
} from "../../../operations/selection/selection-flags.js";
import { whyNoneMatches } from "../../../operations/selection/why-empty.js";
import { type Judged, readSettled } from "../../../operations/sending/wait-for-open.js";
import type { Printer } from "../../../output/printer.js";
import { type BadgesOf, loadIncidentBadges } from "../../automations/shared/incident-badges.js";
import type { ManifestSources } from "../file-flags.js";
import type { OpenRecord } from "../record/writer.js";
import { annotatingMistakes } from "../view/annotations.js";
import {
  howToStart,
  NoRecordError,
  warnOfDuplicates,
  warnOfRenames,
  warnOfReplaced,
} from "./plan-failures.js";
import { readManifestSet } from "./read-set.js";
import { reachesAll, resolveManifests } from "./targets.js";

/** Rules for a plan: which automations it may delete, enable or create again, and when it is refused. */
export interface PlanRules
  extends Pick<DeploymentPlanOptions, "prune" | "resumePaused" | "deletePaused" | "recreate"> {
  strict?: boolean;
  maxDeletes?: number | undefined;
  isToBeApplied?: boolean;
  waitReady?: WaitReady;
  /** Refuses an `--except` that matches nothing, because the plan will be sent. `strict` refuses any such selector. */
  refusesUnmatched?: boolean;
  /** Adds automations found by name to the record. */
  isAdopting?: boolean;
}

interface PlanWork {
  sources: ManifestSources;
  rules: PlanRules;
  printer: Printer;
  /** Shows where each value comes from. */
  showsValues?: boolean;
}

/** A plan, and its record. `close` the record when the command ends. */
export interface RecordedPlanning extends Planning {
  record?: OpenRecord | undefined;
  /** The command that records the automations that the files find by name. */
  adopt?: string;
  /** The reason why apply would refuse to send it. */
  refusal?: NotPossibleError;
}

/**
 * Reads manifests and the actual state, and plans. Throws mistakes in manifests before any request, except those in a
 * deployment's own values; under GitHub Actions, annotates them.
 */
export async function makePlans(context: Context, work: PlanWork): Promise<RecordedPlanning> {
  return annotatingMistakes(context, { printer: work.printer, work: () => plan(context, work) });
}

async function plan(context: Context, work: PlanWork): Promise<RecordedPlanning> {
  const { printer, sources } = work;
  const { prune = false, isToBeApplied: isToBeWritten = false } = work.rules;
  const set = await readManifestSet(context, { sources, prune, printer });
  const { place, found = prune && place ? { file: place, reading: undefined } : undefined } = set.record;
  const adopt = adoptCommand(context, sources, set);
  if (found === undefined) {
    if (prune) throw needsRecord("none is named", adopt);
    return { ...(await makeSetPlans(context, { ...work, set })), adopt };
  }
  const { openRecord } = await import("../record/open.js");
  const record = await openRecord(context, { found, printer, isToBeWritten, adopt, mayStart: prune });
  try {
    const planning = await makeSetPlans(context, { ...work, set, record });
    if (record.isNew) {
      const is = `${record.file} is ${found.reading === undefined ? "missing" : "empty"}`;
      if (!planning.plans.every(hasNone)) throw needsRecord(is, adopt);
      printer.note(`${is}: ${isToBeWritten ? "creating it" : "apply would create it"}`);
    }
    warnOfDuplicates(context, { printer, plans: planning.plans });
    warnOfRenames(printer, planning.plans);
    return { ...planning, record, adopt };
  } catch (error) {
    record.close();
    throw error;
  }
}

/** True if a deployment was read and contains none of the files' names, so that all its new automations are ours. */
function hasNone({ items, error, isSkipped }: DeploymentPlan): boolean {
  return error === undefined && !isSkipped && items.every(({ reason }) => reason !== notInRecord);
}

function needsRecord(why: string, adopt: string): NoRecordError {
  return new NoRecordError(`--prune needs a record, and ${why}: nothing was sent`, {
    hint: `to delete by name without a record, use removed: in a manifest; ${howToStart(adopt)}`,
  });
}

export async function makeSetPlans(
  context: Context,
  { set, record, ...work }: PlanWork & { set: ManifestSet; record?: OpenRecord },
): Promise<RecordedPlanning> {
  const { sources, rules, printer, showsValues = false } = work;
  const { signal } = context;
  const { selection } = sources;
  const { prune = false, strict, resumePaused, deletePaused, recreate, waitReady } = rules;
  const { manifests, readSchedule, instructionFiles } = set;
  if (isOfSeveral(selection)) await retryOutages(context);
  const { parts, unknown } = await resolveManifests(context, { selection, manifests, record });
  if (parts.length > 1) await retryOutages(context);
  warnOfReplaced(printer, { selection, parts });
  const client = await context.client();
  const includes = automationFilter(selection);
  const targets = parts.map(({ target }) => target);
  const forNobody =
    prune && record !== undefined ? await findForNobody(context, { manifests, targets, record }) : undefined;
  if (prune && reachesAll({ selection, manifests }) && selection.except.values.length === 0) {
    const reached = [...targets, ...unknown].map(({ deployment_id }) => deployment_id);
    record?.reportUnreached({ named: new Set(reached), includes });
  }
  const pendingCreates = new Set(record?.contents.pendingCreates.map(nameThere));
  const progress = new ReadingProgress(context, printer);
  const desired = await readDesired(parts, {
    client,
    readSchedule,
    instructionFiles,
    showsValues,
    signal,
    onStart: (stage, total) => progress.start(stage, total),
    onRead: () => progress.item(),
  }).finally(() => progress.finish());
  const planning = await planDesired(context, {
    desired: desired.map((state) => record?.withRecord(state, rules.isAdopting) ?? state),
    printer,
    waitReady,
    // Read in order to notice later changes to pruned automations, and the result of an unfinished create.
    needsDetail: ({ automation_id, name }, deployment_id) =>
      (prune && record?.contents.entryOf(deployment_id, automation_id) !== undefined) ||
      pendingCreates.has(nameThere({ deployment_id, name })),
    planOptions: {
      ...{ prune, resumePaused, deletePaused, includes, recreate, forNobody, isStrict: strict },
      conflictHint:
        record === undefined
          ? "rename or delete one there"
          : "say with id:, formerly: or removed: whether it was renamed or removed; if there are several, rename or delete the others there",
    },
    checkStates: (states) => {
      if (!selectsDeployments(selection)) refuseMissing(states, manifests);
      checkSelectors(work, { states, record });
      if (record === undefined) return states;
      return record.reconcile(states.map((state) => withUnseen(context, state, record)));
    },
  });
  const others = unknown.flatMap((error) => record?.unknownPlan(error, includes) ?? []);
  const unmatched = isUnfiltered(selection)
    ? unmatchedRefs(
        manifests,
        planning.plans.map(({ target }) => target),
      ).map((each) => ({ kind: "unmatched" as const, ...each }))
    : [];
  const guarded = guardDeletions([...planning.plans, ...others], {
    mostDeletes: rules.maxDeletes,
    recorded: record?.contents.entries.length,
  });
  return { ...planning, ...guarded, warnings: inFileOrder([...unmatched, ...planning.warnings]) };
}

/** Finds automations that `--prune` doesn't delete, because the `for` of their item matches no visible deployment. */
async function findForNobody(
  context: Context,
  {
    manifests,
    targets,
    record,
  }: Pick<ManifestSet, "manifests"> & { targets: readonly DeploymentTarget[]; record: OpenRecord },
): Promise<ReadonlySet<string>> {
  const { entries } = record.contents;
  if (idsForNobody(manifests, { targets, entries }).length === 0) return new Set();
  const listed = await listDeployments(await context.client(), undefined, context.signal);
  const existing = listed.map((each) => toTarget(each, { isNamed: false }));
  return new Set(idsForNobody(manifests, { targets: existing, entries }));
}

/** For a deployment that is in the record but not in the API, reports only that this key can't see it. */
function withUnseen(context: Context, state: DeploymentState, record: OpenRecord): DeploymentState {
  const { deployment_id } = state.target;
  const isUnseen = saysNotThere(state.error) && record.contents.entriesOf(deployment_id).length > 0;
  if (!isUnseen) return state;
  return { ...state, error: unknownDeployment(context, { deployment_id, cause: state.error }) };
}

function nameThere({ deployment_id, name }: { deployment_id: string; name: string }): string {
  return `${deployment_id}/${name}`;
}

/** Checks selectors against all existing, named or recorded automations. Warns, or throws NothingFoundError. */
function checkSelectors(
  { sources: { selection }, rules: { strict = false, refusesUnmatched = false }, printer }: PlanWork,
  { states, record }: { states: readonly DeploymentState[]; record: OpenRecord | undefined },
): void {
  const named = states.flatMap(({ target: { deployment_id }, desired, actual }) => [
    ...actual.map(({ automation_id, name }) => ({ deployment_id, automation_id, name })),
    ...desired.items.map(({ name }) => ({ deployment_id, name })),
    ...desired.removed.map(({ ref }) => ({ deployment_id, name: ref })),
  ]);
  const recorded = record?.contents.entries.map((entry) => ({ ...entry, name: nameInKey(entry.key) })) ?? [];
  for (const each of [...named, ...recorded]) selection.except.matches(each);
  const isReadWhole = states.every(({ error }) => error === undefined);
  const names = named.map(({ name }) => name);
  if (refusesUnmatched || strict) checkUnmatched(printer, selection, { isReadWhole, names });
  else warnOfUnmatched(printer, selection);
  if (strict && isReadWhole) checkMatch(selection, names);
}

function checkMatch({ match }: Selection, names: readonly string[]): void {
  if (match === undefined || names.some(globMatcher(match))) return;
  throw new NothingFoundError(`--match ${JSON.stringify(match)} matches no automation`, {
    hint: whyNoneMatches(match, names) ?? "nothing was changed",
  });
}

/** False if only some deployments are selected, because the files may name others. */
function isUnfiltered({ deployments, customer, except }: Selection): boolean {
  return deployments.length === 0 && customer === undefined && except.values.length === 0;
}

/** The command that adds these files' automations to their record, or that starts the record. */
function adoptCommand(
  context: TargetFlags,
  sources: ManifestSources,
  { record }: Pick<ManifestSet, "record">,
): string {
  const { selection, files, isRecursive, valueFiles, assignments } = sources;
  const hasPlace = record.place !== undefined || record.found !== undefined;
  const { recordFile = hasPlace ? undefined : recordName } = sources;
  return commandLine(context, [
    "adopt",
    ...files.flatMap((file) => flagWords("--file", file)),
    ...(isRecursive ? ["--recursive"] : []),
    ...valueFiles.flatMap((file) => flagWords("--values", file)),
    ...assignments.flatMap((assignment) => flagWords("--var", assignment)),
    ...(recordFile === undefined ? [] : flagWords("--record", recordFile)),
    ...selectionWords({ ...selection, except: selection.except.values }),
  ]);
}

interface DesiredWork extends Pick<StateOptions, "needsDetail" | "waitReady"> {
  desired: readonly DesiredState[];
  planOptions: Omit<DeploymentPlanOptions, "whyPaused">;
  printer: Printer;
  /** Checks the actual state, and returns the states to plan from. */
  checkStates?(states: readonly DeploymentState[]): readonly DeploymentState[];
}

interface Planning {
  plans: DeploymentPlan[];
  warnings: readonly Warning[];
  planAgain(deployment_id: string, listed: readonly Automation[]): Promise<DeploymentPlan | undefined>;
}

/** Reads the actual state, and plans the changes to the desired one. */
async function planDesired(context: Context, work: DesiredWork): Promise<Planning> {
  const { printer, waitReady } = work;
  const badgesOf = await loadIncidentBadges(context);
  const options = await stateOptions(context, work, badgesOf);
  const progress = new ReadingProgress(context, printer);
  const readAll = () =>
    readStates(work.desired, {
      ...options,
      waitReady,
      onStart: (stage, total) => progress.start(stage, total),
      onRead: () => progress.item(),
    }).finally(() => progress.finish());
  const read = await readSettled(context, readAll, (found) => judgedIn(planStates(work, found, badgesOf)));
  const states = work.checkStates?.(read) ?? read;
  const plans = planStates(work, states, badgesOf);
  for (const { target, isSkipped, isBroken } of plans) {
    if (isSkipped) warnOfSkipped(printer, target, isBroken);
  }
  const planAgain = async (deployment_id: string) => {
    const desired = states.filter(({ target }) => target.deployment_id === deployment_id);
    const badgesNow = await loadIncidentBadges(context);
    const statesNow = await readStates(desired, await stateOptions(context, work, badgesNow));
    return planStates(work, statesNow, badgesNow)[0];
  };
  return { plans, warnings: await findWarnings(context, work, states), planAgain };
}

/** Held automations are also read in full, so that no copy is created beside them. */
async function stateOptions(
  context: Context,
  { needsDetail }: DesiredWork,
  badgesOf: BadgesOf,
): Promise<StateOptions> {
  const client = await context.client();
  return {
    client,
    signal: context.signal,
    readOne: readOneOfMany(context, client),
    needsDetail: (automation, deployment_id) =>
      needsDetail?.(automation, deployment_id) === true || badgesOf(deployment_id, automation).length > 0,
    sleep: (ms, by) => context.sleep(ms, by),
  };
}

/** Finds warnings about the part of the desired states that is selected. */
async function findWarnings(
  context: Context,
  { planOptions: { includes = () => true } }: DesiredWork,
  states: readonly DesiredState[],
): Promise<readonly Warning[]> {
  const { warningsOf } = await import("../../../manifest/warnings.js");
  const included = states.map(({ target, desired }) => ({
    target,
    desired: { ...desired, items: desired.items.filter(({ name }) => includes({ automation_id: "", name })) },
  }));
  return warningsOf(included, context.serverNow());
}

function judgedIn(plans: readonly DeploymentPlan[]): Judged[] {
  return plans.flatMap(({ target: { deployment_id }, items }) =>
    items.map(({ automation_id = null }) => ({ deployment_id, automation_id })),
  );
}

function planStates(
  { planOptions }: DesiredWork,
  states: readonly DeploymentState[],
  badgesOf: BadgesOf,
): DeploymentPlan[] {
  return states.map((state) => {
    const { deployment_id } = state.target;
    return planDeployment(state, {
      ...planOptions,
      whyPaused: (automation) => badgesOf(deployment_id, automation)[0]?.text,
    });
  });
}
