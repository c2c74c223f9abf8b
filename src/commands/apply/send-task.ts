/** Sends the tasks of an apply, each with its deployment locked. */

import type { Automation, AutomationFields } from "../../api/types.js";
import { createOnce } from "../../changes/once.js";
import { type PlannedChange, prepareDelete, prepareUpdate } from "../../changes/planned-change.js";
import type { Context } from "../../context/context.js";
import { ChangeIgnoredError, type CliError, NotPossibleError } from "../../errors/cli-errors.js";
import { mayBeUnfinished } from "../../errors/exit-code.js";
import type { ItemResult, Success } from "../../fleet/outcome.js";
import { listCurrentAutomations } from "../../fleet/read-fleet.js";
import { unlessGone } from "../../fleet/read-many.js";
import type { NewItem } from "../../history/change.js";
import { groupBy } from "../../manifest/group-by.js";
import { positionText } from "../../manifest/mistake.js";
import {
  type DeploymentPlan,
  fieldsToCreate,
  fieldsToSend,
  type Task,
} from "../../manifest/plan/fleet-plan.js";
import { notInRecord, type PlanItem } from "../../manifest/plan/plan-item.js";
import { type PendingCreate, pendingCreate } from "../../manifest/record/automation-record.js";
import type { SendTools } from "../../operations/operation.js";
import { type CreatedNames, duplicateNamesError } from "../../operations/sending/duplicates.js";
import { creationItem, deletionItem, updateItem } from "../../operations/sending/items.js";
import { type HeldLock, lockDeployment } from "../../operations/sending/locks.js";
import type { OpenChange } from "../../operations/sending/open-change.js";
import type { Printer } from "../../output/printer.js";
import { NextRunCheck } from "../automations/shared/next-runs.js";
import type { RecordWriter } from "../manifest/record/writer.js";

/** A create to send, and its records, which must be on disk first. */
interface RecordedCreate {
  fields: AutomationFields;
  pending: PendingCreate;
  added: Promise<NewItem>;
}

/** Sends planned tasks in locked deployments: creates at most once, and only changed fields. `close` it last. */
export class TaskSender {
  readonly #locks: DeploymentLocks;
  readonly #nextRuns = new NextRunCheck();
  /** Creates that are recorded but not sent yet. */
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

  /** Warns about next runs at unplanned times; returns the error if others have since created the same names. */
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

  /** Records all creates for a deployment before it sends the first, so that it waits for the disk only once. */
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
      // The failure is reported when the create is sent.
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

  /** Throws the API's NotFoundError if the automation no longer exists. */
  async #sendDeletion(plan: PlannedChange, { change, settleLater }: SendTools) {
    const { deployment_id, automation_id } = plan;
    const ready = await prepareDelete(this.context, plan);
    await this.work.recorder?.beginDelete(deployment_id, automation_id);
    return change.sendReady(deletionItem({ deployment_id, before: ready.before }), ready, settleLater);
  }
}

/** The change for a task, with the state that was read for the plan. */
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

/** Tasks to send, one deployment at a time, with their context. */
interface TaskSending {
  tasks: readonly Task[];
  /** Plans one deployment again; `listed` is its current list. */
  planAgain(deployment_id: string, listed: readonly Automation[]): Promise<DeploymentPlan | undefined>;
  printer: Printer;
  recorder?: RecordWriter | undefined;
}

interface LockedDeployment {
  tasks: readonly Task[];
  /** Tasks that may still send a change. */
  open: Set<Task>;
  opening?: Promise<void> | undefined;
  lock?: HeldLock;
  /** The current plan, if something has changed since the first plan. */
  plan?: DeploymentPlan | undefined;
}

/**
 * Locks each deployment during an apply, from its first task to its last, after the user has confirmed. Lists it again
 * before the first task, so that automations created by another run aren't created twice.
 */
class DeploymentLocks {
  readonly #locked: ReadonlyMap<string, LockedDeployment>;

  constructor(
    private readonly context: Context,
    private readonly work: TaskSending,
  ) {
    const groups = groupBy(work.tasks, ({ target }) => target.deployment_id);
    this.#locked = new Map([...groups].map(([id, tasks]) => [id, { tasks, open: new Set(tasks) }]));
  }

  /**
   * Waits until the task may be sent. Returns the id if the automation to create already exists. `own` is the id of its
   * change. Throws NotPossibleError if the task is no longer possible, or the lock isn't free in time.
   */
  async begin(task: Task, own: string): Promise<string | undefined> {
    const locked = this.#locked.get(task.target.deployment_id);
    if (locked === undefined) return undefined;
    locked.opening ??= this.#open(locked, task, own);
    await locked.opening;
    return resultNow(task, locked);
  }

  /** The tasks in a locked deployment that are still as planned. */
  toBeSent(deployment_id: string): Task[] {
    const { tasks = [], plan } = this.#locked.get(deployment_id) ?? {};
    return tasks.filter(
      ({ planItem }) => plan?.error === undefined && changeNow(planItem, plan) === undefined,
    );
  }

  /** Marks a task as sent. A second call does nothing. */
  finishTask(task: Task): void {
    const locked = this.#locked.get(task.target.deployment_id);
    locked?.open.delete(task);
    if (locked?.open.size === 0) locked.lock?.release();
  }

  /** Unlocks deployments whose tasks were never started. */
  close(): void {
    for (const { lock } of this.#locked.values()) lock?.release();
  }

  async #open(locked: LockedDeployment, { target, existingIds }: Task, own: string): Promise<void> {
    const { deployment_id, name } = target;
    const { printer, planAgain } = this.work;
    const creates = locked.tasks.flatMap(({ planItem: { action, name, changes } }) =>
      action === "create" ? [{ name, schedule: changes?.schedule?.to ?? "" }] : [],
    );
    const request = {
      deployment_id,
      deployment: name,
      work: "applying to",
      creates,
      ownChangeId: own,
      printer,
    } as const;
    const { signal } = this.context;
    locked.lock = await lockDeployment(this.context, request);
    const { data: listed } = await listCurrentAutomations(await this.context.client(), deployment_id, {
      signal,
    });
    const came = listed.filter(({ automation_id }) => !existingIds.has(automation_id));
    for (const { automation_id } of came) existingIds.add(automation_id);
    if (came.length > 0) locked.plan = await planAgain(deployment_id, listed);
  }
}

function resultNow({ planItem }: Task, { plan }: LockedDeployment): string | undefined {
  if (plan?.error !== undefined) throw plan.error;
  const now = changeNow(planItem, plan);
  if (now === undefined) return undefined;
  const { action, automation_id = "", error, reason } = now;
  if (error !== undefined) throw new NotPossibleError(error);
  if (action === "unchanged" || (action === "skipped" && reason !== notInRecord)) return automation_id;
  const why = action === "skipped" ? `is ${notInRecord}` : "differs";
  throw new NotPossibleError(`${automation_id} has been created since, and ${why}: nothing was sent`);
}

/** The current item, if a create would now change an existing automation or the change is no longer possible. */
function changeNow(change: PlanItem, plan: DeploymentPlan | undefined): PlanItem | undefined {
  const now = plan?.items.find((each) => isSameItem(each, change));
  if (now?.error !== undefined) return now;
  return change.action !== "create" || now?.action === "create" ? undefined : now;
}

function isSameItem({ position, name }: PlanItem, other: PlanItem): boolean {
  return (
    name === other.name &&
    (position && positionText(position)) === (other.position && positionText(other.position))
  );
}
