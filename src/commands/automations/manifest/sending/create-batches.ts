import type { CreateOnce } from "../../../../changes/once-sender.js";
import { fieldsToCreate, type Task } from "../../../../manifest/plan/fleet-plan.js";
import { type PendingCreate, pendingCreate } from "../../../../manifest/record/automation-record.js";
import type { OpenChange, RecordedItem } from "../../../sending/change.js";
import { creationItem } from "../../../sending/items.js";
import type { DeploymentLocks, TaskSending } from "./deployment-locks.js";

/** Most creates recorded at once: a kill leaves them open though they were never sent. */
const mostInBatch = 32;

/** A create to send, and its records, which must be on the disk before. */
interface Recording {
  create: CreateOnce;
  pending: PendingCreate;
  items: Promise<readonly RecordedItem[]>;
}

/** Records the creates of a deployment before they are sent, several at once: they wait for the disk once. */
export class CreateBatches {
  readonly #recordings = new Map<Task, Recording>();
  readonly #batched = new Set<Task>();

  constructor(
    private readonly work: TaskSending,
    private readonly tools: { change: OpenChange; locks: DeploymentLocks },
  ) {}

  /** Takes the create of a task that may be sent now. */
  take(task: Task): Recording {
    const recording = this.#recordings.get(task) ?? this.#recordBatch(task);
    this.#recordings.delete(task);
    return recording;
  }

  close(): void {
    for (const { pending } of this.#recordings.values()) this.work.recorder?.cancelCreate(pending);
  }

  #recordBatch(first: Task): Recording {
    const { tasks } = this.work;
    const at = tasks.indexOf(first) + 1;
    const isToBeCreated = (task: Task) =>
      task.change.action === "create" &&
      task.target.deployment_id === first.target.deployment_id &&
      !this.#batched.has(task) &&
      this.tools.locks.isToBeSent(task);
    const batch = tasks.slice(at, at + mostInBatch - 1).filter(isToBeCreated);
    const recording = this.#record(first);
    for (const task of batch) this.#recordings.set(task, this.#record(task));
    return recording;
  }

  #record(task: Task): Recording {
    const { recorder, tasks } = this.work;
    this.#batched.add(task);
    const { target, change, known } = task;
    const { deployment_id } = target;
    const fields = fieldsToCreate(change);
    const label = tasks.length > 1 ? `"${change.name}" in ${target.name}` : undefined;
    const pending = pendingCreate(deployment_id, fields, change.key);
    const adding = this.tools.change.add([creationItem(deployment_id, fields)]);
    const items = Promise.all([adding, recorder?.beginCreate(pending)]).then(([added]) => added);
    // Whoever takes it hears of a failure.
    items.catch(() => undefined);
    return { create: { deployment_id, fields, known, label }, pending, items };
  }
}
