import type { CommandChanges } from "../../../../command/command-again.js";
import type { Context } from "../../../../context.js";
import { UsageError } from "../../../../errors.js";
import type { ItemResult, Success } from "../../../../fleet/outcome.js";
import { checkDeletions, type Task, tasksOf } from "../../../../manifest/plan/fleet-plan.js";
import { isOfLeaving } from "../../../../manifest/plan/plan-item.js";
import { counted } from "../../../../output/count.js";
import type { Prompts } from "../../../../prompts.js";
import { Names } from "../../../fleet/names.js";
import { type FleetRow, unreadableRow } from "../../../fleet/rows.js";
import { conduct } from "../../../operations/conduct.js";
import type { Operation, Plan, SendTools } from "../../../operations/operation.js";
import { failureOfPlans } from "../planning/failures.js";
import type { RecordedPlanning } from "../planning/plans.js";
import type { PlanPrinter } from "../view/show.js";
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
  const run = new ApplyRun(context, source);
  try {
    await conduct<Task, string>(context, run);
    return run.planning;
  } finally {
    run.close();
  }
}

/** One apply, in the order in which the conductor calls it. */
class ApplyRun implements Operation<Task, string> {
  readonly words = {
    verb: "Apply",
    doing: "Applying",
    done: "applied",
  } as const;
  readonly isSingle = false;
  readonly canBeUndone = true;
  readonly subject = taskSubject;
  readonly input: PlanSource["input"];
  readonly asks: string | undefined;
  readonly prompts: Prompts | undefined;
  #planning: RecordedPlanning | undefined;
  #sender: TaskSender | undefined;

  constructor(
    private readonly context: Context,
    private readonly source: PlanSource,
  ) {
    this.input = source.input;
    this.asks = source.canAsk ? "apply" : undefined;
    this.prompts = source.prompts;
  }

  get planning(): RecordedPlanning {
    if (this.#planning === undefined) throw new Error("nothing is planned yet");
    return this.#planning;
  }

  async plan(): Promise<Plan<Task>> {
    const { input, source } = this;
    const planning = await source.plan();
    this.#planning = planning;
    const { plans, record } = planning;
    if (!input.dryRun) checkDeletions(plans, input.maxDeletes);
    const items = tasksOf(plans);
    const sent = new Set(items.map(({ change }) => change));
    const deployments = plans.map(({ target: { deployment_id, name } }) => ({ deployment_id, name }));
    const rest = plans.flatMap((plan) => [
      ...plan.items.flatMap((change) => (sent.has(change) ? [] : [restRow(plan, change)])),
      // One of which the files only say what shall be gone failed too.
      ...(plan.error !== undefined && plan.items.length === 0
        ? [
            unreadableRow({
              deployment: { deployment_id: plan.target.deployment_id },
              automations: [],
              error: plan.error,
            }),
          ]
        : []),
    ]);
    const isWhole = rest.every(({ result }) => result !== "failed");
    return {
      items,
      rest,
      unreadable: [],
      deployments,
      names: new Names([...items.map(taskSubject), ...rest], deployments),
      again: (left) => source.again(planning, left),
      view: {},
      question: questionOf(items),
      failure: (hint) => failureOfPlans(plans, { hint }),
      recorded: { record: record?.recorder?.file },
      isOneItem: isWhole && (items.length === 1 || plans.length === 1),
    };
  }

  readonly fileView = {
    printDryRun: (): Promise<void> =>
      this.source.preview?.(this.planning) ?? this.source.view.preview(this.planning, this.input),
    show: (isShown: boolean): Promise<void> => this.source.view.beforeSending(this.planning, isShown),
    report: (results: readonly ItemResult<Task, string>[]) =>
      this.source.view.results(this.planning, results),
  };

  async begin(tasks: readonly Task[]): Promise<void> {
    const { input, source } = this;
    const { planAgain, record } = this.planning;
    checkConfirmation(tasks, input.yes || source.canAsk);
    if (source.isLeftAlone && !input.yes) checkAttended(tasks);
    record?.recorder?.begin();
    this.#sender = new TaskSender(this.context, {
      lockedWork: "applies to",
      tasks,
      planAgain,
      recorder: record?.recorder,
      isSaved: source.isSaved,
      printer: source.view.printer,
    });
  }

  async send(task: Task, tools: SendTools): Promise<Success<string>> {
    if (this.#sender === undefined) throw new Error("nothing is begun yet");
    return this.#sender.send(task, tools);
  }

  detail(_: Task, success: Success<string> | undefined): Partial<FleetRow> {
    return success === undefined ? {} : { automation_id: success.value };
  }

  async after({ results }: { results: readonly ItemResult<Task, string>[] }): Promise<void> {
    await this.#sender?.after(results);
  }

  refuse(): void {
    const { record } = this.planning;
    this.#sender?.refuse(record && `apply --remove-duplicates deletes copies of what ${record.file} has`);
  }

  close(): void {
    this.#sender?.close();
    const { record, plans = [] } = this.#planning ?? {};
    record?.update(plans, this.source);
    record?.close();
  }
}

/** Counts deletions in deployments that leave; undefined: asked as usual. */
function questionOf(tasks: readonly Task[]): string | undefined {
  const leaving = tasks.filter(({ change }) => isOfLeaving(change));
  if (leaving.length === 0) return undefined;
  const countOf = (of: readonly Task[]) => new Set(of.map(({ target }) => target.deployment_id)).size;
  const theirs = countOf(leaving);
  const deletions = `${counted(leaving.length, "deletion")} in ${counted(theirs, "deployment")} that ${theirs === 1 ? "leaves" : "leave"}`;
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
  const deletions = tasks.filter(({ change }) => change.action === "delete").length;
  if (deletions === 0 || mayChange) return;
  const what = deletions === 1 ? "1 deletion needs" : `${deletions} deletions need`;
  throw new UsageError(`${what} --yes when there is nobody to ask; nothing was changed`);
}
