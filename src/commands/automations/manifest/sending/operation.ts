import type { CommandChanges } from "../../../../command/command-again.js";
import type { Context } from "../../../../context.js";
import type { Hint } from "../../../../errors.js";
import type { ItemResult } from "../../../../fleet/outcome.js";
import { checkDeletions, type Task, tasksOf } from "../../../../manifest/plan/fleet-plan.js";
import { isOfLeaving } from "../../../../manifest/plan/plan-item.js";
import { counted } from "../../../../output/count.js";
import type { Printer } from "../../../../output/printer.js";
import type { Prompts } from "../../../../prompts.js";
import { Names } from "../../../fleet/names.js";
import { type FleetRow, unreadableRow } from "../../../fleet/rows.js";
import { conduct } from "../../../operations/conduct.js";
import type { Plan } from "../../../operations/operation.js";
import {
  type DuplicateName,
  duplicateNameText,
  refuseDuplicateNames,
} from "../../../sending/duplicate-names.js";
import type { RecordedPlanning } from "../planning/plans.js";
import { failureOfPlans } from "../planning/plans-failure.js";
import type { SetReport } from "../report/flag.js";
import { previewPlans, printBeforeSending, printResults } from "../view/show.js";
import { restRow, subjectOf } from "../view/task-rows.js";
import { checkAttended, checkConfirmation, defaultMostDeletes } from "./confirmation.js";
import { TaskSender } from "./send-task.js";

export interface Asking {
  canAsk: boolean;
  /** Prompts on the terminal itself, where stdin has the manifest. */
  prompts?: Prompts | undefined;
  /** True when somebody sits there, and can't be asked. */
  isLeftAlone?: boolean;
}

/** Plans to apply: of files, or saved. */
export interface Applying extends Asking {
  input: { dryRun: boolean; yes: boolean; maxFailures?: number | undefined; maxDeletes?: number | undefined };
  printer: Printer;
  setReport: SetReport;
  isSaved?: boolean;
  plan(): Promise<RecordedPlanning>;
  /** Replaces printing the plan in a dry run. */
  instead?(planning: RecordedPlanning): Promise<void>;
  /** The command that does the rest; `left`: rows still to do. */
  again(planning: RecordedPlanning, left: readonly FleetRow[]): CommandChanges | string;
  /** The hint where somebody else created the same meanwhile. */
  twiceHint(planning: RecordedPlanning, twice: readonly DuplicateName[]): Hint;
  prune: boolean;
}

/** Applies plans by the conductor, each deployment locked, or shows them where nothing is to be done. */
export async function carryOut(context: Context, work: Applying): Promise<RecordedPlanning> {
  const applying = new Carrying(context, work);
  try {
    return await applying.run();
  } finally {
    applying.close();
  }
}

class Carrying {
  #planning: RecordedPlanning | undefined;
  #tasks: readonly Task[] = [];
  #sender: TaskSender | undefined;
  #twice: DuplicateName[] = [];

  constructor(
    private readonly context: Context,
    private readonly work: Applying,
  ) {}

  async run(): Promise<RecordedPlanning> {
    const { context, work } = this;
    const { input, canAsk } = work;
    const planned = () => this.#planned;
    await conduct<Task, string>(context, {
      words: { verb: "Apply", doing: "Applying", done: "applied", toDo: "apply", unchanged: "unchanged" },
      input,
      asks: canAsk ? "apply" : undefined,
      prompts: work.prompts,
      isSingle: false,
      canBeUndone: true,
      plan: () => this.#plan(),
      subject: subjectOf,
      fileView: {
        printDryRun: () =>
          (work.instead ?? ((each) => previewPlans(context, { ...work, ...each })))(planned()),
        show: (isShown) => printBeforeSending(context, { ...work, ...planned(), isShown }),
        report: (results) => printResults(context, { ...work, ...planned(), results }),
      },
      begin: async (tasks) => {
        checkConfirmation(tasks, input.yes || canAsk);
        if (work.isLeftAlone && !input.yes) checkAttended(tasks);
        planned().record?.begin();
      },
      send: async (task, tools) => {
        const { planAgain, record } = planned();
        const sending = { ...work, tasks: this.#tasks, planAgain, recorder: record?.recorder };
        this.#sender ??= new TaskSender(context, { ...sending, command: "apply" });
        return this.#sender.send(task, tools);
      },
      detail: (_, success) => (success === undefined ? {} : { automation_id: success.value }),
      after: ({ results }) => this.#after(results),
      refuse: () =>
        refuseDuplicateNames(
          this.#twice,
          this.#twice.length === 0 ? undefined : work.twiceHint(planned(), this.#twice),
        ),
    });
    return planned();
  }

  close(): void {
    this.#sender?.close();
    const { record, plans = [] } = this.#planning ?? {};
    record?.note(plans, this.work);
    record?.close();
  }

  get #planned(): RecordedPlanning {
    if (this.#planning === undefined) throw new Error("nothing is planned yet");
    return this.#planning;
  }

  async #plan(): Promise<Plan<Task>> {
    const { input, again } = this.work;
    const planning = await this.work.plan();
    this.#planning = planning;
    const { plans, record } = planning;
    if (!input.dryRun) checkDeletions(plans, input.maxDeletes ?? defaultMostDeletes);
    const items = tasksOf(plans);
    this.#tasks = items;
    const sent = new Set(items.map(({ change }) => change));
    const deployments = plans.map(({ target: { deployment_id, name } }) => ({
      deployment_id,
      name,
    }));
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
      names: new Names([...items.map(subjectOf), ...rest], deployments),
      isRestByRefs: false,
      again: (left) => again(planning, left),
      view: {},
      question: questionOf(items),
      failure: (hint) => failureOfPlans(plans, { hint }),
      recorded: { record: record?.recorder?.file },
      isOneItem: isWhole && (items.length === 1 || plans.length === 1),
    };
  }

  async #after(results: readonly ItemResult<Task, string>[]): Promise<void> {
    const { printer } = this.work;
    this.#twice = (await this.#sender?.after(results, printer)) ?? [];
    for (const each of this.#twice) printer.warn(duplicateNameText(each));
  }
}

/** Counts deletions in deployments that leave; undefined: asked as usual. */
function questionOf(tasks: readonly Task[]): string | undefined {
  const leaving = tasks.filter(({ change }) => isOfLeaving(change));
  if (leaving.length === 0) return undefined;
  const [all, theirs] = [tasks, leaving].map(
    (of) => new Set(of.map(({ target }) => target.deployment_id)).size,
  );
  const deletions = `${counted(leaving.length, "deletion")} in ${counted(theirs ?? 0, "deployment")} that ${theirs === 1 ? "leaves" : "leave"}`;
  return `Apply ${counted(tasks.length, "automation")} in ${counted(all ?? 0, "deployment")} (${deletions})?`;
}
