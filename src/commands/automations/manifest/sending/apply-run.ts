import type { CommandChanges } from "../../../../command/rerun-command.js";
import type { Context } from "../../../../context.js";
import { UsageError } from "../../../../errors.js";
import { wentWrong } from "../../../../fleet/outcome.js";
import { checkDeletions, type Task, tasksOf } from "../../../../manifest/plan/fleet-plan.js";
import { isDeletedThere, isOfLeaving } from "../../../../manifest/plan/plan-item.js";
import type { Plan } from "../../../../operations/operation.js";
import { Names } from "../../../../operations/rows/names.js";
import { type FleetRow, unreadableRow } from "../../../../operations/rows/rows.js";
import { runOperation } from "../../../../operations/run-operation.js";
import { counted } from "../../../../output/count.js";
import type { Prompts } from "../../../../prompts.js";
import { failureOfPlans } from "../planning/failures.js";
import type { RecordedPlanning } from "../planning/plans.js";
import type { PlanPrinter } from "../view/plan-printer.js";
import { restRow, taskSubject } from "../view/task-rows.js";
import { TaskSender } from "./send-task.js";

export interface PlanSource {
  input: { dryRun: boolean; yes: boolean; maxFailures?: number | undefined; maxDeletes?: number | undefined };
  view: PlanPrinter;
  canAsk: boolean;
  /** Prompts on the terminal itself, where stdin has the manifest. */
  prompts?: Prompts | undefined;
  /** True when somebody sits there, and can't be asked. */
  isLeftAlone?: boolean;
  isSaved?: boolean;
  prune: boolean;
  plan(): Promise<RecordedPlanning>;
  /** Replaces printing the plan in a dry run. */
  preview?(planning: RecordedPlanning): Promise<void>;
  /** The command that does the rest; `left`: rows still to do. */
  again(planning: RecordedPlanning, left: readonly FleetRow[]): CommandChanges | string;
}

/** Applies plans, each deployment locked, or shows them where nothing is to be done. */
export async function applyPlan(context: Context, source: PlanSource): Promise<RecordedPlanning> {
  const { input, view, canAsk, prompts } = source;
  let planned: RecordedPlanning | undefined;
  let sender: TaskSender | undefined;
  const planning = () => planned ?? fail("nothing is planned yet");
  const work = runOperation<Task, string>(context, {
    words: { verb: "Apply", doing: "Applying", done: "applied" },
    input,
    confirmationSubject: canAsk ? "apply" : undefined,
    prompts,
    // A job's history ends with it.
    canBeUndone: !context.settings.env("CI"),
    subject: taskSubject,
    plan: async () => {
      planned = await source.plan();
      return planOf(planned, source);
    },
    fileView: {
      printDryRun: () => source.preview?.(planning()) ?? view.preview(planning(), input),
      show: (isShown) => view.beforeSending(planning(), isShown),
      report: (results) => view.printResults(planning(), results),
    },
    beforeSending: async (tasks) => {
      checkConfirmation(tasks, input.yes || canAsk);
      if (source.isLeftAlone && !input.yes) checkAttended(tasks);
      const { planAgain, record: { recorder } = {} } = planning();
      recorder?.begin();
      const { printer } = view;
      const { isSaved } = source;
      const sending = { lockedWork: "applying to", tasks, planAgain, recorder, isSaved, printer } as const;
      sender = new TaskSender(context, sending);
    },
    send: async (task, tools) => (sender ?? fail("nothing is begun yet")).send(task, tools),
    detail: (_, success) => (success === undefined ? {} : { automation_id: success.value }),
    after: ({ results }) => sender?.after(results),
    assertFinalState: () => {
      const { record } = planning();
      sender?.refuse(record && `apply --remove-duplicates deletes copies of what ${record.file} has`);
    },
  });
  await work.finally(() => {
    sender?.close();
    const { record, plans = [] } = planned ?? {};
    record?.update(plans, source);
    record?.close();
  });
  return planning();
}

function fail(message: string): never {
  throw new Error(message);
}

function planOf(planning: RecordedPlanning, { input, again }: PlanSource): Plan<Task> {
  const { plans, record } = planning;
  if (!input.dryRun) {
    const recorded = record?.contents.entries.length;
    checkDeletions(plans, { mostDeletes: input.maxDeletes, recorded });
  }
  const items = tasksOf(plans);
  const sent = new Set(items.map(({ planItem }) => planItem));
  const deployments = plans.map(({ target: { deployment_id, name } }) => ({ deployment_id, name }));
  const unsentRows = plans.flatMap((plan) => {
    const { error, target } = plan;
    const rest = plan.items.filter((change) => !sent.has(change) && !isDeletedThere(change));
    const rows = rest.map((change) => restRow(plan, change));
    // A deployment that failed before any of its items was planned gets one failed row.
    return error !== undefined && plan.items.length === 0
      ? [unreadableRow({ deployment: { deployment_id: target.deployment_id }, automations: [], error })]
      : rows;
  });
  const hasNoFailure = !unsentRows.some(wentWrong);
  return {
    items,
    unsentRows,
    unreadable: [],
    deployments,
    names: new Names([...items.map(taskSubject), ...unsentRows], deployments),
    retryCommand: (left) => again(planning, left),
    view: {},
    question: questionOf(items),
    failure: (hint) => failureOfPlans(plans, { hint }),
    recorded: { record: record?.recorder?.file },
    isOneItem: hasNoFailure && (items.length === 1 || plans.length === 1),
  };
}

/** Counts deletions in deployments that leave; undefined: asked as usual. */
function questionOf(tasks: readonly Task[]): string | undefined {
  const leaving = tasks.filter(({ planItem }) => isOfLeaving(planItem));
  if (leaving.length === 0) return undefined;
  const countOf = (of: readonly Task[]) => new Set(of.map(({ target }) => target.deployment_id)).size;
  const theirs = countOf(leaving);
  const deletions = `${counted(leaving.length, "deletion")} in ${counted(theirs, "leaving deployment")}`;
  return `Apply ${counted(tasks.length, "automation")} in ${counted(countOf(tasks), "deployment")} (${deletions})?`;
}

/** Throws UsageError where somebody sits there, can't be asked, and something is to be changed. */
function checkAttended(tasks: readonly Task[]): void {
  if (tasks.length === 0) return;
  const what = tasks.length === 1 ? "this change needs" : `these ${tasks.length} changes need`;
  throw new UsageError(`stdin has the manifest, and no terminal could be opened: ${what} --yes`, {
    hint: "nothing was changed",
  });
}

/** Throws UsageError where something would be deleted, without `--yes` and anybody to ask. */
function checkConfirmation(tasks: readonly Task[], mayChange: boolean): void {
  const deletions = tasks.filter(({ planItem }) => planItem.action === "delete").length;
  if (deletions === 0 || mayChange) return;
  const what = deletions === 1 ? "1 deletion needs" : `${deletions} deletions need`;
  throw new UsageError(`${what} --yes when herm can't ask; nothing was changed`);
}
