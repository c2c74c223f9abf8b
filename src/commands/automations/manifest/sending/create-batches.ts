import type { CreateOnce } from "../../../../changes/once.js";
import { fieldsToCreate, type Task } from "../../../../manifest/plan/fleet-plan.js";
import type { PlanItem } from "../../../../manifest/plan/plan-item.js";
import type { OpenChange, RecordedItem } from "../../../sending/change.js";
import { creationItem } from "../../../sending/items.js";
import type { StepRecorder } from "../record/writer.js";
import type { DeploymentLocks } from "./deployment-locks.js";

/** Most creates recorded at once: a kill leaves them open though they were never sent. */
const mostInBatch = 32;

export interface BatchWork {
  tasks: readonly Task[];
  change: Pick<OpenChange, "add">;
  locks: Pick<DeploymentLocks, "isToBeSent">;
  recorder?: Pick<StepRecorder, "beginCreate" | "cancelCreate"> | undefined;
}

/** A create with its key in the record. */
export type KeyedCreate = CreateOnce & Pick<PlanItem, "key">;

/** A create to send, and its records, which must be on the disk before. */
interface Recording {
  create: KeyedCreate;
  items: Promise<readonly RecordedItem[]>;
}

/** Records the creates of a deployment before they are sent, several at once: they wait for the disk once. */
export class CreateBatches {
  readonly #recordings = new Map<Task, Recording>();
  readonly #batched = new Set<Task>();

  constructor(private readonly work: BatchWork) {}

  /** Takes the create of a task that may be sent now. */
  take(task: Task): Recording {
    const recording = this.#recordings.get(task) ?? this.#recordBatch(task);
    this.#recordings.delete(task);
    return recording;
  }

  /** Cancels what was recorded and is never sent. */
  close(): void {
    for (const { create } of this.#recordings.values()) this.work.recorder?.cancelCreate(create);
  }

  #recordBatch(first: Task): Recording {
    const { tasks, locks } = this.work;
    const at = tasks.indexOf(first) + 1;
    const batch = tasks
      .slice(at, at + mostInBatch - 1)
      .filter((task) => isAlike(task, first) && !this.#batched.has(task) && locks.isToBeSent(task));
    const recording = this.#record(first);
    for (const task of batch) this.#recordings.set(task, this.#record(task));
    return recording;
  }

  #record(task: Task): Recording {
    const { change, recorder } = this.work;
    this.#batched.add(task);
    const create = createOf(task, this.work.tasks.length > 1);
    const adding = change.add([creationItem(create.deployment_id, create.fields)]);
    const items = Promise.all([adding, recorder?.beginCreate(create)]).then(([added]) => added);
    // Whoever takes it hears of a failure.
    items.catch(() => undefined);
    return { create, items };
  }
}

function isAlike({ target, change: { action } }: Task, first: Task): boolean {
  return action === "create" && target.deployment_id === first.target.deployment_id;
}

function createOf({ target: { deployment_id, name }, change, known }: Task, isMany: boolean): KeyedCreate {
  const called = isMany ? `"${change.name}" in ${name}` : undefined;
  return { deployment_id, fields: fieldsToCreate(change), known, called, key: change.key };
}
