import type { CommandChanges } from "../../command/rerun-command.js";
import type { Context } from "../../context/context.js";
import type { Prompts } from "../../context/prompts.js";
import { UsageError } from "../../errors/cli-errors.js";
import { wentWrong } from "../../fleet/outcome.js";
import { type Task, tasksOf } from "../../manifest/plan/fleet-plan.js";
import { isDeletedThere, isOfLeaving } from "../../manifest/plan/plan-item.js";
import type { Plan } from "../../operations/operation.js";
import { Names } from "../../operations/rows/names.js";
import { type FleetRow, unreadableRow } from "../../operations/rows/result-rows.js";
import { runOperation } from "../../operations/run-operation.js";
import { counted } from "../../output/count.js";
import { minuteMs } from "../../output/duration.js";
import { createPrinter } from "../../output/printer.js";
import type { ManifestSources } from "../manifest/file-flags.js";
import {
  failureOfPlans,
  NoRecordError,
  skippedFailure,
  unknownHint,
} from "../manifest/planning/plan-failures.js";
import { makePlans, type PlanRules, type RecordedPlanning } from "../manifest/planning/plans.js";
import type { SetReport } from "../manifest/report/with-reports.js";
import { leavingTexts, restRow, taskSubject } from "../manifest/view/change-rows.js";
import { PlanPrinter } from "../manifest/view/plan-printer.js";
import type { ApplyInput } from "./apply-flags.js";
import { TaskSender } from "./send-task.js";

interface ApplyWork {
  sources: ManifestSources;
  input: ApplyInput;
  setReport: SetReport;
  startRecord(): Promise<void>;
}

const defaultWaitMs = 2 * minuteMs;

/** Applies manifests (src/manifest/README.md). Throws what applyPlan throws. */
export async function applyManifests(context: Context, work: ApplyWork): Promise<void> {
  const { sources, input } = work;
  const isToBeAsked = !input.yes && !input.dryRun;
  const isStdinTaken = [...sources.files, ...sources.valueFiles].includes("-");
  const terminal = isStdinTaken && isToBeAsked ? context.terminalPrompts?.() : undefined;
  const canAsk = isStdinTaken ? terminal !== undefined : context.io.canPrompt;
  try {
    if (input.prune && isToBeAsked && !canAsk) {
      throw new UsageError("--prune needs --yes when herm can't ask");
    }
    const isLeftAlone = isStdinTaken && !canAsk && context.io.isAttended === true;
    const asking = { ...work, canAsk, prompts: terminal?.prompts, isLeftAlone };
    await applyFiles(context, asking).catch(async (error: unknown) => {
      if (!(error instanceof NoRecordError) || !canAsk || isStdinTaken || !isToBeAsked) throw error;
      await work.startRecord();
      await applyFiles(context, asking);
    });
  } finally {
    terminal?.close();
  }
}

async function applyFiles(
  context: Context,
  {
    sources,
    input,
    setReport,
    ...asking
  }: Pick<PlanSource, "canAsk" | "prompts" | "isLeftAlone"> & Omit<ApplyWork, "startRecord">,
): Promise<void> {
  const printer = await createPrinter(context);
  const planning = await applyPlan(context, {
    ...asking,
    input,
    view: new PlanPrinter(context, printer, { setReport }),
    prune: input.prune,
    plan: () => makePlans(context, { sources, rules: rulesOf(input), printer, showsValues: input.verbose }),
    again: ({ plans }, left) => {
      if (left.length > 0 && left.every(({ isUnseen }) => isUnseen)) return unknownHint(plans);
      const stopped = plans.filter(({ items }) => items.some(({ isCause }) => isCause));
      const ids = new Set(stopped.map(({ target }) => target.deployment_id));
      const isStopped = left.every((row) => ids.has(row.deployment_id));
      return isStopped ? "resolve the conflict, then run the same command again" : {};
    },
  });
  const failure = skippedFailure({ ...planning, isStrict: input.strict });
  if (failure !== undefined) throw failure;
}

function rulesOf({
  prune,
  strict,
  resumePaused,
  deletePaused,
  recreate,
  maxDeletes,
  waitReady,
  dryRun,
}: ApplyInput): PlanRules {
  return {
    ...{ prune, strict, resumePaused, deletePaused, recreate, maxDeletes },
    refusesUnmatched: true,
    isToBeApplied: !dryRun,
    waitReady: { namedMs: waitReady ?? defaultWaitMs, foundMs: waitReady },
  };
}

interface PlanSource {
  input: { dryRun: boolean; yes: boolean };
  view: PlanPrinter;
  canAsk: boolean;
  /** Prompts on the terminal itself, for when stdin contains the manifest. */
  prompts?: Prompts | undefined;
  /** True if there is a user, but no way to ask them. */
  isLeftAlone?: boolean;
  prune: boolean;
  plan(): Promise<RecordedPlanning>;
  /** The command that does the rest. `left`: the rows still to do. */
  again(planning: RecordedPlanning, left: readonly FleetRow[]): CommandChanges | string;
}

/** Applies plans, each with its deployment locked, or shows plans that change nothing. */
async function applyPlan(context: Context, source: PlanSource): Promise<RecordedPlanning> {
  const { input, view, canAsk, prompts } = source;
  const { planning } = await runOperation<Task, string, ApplyPlan>(context, {
    words: { verb: "Apply", doing: "Applying", done: "applied" },
    input,
    confirmationSubject: canAsk ? "apply" : undefined,
    prompts,
    // In CI, the history is deleted with the job.
    canBeUndone: !context.settings.env("CI"),
    subject: taskSubject,
    plan: async () => planOf(context, await source.plan(), source),
    fileView: {
      printDryRun: ({ planning }) => view.preview(planning),
      show: ({ planning }, isShown) => view.beforeSending(planning, isShown),
      report: (results, { planning }) => view.printResults(planning, results),
    },
    beforeSending: async ({ items, planning }) => {
      checkConfirmation(items, input.yes || canAsk);
      if (source.isLeftAlone && !input.yes) checkAttended(items);
      planning.record?.recorder?.begin();
    },
    send: (task, tools, { sender }) => sender.send(task, tools),
    detail: (_, success) => (success === undefined ? {} : { automation_id: success.value }),
    after: ({ results, plan: { sender } }) => sender.after(results),
    close: ({ sender, planning: { plans, record } }) => {
      sender.close();
      record?.update(plans, source);
      record?.close();
    },
  });
  return planning;
}

interface ApplyPlan extends Plan<Task> {
  planning: RecordedPlanning;
  sender: TaskSender;
}

function planOf(
  context: Context,
  planning: RecordedPlanning,
  { again, view: { printer } }: PlanSource,
): ApplyPlan {
  const { plans, planAgain, record } = planning;
  const items = tasksOf(plans);
  const sent = new Set(items.map(({ planItem }) => planItem));
  const deployments = plans.map(({ target: { deployment_id, name } }) => ({ deployment_id, name }));
  const unsentRows = plans.flatMap((plan) => {
    const { error, target } = plan;
    const rest = plan.items.filter((change) => !sent.has(change) && !isDeletedThere(change));
    const rows = rest.map((change) => restRow(plan, change));
    // A deployment that failed before planning is shown as one failed row.
    return error !== undefined && plan.items.length === 0
      ? [unreadableRow({ deployment: { deployment_id: target.deployment_id }, automations: [], error })]
      : rows;
  });
  const hasNoFailure = !unsentRows.some(wentWrong);
  const recorder = record?.recorder;
  const sending = { tasks: items, planAgain, recorder, printer };
  return {
    planning,
    sender: new TaskSender(context, sending),
    items,
    unsentRows,
    unreadable: [],
    deployments,
    names: new Names([...items.map(taskSubject), ...unsentRows], deployments),
    retryCommand: (left) => again(planning, left),
    view: {},
    question: questionOf(items),
    failure: (hint) => failureOfPlans(plans, { hint }),
    changeOptions: { record: recorder?.file },
    isOneItem: hasNoFailure && (items.length === 1 || plans.length === 1),
  };
}

/** The question with the number of deletions in leaving deployments; undefined for the usual question. */
function questionOf(tasks: readonly Task[]): string | undefined {
  const theirs = tasks.filter(({ planItem }) => isOfLeaving(planItem));
  const [leaving] = leavingTexts(theirs.map(({ target }) => target.name));
  if (leaving === undefined) return undefined;
  const { size } = new Set(tasks.map(({ target }) => target.deployment_id));
  return `Apply ${counted(tasks.length, "automation")} in ${counted(size, "deployment")} (${leaving})?`;
}

/** Throws UsageError if the changes need an answer and the user can't be asked. */
function checkAttended(tasks: readonly Task[]): void {
  if (tasks.length === 0) return;
  const what = tasks.length === 1 ? "this change needs" : `these ${tasks.length} changes need`;
  throw new UsageError(`the manifest comes from stdin, and no terminal could be opened: ${what} --yes`, {
    hint: "nothing was changed",
  });
}

/** Throws UsageError if there is a deletion, but neither `--yes` nor a user to confirm it. */
function checkConfirmation(tasks: readonly Task[], mayChange: boolean): void {
  const deletions = tasks.filter(({ planItem }) => planItem.action === "delete").length;
  if (deletions === 0 || mayChange) return;
  const what = deletions === 1 ? "1 deletion needs" : `${deletions} deletions need`;
  throw new UsageError(`${what} --yes when herm can't ask; nothing was changed`);
}
