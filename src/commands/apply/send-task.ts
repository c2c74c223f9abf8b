import type { AutomationFields } from "../../api/types.js";
import { createOnce } from "../../changes/once.js";
import { type PlannedChange, prepareDelete, prepareUpdate } from "../../changes/planned-change.js";
import type { Context } from "../../context/context.js";
import { ChangeIgnoredError, type CliError, NotPossibleError } from "../../errors/errors.js";
import { mayBeUnfinished } from "../../errors/exit-code.js";
import type { ItemResult, Success } from "../../fleet/outcome.js";
import { unlessGone } from "../../fleet/read-many.js";
import type { NewItem } from "../../history/change.js";
import { groupBy } from "../../manifest/group-by.js";
import { fieldsToCreate, fieldsToSend, type Task } from "../../manifest/plan/fleet-plan.js";
import { type PendingCreate, pendingCreate } from "../../manifest/record/automation-record.js";
import type { SendTools } from "../../operations/operation.js";
import type { OpenChange } from "../../operations/sending/change.js";
import { type CreatedNames, duplicateNamesError } from "../../operations/sending/duplicates.js";
import { creationItem, deletionItem, updateItem } from "../../operations/sending/items.js";
import { NextRunCheck } from "../automations/shared/next-runs.js";
import { DeploymentLocks, type TaskSending } from "./deployment-locks.js";

/** A create to send, and its records, which must be on the disk before. */
interface RecordedCreate {
  fields: AutomationFields;
  pending: PendingCreate;
  added: Promise<NewItem>;
}

/**
 * Sends planned tasks, each deployment locked: a create at most once, of an update what differs. `close` it once
 * nothing more is sent.
 */
export class TaskSender {
  readonly #locks: DeploymentLocks;
  readonly #nextRuns = new NextRunCheck();
  /** Creates that are recorded, and not sent yet. */
  readonly #recorded = new Map<Task, RecordedCreate>();

  constructor(
    private readonly context: Context,
    private readonly work: TaskSending,
  ) {
    this.#locks = new DeploymentLocks(context, work);
  }

  async send(task: Task, tools: SendTools): Promise<Success<string>> {
    const { action, name } = task.planItem;
    try {
      const existing = await this.#locks.begin(task, tools.change.id);
      if (existing !== undefined) {
        await this.work.recorder?.finishIfPending(task.target.deployment_id, name, existing);
        return { result: "unchanged", value: existing };
      }
      if (action === "create") return { result: "done", value: await this.#create(task, tools) };
      return await (action === "delete" ? this.#delete(task, tools) : this.#update(task, tools));
    } finally {
      this.#locks.finishTask(task);
    }
  }

  /** Warns of next runs at another time than planned; gives the error of the same names that somebody else created meanwhile. */
  after(results: readonly ItemResult<Task, string>[]): Promise<CliError | undefined> {
    const { printer } = this.work;
    this.#nextRuns.warn(printer);
    return duplicateNamesError(this.context, { places: createdNames(results), printer });
  }

  close(): void {
    for (const { pending } of this.#recorded.values()) this.work.recorder?.cancelCreate(pending);
    this.#locks.close();
  }

  async #create(task: Task, { change, settleLater }: SendTools): Promise<string> {
    const { recorder } = this.work;
    const { deployment_id } = task.target;
    if (!this.#recorded.has(task)) this.#recordCreates(deployment_id, change);
    const { fields, pending, added } = this.#recorded.get(task) as RecordedCreate;
    this.#recorded.delete(task);
    const keep = async (automation_id: string) => {
      task.existingIds.add(automation_id);
      await recorder?.finishCreate(pending, automation_id);
    };
    const once = {
      ...createOnce(this.context, { deployment_id, fields, known: task.existingIds }),
      onLost: () => this.#locks.finishTask(task),
    };
    const sending = added.then((item) => change.send(item, once, settleLater));
    const made = await sending.catch(async (error: unknown) => {
      const madeId = error instanceof ChangeIgnoredError ? error.createdId : undefined;
      if (madeId !== undefined) await keep(madeId);
      else if (!mayBeUnfinished(error)) recorder?.cancelCreate(pending);
      throw error;
    });
    await keep(made.automation_id);
    await this.#nextRuns.compare(made, { name: task.planItem.name, schedule: fields.schedule });
    return made.automation_id;
  }

  /** Records all creates of a deployment before the first of them is sent: they wait for the disk once. */
  #recordCreates(deployment_id: string, change: OpenChange): void {
    const { recorder } = this.work;
    const creates = this.#locks
      .toBeSent(deployment_id)
      .filter((task) => task.planItem.action === "create")
      .map((task) => {
        const fields = fieldsToCreate(task.planItem);
        const pending = pendingCreate(deployment_id, fields, task.planItem);
        return { task, fields, pending, item: creationItem(deployment_id, fields) };
      });
    const adding = change.add(creates.map(({ item }) => item));
    for (const [at, { task, fields, pending, item }] of creates.entries()) {
      const added = Promise.all([adding, recorder?.beginCreate(pending)]).then(([all]) => all[at] ?? item);
      // Whoever sends it hears of a failure.
      added.catch(() => undefined);
      this.#recorded.set(task, { fields, pending, added });
    }
  }

  async #update(task: Task, tools: SendTools): Promise<Success<string>> {
    const { name } = task.planItem;
    const plan = planOf(task);
    const { deployment_id, automation_id: value } = plan;
    const fields = fieldsToSend(task.planItem);
    const ready = await prepareUpdate(this.context, { ...plan, fields });
    const item = updateItem({ deployment_id, before: ready.before }, fields);
    const sending = tools.change.sendReady(item, ready, tools.settleLater);
    const done = await unlessGone(sending.then((sent) => ({ sent })));
    if (done === undefined) throw new NotPossibleError(`${value} is gone`);
    if (done.sent === undefined) return { result: "unchanged", value };
    const { schedule } = fields;
    if (schedule !== undefined) await this.#nextRuns.compare(done.sent.answer, { name, schedule });
    return { result: "done", value };
  }

  async #delete(task: Task, tools: SendTools): Promise<Success<string>> {
    const plan = planOf(task);
    const { deployment_id, automation_id: value } = plan;
    const sent = await unlessGone(this.#sendDeletion(plan, tools));
    this.work.recorder?.finishDelete(deployment_id, value);
    return { result: sent === undefined ? "unchanged" : "done", value };
  }

  /** Throws the API's NotFoundError where it is gone already. */
  async #sendDeletion(plan: PlannedChange, { change, settleLater }: SendTools) {
    const { deployment_id, automation_id } = plan;
    const ready = await prepareDelete(this.context, plan);
    await this.work.recorder?.beginDelete(deployment_id, automation_id);
    return change.sendReady(deletionItem({ deployment_id, before: ready.before }), ready, settleLater);
  }
}

/** The change that a task makes, with what was read when it was planned. */
function planOf({
  target: { deployment_id },
  planItem: { automation_id = "", before },
}: Task): PlannedChange {
  return { deployment_id, automation_id, planned: before ?? {} };
}

function createdNames(results: readonly ItemResult<Task, string>[]): CreatedNames[] {
  const made = results.flatMap(({ item, outcome }) =>
    item.planItem.action === "create" && outcome.result === "done"
      ? [{ item, automation_id: outcome.value }]
      : [],
  );
  return [...groupBy(made, ({ item }) => item.target.deployment_id)].flatMap(([deployment_id, theirs]) => {
    const [first] = theirs;
    if (first === undefined) return [];
    const { target, existingIds } = first.item;
    const names = groupBy(theirs, ({ item }) => item.planItem.name);
    return [{ deployment_id, deployment: target.name, names, known: existingIds }];
  });
}
