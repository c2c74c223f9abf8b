import type { CreateOnce, OnceSender } from "../../../changes/once.js";
import { fieldsToCreate, type Task } from "../../../manifest/fleet-plan.js";
import type { OpenChange, RecordedItem } from "../../sending/change.js";
import { creationItem } from "../../sending/items.js";
import type { TaskKeeping } from "./record-keeper.js";
import type { Turns } from "./turns.js";

/** So many at once: a slow disk is waited for seldom, and while others are sent. */
const mostAhead = 32;
const fewestAhead = 16;

export interface AheadWork {
  /** In the order in which they are done. */
  tasks: readonly Task[];
  sender: Pick<OnceSender, "openAhead">;
  change: Pick<OpenChange, "add">;
  turns: Pick<Turns, "hasCome" | "isToBeSent" | "takeAhead">;
  keeping?: Pick<TaskKeeping, "making" | "unmade"> | undefined;
}

/** What is sent for a task, and its record, which must be on the disk before. */
interface Prepared {
  create: CreateOnce;
  recording: Promise<RecordedItem[]>;
}

/**
 * Opens the intents of an apply's creates, and records them, before they are sent, as far as their deployments' turns have come, and takes the
 * next turn meanwhile.
 */
export class CreatesAhead {
  readonly #creates = new Map<Task, Prepared>();
  #started = 0;
  #looked = 0;

  constructor(private readonly work: AheadWork) {}

  /** One more task is started: it opens its own intent, where that isn't done. */
  count(): void {
    this.#started += 1;
  }

  /** What was prepared and is never sent. */
  close(): void {
    for (const { create } of this.#creates.values()) this.work.keeping?.unmade(create);
  }

  /** What to send for a task whose turn has come. */
  take(task: Task): Prepared {
    const prepared = this.#creates.get(task) ?? this.#prepare(task);
    this.#creates.delete(task);
    this.#open();
    return prepared;
  }

  /** What is written before it is sent waits for the disk together. */
  #prepare(task: Task): Prepared {
    const { sender, change, keeping } = this.work;
    const create = createOf(task, this.work.tasks.length > 1);
    sender.openAhead(create);
    const adding = change.add([creationItem(create.deploymentId, create.fields)]);
    const recording = Promise.all([adding, keeping?.making(create)]).then(([items]) => items);
    // Whoever takes it is told of a failure, if it ever comes to that.
    recording.catch(() => undefined);
    return { create, recording };
  }

  #open(): void {
    const { tasks, turns } = this.work;
    this.#looked = Math.max(this.#looked, this.#started);
    if (this.#looked - this.#started >= fewestAhead) return;
    const end = Math.min(this.#started + mostAhead, tasks.length);
    for (; this.#looked < end; this.#looked += 1) {
      const task = tasks[this.#looked];
      if (task === undefined) return;
      if (!turns.hasCome(task)) {
        // The first create goes alone: it may be refused, and then nothing else is sent.
        if (this.#started > 1) turns.takeAhead(task);
        return;
      }
      if (task.change.action !== "create" || !turns.isToBeSent(task)) continue;
      this.#creates.set(task, this.#prepare(task));
    }
  }
}

function createOf({ target: { deploymentId, name }, change, known }: Task, isMany: boolean): CreateOnce {
  const called = isMany ? `"${change.name}" in ${name}` : undefined;
  return { deploymentId, fields: fieldsToCreate(change), known, called };
}
