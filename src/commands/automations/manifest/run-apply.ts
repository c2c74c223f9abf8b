import type { Context } from "../../../context.js";
import { exitCodes, QuietExit, textOfError, UsageError } from "../../../errors.js";
import { checkDeletions, type DeploymentPlan, tasksOf } from "../../../manifest/fleet-plan.js";
import { groupBy } from "../../../manifest/group-by.js";
import { counted } from "../../../output/count.js";
import { minuteMs } from "../../../output/duration.js";
import { createPrinter, type Printer } from "../../../output/printer.js";
import type { Prompts } from "../../../prompts.js";
import { checkAttended, checkConfirmation, defaultMostDeletes } from "./confirmation.js";
import { NoRecordError } from "./no-record.js";
import { strictFailure } from "./not-ours.js";
import { makePlans, type RecordedPlanning } from "./plans.js";
import { type RepeatOptions, removeTwinsCommand, repeatCommand } from "./repeat.js";
import type { Tell } from "./report/flag.js";
import { type PlansToSettle, printPlans, settlePlans } from "./settle-plans.js";

export interface ApplyOptions extends RepeatOptions {
  /** Takes what the files find into a record that isn't there yet. */
  startRecord(): Promise<void>;
  dryRun: boolean;
  /** The plan goes into this file, and nothing is sent. */
  planOut?: string;
  /** A person gets every row, planned and done. */
  verbose: boolean;
  maxFailures?: number;
  /** In milliseconds; absent: 2 minutes for those that are named. */
  waitReady?: number;
  tell: Tell;
}

const defaultWaitMs = 2 * minuteMs;

/** Applies manifests (src/manifest/README.md). Throws as settlePlans does. */
export async function applyManifests(context: Context, options: ApplyOptions): Promise<void> {
  const { planOut } = options;
  const isToBeAsked = !options.yes && !options.dryRun && planOut === undefined;
  const isStdinTaken = [...options.files, ...options.valueFiles].includes("-");
  const terminal = isStdinTaken && isToBeAsked ? context.terminalPrompts?.() : undefined;
  const canAsk = isStdinTaken ? terminal !== undefined : context.io.canPrompt;
  try {
    if (options.prune && isToBeAsked && !canAsk) {
      throw new UsageError("--prune needs --yes when there is nobody to ask");
    }
    if (planOut !== undefined) (await import("./saved-plan/save.js")).checkPlanOut(context, planOut);
    const isLeftAlone = isStdinTaken && !canAsk && context.io.isAttended === true;
    const asking = { options, canAsk, prompts: terminal?.prompts, isLeftAlone };
    await planAndCarryOut(context, asking).catch(async (error: unknown) => {
      if (!(error instanceof NoRecordError) || !canAsk || isStdinTaken || !isToBeAsked) throw error;
      const message = `${error.message}. Start it with what exists already?`;
      if (!(await context.prompts.confirm({ message, default: false }))) throw error;
      await options.startRecord();
      await planAndCarryOut(context, asking);
    });
  } finally {
    terminal?.close();
  }
}

interface Asking {
  canAsk: boolean;
  /** On the terminal itself, where stdin has the manifest. */
  prompts: Prompts | undefined;
  /** Somebody sits there, and can't be asked. */
  isLeftAlone: boolean;
}

async function planAndCarryOut(
  context: Context,
  { options, ...asking }: Asking & { options: ApplyOptions },
): Promise<void> {
  const printer = await createPrinter(context);
  const planning = await makePlans(context, {
    options,
    printer,
    resumePaused: options.resumePaused,
    removeTwins: options.removeTwins,
    tellsValues: options.verbose,
    refusesUnfitted: true,
    isToBeApplied: !options.dryRun,
    isSaved: options.planOut !== undefined,
    waitReady: { namedMs: options.waitReady ?? defaultWaitMs, foundMs: options.waitReady },
    isStrict: options.strict,
    recreate: options.recreate,
  });
  try {
    await carryOutPlans(context, { planning, options, printer, ...asking });
  } finally {
    planning.record?.close();
  }
}

interface Planned extends Asking {
  planning: RecordedPlanning;
  options: ApplyOptions;
  printer: Printer;
}

async function carryOutPlans(
  context: Context,
  { planning, options, printer, canAsk, prompts, isLeftAlone }: Planned,
): Promise<void> {
  const { record, plans } = planning;
  const mayChange = options.yes || canAsk;
  const { maxFailures, maxDeletes = defaultMostDeletes, tell } = options;
  const isAsked = canAsk && !options.yes;
  const keeping = record?.keeping;
  const work = {
    ...planning,
    printer,
    isAsked,
    prompts,
    maxFailures,
    keeping,
    tell,
  } as const;
  if (options.dryRun) {
    await printDryRun(context, work, maxDeletes);
    return throwIfStrict(plans, options);
  }
  if (options.planOut !== undefined) return saveWork(context, work, options);
  checkDeletions(plans, maxDeletes);
  await settlePlans(context, {
    ...work,
    check: (tasks) => {
      checkConfirmation(tasks, mayChange);
      if (isLeftAlone && !options.yes) checkAttended(tasks);
    },
    begin: () => record?.begin(),
    repeat: (rows) =>
      repeatCommand(context, { options: { ...options, recordFile: recordOf(planning, options) }, rows }),
    twiceHint: (rows, madeTwice) => {
      const twins = groupBy(madeTwice, ({ deploymentId }) => deploymentId);
      const mostTwins = Math.max(...[...twins.values()].map(({ length }) => length));
      return removeTwinsCommand(context, {
        options,
        rows,
        deployments: [...twins.keys()],
        maxDeletes: mostTwins > maxDeletes ? mostTwins : undefined,
      });
    },
  }).finally(() => record?.note(plans, options));
  hintAtLeft(printer, plans);
  throwIfStrict(plans, options);
}

function throwIfStrict(plans: readonly DeploymentPlan[], { strict }: ApplyOptions): void {
  const failure = strict ? strictFailure(plans) : undefined;
  if (failure !== undefined) throw failure;
}

/** Of several files perhaps not all are applied again, nor the one that names the record. */
function recordOf({ record }: RecordedPlanning, { files, recordFile }: ApplyOptions): string | undefined {
  return recordFile ?? (files.length > 1 ? record?.file : undefined);
}

async function printDryRun(context: Context, work: PlansToSettle, maxDeletes: number): Promise<void> {
  const failure = await printPlans(context, work);
  try {
    checkDeletions(work.plans, maxDeletes);
  } catch (error) {
    work.printer.warn(`apply would be refused: ${textOfError(error)}`);
  }
  if (failure !== undefined) throw failure;
}

/** Shows a plan once it is in its file. Throws QuietExit (9) where it changes something. */
async function saveWork(
  context: Context,
  work: PlansToSettle & Pick<RecordedPlanning, "record">,
  options: ApplyOptions,
): Promise<void> {
  const { plans, printer, record } = work;
  const { planOut: file = "", maxDeletes = defaultMostDeletes } = options;
  const { savePlan } = await import("./saved-plan/save.js");
  await savePlan(context, { file, plans, record: record?.file });
  const count = tasksOf(plans).length;
  if (printer.format.isInWords) printer.note(`${counted(count, "change")} saved in ${file}`);
  await printDryRun(context, work, maxDeletes);
  hintAtLeft(printer, plans);
  if (record !== undefined) {
    const { hintAtRecordOutside } = await import("./saved-plan/record.js");
    await hintAtRecordOutside(context, { plan: file, record: record.file, printer });
  }
  throwIfStrict(plans, options);
  if (count > 0) throw new QuietExit(exitCodes.found);
}

function hintAtLeft(printer: Printer, plans: readonly DeploymentPlan[]): void {
  const isLeft = plans.some(({ items }) => items.some(({ action }) => action === "left"));
  if (isLeft) printer.hint("--recreate creates again what was deleted since");
}
