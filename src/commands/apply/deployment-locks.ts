import type { Automation } from "../../api/types.js";
import type { Context } from "../../context/context.js";
import { NotPossibleError } from "../../errors/errors.js";
import { listCurrentAutomations } from "../../fleet/read-fleet.js";
import { groupBy } from "../../manifest/group-by.js";
import { positionText } from "../../manifest/mistake.js";
import type { DeploymentPlan, Task } from "../../manifest/plan/fleet-plan.js";
import { notInRecord, type PlanItem } from "../../manifest/plan/plan-item.js";
import { lockDeployment } from "../../operations/sending/deployment-lock.js";
import type { HeldLock } from "../../operations/sending/wait-for-lock.js";
import type { Printer } from "../../output/printer.js";
import type { RecordWriter } from "../manifest/record/writer.js";

/** Tasks to send, deployment by deployment, and what they are sent with. */
export interface TaskSending {
  tasks: readonly Task[];
  /** Plans one deployment again; `listed` is what its list says now. */
  planAgain(deployment_id: string, listed: readonly Automation[]): Promise<DeploymentPlan | undefined>;
  printer: Printer;
  recorder?: RecordWriter | undefined;
}

interface LockedDeployment {
  tasks: readonly Task[];
  /** Tasks that may still send something. */
  open: Set<Task>;
  opening?: Promise<void> | undefined;
  lock?: HeldLock;
  /** The plan of now, where something came in since the first. */
  plan?: DeploymentPlan | undefined;
}

/**
 * Locks each deployment for an apply, from its first task, after the question, to its last. It is listed again then:
 * what another run has made meanwhile isn't created twice.
 */
export class DeploymentLocks {
  readonly #locked: ReadonlyMap<string, LockedDeployment>;

  constructor(
    private readonly context: Context,
    private readonly work: TaskSending,
  ) {
    const groups = groupBy(work.tasks, ({ target }) => target.deployment_id);
    this.#locked = new Map([...groups].map(([id, tasks]) => [id, { tasks, open: new Set(tasks) }]));
  }

  /**
   * Waits until the task may be sent. Returns the id where what it was to create exists already: then nothing is sent.
   * `own`: id of its change. Throws NotPossibleError where it can't be done any more, or the lock can't be had in time.
   */
  async begin(task: Task, own: string): Promise<string | undefined> {
    const locked = this.#locked.get(task.target.deployment_id);
    if (locked === undefined) return undefined;
    locked.opening ??= this.#open(locked, task, own);
    await locked.opening;
    return resultNow(task, locked);
  }

  /** The tasks of a locked deployment that are still as planned. */
  toBeSent(deployment_id: string): Task[] {
    const { tasks = [], plan } = this.#locked.get(deployment_id) ?? {};
    return tasks.filter(
      ({ planItem }) => plan?.error === undefined && changeNow(planItem, plan) === undefined,
    );
  }

  /** Notes that nothing more is sent for the task. A second call does nothing. */
  finishTask(task: Task): void {
    const locked = this.#locked.get(task.target.deployment_id);
    locked?.open.delete(task);
    if (locked?.open.size === 0) locked.lock?.release();
  }

  /** Unlocks what is still locked because tasks were never begun. */
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
  throw new NotPossibleError(`${automation_id} was created since, and ${why}: nothing was sent`);
}

/** The item of now, for a create that isn't one any more, or a change that can't be done. */
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
